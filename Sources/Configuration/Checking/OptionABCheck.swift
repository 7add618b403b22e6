import Addressing

/// A VRF exchanges packets with a neighbor by its labels or on circuits of its own, and the far end is on such a circuit.
struct OptionABCheck: ConfigurationCheck {
    private let vrfs: [String: VRFDraft]
    private let interfaces: [InterfaceName: InterfaceDraft]
    private let damaged: Set<Mode>
    private let references: References
    private let report: CheckReport

    init(_ text: CheckedText, _ report: CheckReport) {
        vrfs = text.draft.vrfs
        interfaces = text.draft.interfaces
        damaged = text.draft.damaged
        references = References(text, report)
        self.report = report
    }

    func check(_ configuration: inout Configuration) {
        guard vrfs.values.contains(where: { !$0.circuitNeighbors.isEmpty }) else { return }
        let index = configuration.index
        for (name, vrf) in vrfs.sorted(by: { $0.key < $1.key }) {
            for draft in vrf.circuitNeighbors {
                report.record(.optionAB(vrf: name, neighbor: draft.neighbor.value), at: draft.line)
                checkLabels(of: vrf, draft, index)
                for (family, nextHop) in draft.nextHops.sorted(by: { $0.key < $1.key }) {
                    references.check(family, isCarriedBy: name, at: nextHop.range)
                }
            }
        }
        warnOfMissingCircuits(index)
    }

    /// Said only of a text without errors: a circuit may be in a line that could not be read.
    private func warnOfMissingCircuits(_ index: ConfigurationIndex) {
        guard damaged.isEmpty, !report.hasErrors else { return }
        for vrf in vrfs.values {
            for nextHop in vrf.circuitNeighbors.flatMap(\.nextHops.values) { checkCircuit(of: vrf, nextHop, index) }
        }
    }

    /// The VRF's packets would come in by two doors, one of them with a label that the neighbor is not told.
    private func checkLabels(of vrf: VRFDraft, _ draft: CircuitNeighborDraft, _ index: ConfigurationIndex) {
        let neighbor = draft.neighbor.value
        if let labelled = vrf.neighbors.first(where: { $0.value == neighbor }) {
            let (first, second) =
                labelled.range.line < draft.line.line ? (labelled.range, draft.line) : (draft.line, labelled.range)
            report(
                .conflictingStatement,
                "a VRF is of one option with a neighbor: line \(first.line) says "
                    + "'\(first == draft.line ? "optAB" : "optE") \(neighbor)'", at: second,
                hint: "keep one of the two lines")
        }
        guard let nni = index.nni(towards: neighbor)?.interface.name,
            let unit = index.unit(ofVRF: vrf.name, onNNI: nni)?.name
        else { return }
        let line = interfaces[unit].map { " (line \($0.declared.line))" } ?? ""
        report(
            .conflictingStatement,
            "\(neighbor) is on \(nni), where the VRF has the unit \(unit)\(line): its packets come there with labels",
            at: draft.line, hint: "leave out the unit, or say 'optE \(neighbor)'")
    }

    private func checkCircuit(of vrf: VRFDraft, _ nextHop: Located<IPAddress>, _ index: ConfigurationIndex) {
        guard index.circuit(ofVRF: vrf.name, towards: nextHop.value) == nil else { return }
        report(
            .gatewayOffCircuit,
            nextHop.value.isLinkLocal
                ? "every link has \(nextHop.value) for itself: no packets cross"
                : "\(nextHop.value) is no neighbor on a circuit of VRF '\(vrf.name)': no packets cross",
            at: nextHop.range,
            hint: "the far end has an address on the subnet of an interface with 'vrf definition \(vrf.name)'")
    }
}
