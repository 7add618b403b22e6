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
        warnOfMissingCircuits(configuration, index)
    }

    /// Said only of a text without errors: a circuit may be in a line that could not be read.
    private func warnOfMissingCircuits(_ configuration: Configuration, _ index: ConfigurationIndex) {
        guard damaged.isEmpty, !report.hasErrors else { return }
        for vrf in vrfs.values {
            for draft in vrf.circuitNeighbors {
                for nextHop in draft.nextHops.values { checkCircuit(of: vrf, nextHop, index) }
                guard let session = configuration.bgp?.session(with: NeighborName(address: draft.neighbor.value)) else {
                    continue
                }
                for family in vrf.carriedFamilies.sorted() { checkFamily(family, of: vrf, draft, session) }
            }
        }
    }

    /// Routes of a family cross where packets do.
    private func checkFamily(
        _ family: AddressFamily, of vrf: VRFDraft, _ draft: CircuitNeighborDraft, _ session: BGPSession
    ) {
        let word = family == .ipv4 ? "IPv4" : "IPv6"
        let isExchanged = session.families[SessionFamily(vpn: family)]?.isOptionE == true
        switch (isExchanged, draft.nextHops[family]) {
        case (true, nil):
            report(
                .familyWithoutFarEnd,
                "no \(word) routes of VRF '\(vrf.name)' are exchanged with \(session.address): the line has no \(word) address",
                at: draft.line, hint: "add the far end's \(word) address on a circuit of the VRF")
        case (false, let nextHop?):
            report(
                .lineWithoutEffect, "\(session.address) exchanges no VPN-\(word) routes", at: nextHop.range,
                hint: "say 'neighbor \(session.address) optE' in 'address-family vpn\(family == .ipv4 ? "v4" : "v6")'")
        case (true, _?), (false, nil): break
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
        // Where others on the NNI are open to the VRF the unit is for their packets.
        guard let nni = index.nni(towards: neighbor)?.interface.name,
            let unit = index.unit(ofVRF: vrf.name, onNNI: nni)?.name,
            !index.neighbors(onNNI: nni).contains(where: {
                $0 != neighbor && index.isEligible(vrf: vrf.name, onNeighbor: $0)
            })
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
