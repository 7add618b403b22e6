import Addressing

/// Carrier's carrier (RFC 4364 §9): a neighbor that sends labels is on a circuit that takes them, and a VRF with such a circuit has an
/// LSP for each prefix. What would end LSPs, or look their packets up, contradicts that.
struct CustomerCarrierCheck: ConfigurationCheck {
    private let interfaces: [(name: InterfaceName, draft: InterfaceDraft)]
    private let vrfs: [String: VRFDraft]
    private let bgp: BGPDraft
    private let damaged: Set<Mode>
    private let report: CheckReport

    init(_ text: CheckedText, _ report: CheckReport) {
        interfaces = text.interfaces
        vrfs = text.draft.vrfs
        bgp = text.draft.bgp
        damaged = text.draft.damaged
        self.report = report
    }

    func check(_ configuration: inout Configuration) {
        let index = configuration.index
        let circuits = interfaces.filter { $0.draft.carrierCircuit != nil }
        for (vrf, draft) in bgp.vrfs.sorted(by: { $0.key < $1.key }) {
            for (address, peer) in draft.peers.sorted(by: { $0.key < $1.key }) {
                check(peer, NeighborName(vrf: vrf, address: address), index)
            }
        }
        guard !circuits.isEmpty else { return }
        var lines: [String: SourceRange] = [:]
        for (_, interface) in circuits {
            guard let vrf = interface.vrf?.value, let line = interface.carrierCircuit else { continue }
            if lines[vrf].map({ line.line < $0.line }) ?? true { lines[vrf] = line }
        }
        for (name, line) in lines.sorted(by: { $0.key < $1.key }) {
            if let vrf = vrfs[name] { check(vrf, circuit: line, configuration) }
        }
        warn(of: circuits, index)
    }

    // MARK: Neighbors

    private func check(_ peer: PeerDraft, _ name: NeighborName, _ index: ConfigurationIndex) {
        for family in AddressFamily.allCases {
            let draft = peer.families[SessionFamily(unicast: family)]
            guard let line = draft?.sendsLabels else { continue }
            if name.address.isLinkLocal {
                report(
                    .notSupported, "\(name.address) is on every link: labels need a neighbor on a subnet", at: line,
                    hint: "make the session one with an address of the circuit's subnet")
            } else if name.address.family != family {
                let word = family == .ipv4 ? "IPv4" : "IPv6"
                report(
                    .notSupported, "labelled \(word) routes need an \(word) session here", at: line,
                    hint: "say 'send-label' of a neighbor with an \(word) address")
            } else {
                checkCircuit(of: name, line, index)
            }
            if let origination = draft?.originatesDefault {
                reportConflict(
                    line, "send-label", origination, "default-originate",
                    "no LSP leads along a default route of the box's own",
                    hint: "keep one of the two lines")
            }
        }
    }

    private func checkCircuit(of name: NeighborName, _ line: SourceRange, _ index: ConfigurationIndex) {
        guard let place = index.place(of: name)?.interface,
            case .attachmentCircuit(let circuit) = place.kind, !circuit.carriesLabels,
            let draft = interfaces.first(where: { $0.name == place.name })?.draft
        else { return }
        report(
            .optionMismatch,
            "\(name.address) is on \(place.name) (line \(draft.declared.line)), where packets have no labels", at: line,
            hint: "say 'encap mpls csc' there, or leave out 'send-label'")
    }

    // MARK: VRFs

    private func check(_ vrf: VRFDraft, circuit: SourceRange, _ configuration: Configuration) {
        if let line = vrf.everyNeighbor ?? vrf.neighbors.first?.range {
            reportConflict(
                circuit, "encap mpls csc", line, "optE",
                "a packet of Option E has one label, and those of a customer that is a carrier have more below it",
                hint: "say 'optB' in VRF '\(vrf.name)', or leave out one of the two lines")
        }
        for unit in interfaces {
            guard case .unit(let kind)? = configuration.interfaces[unit.name]?.kind, kind.vrf == vrf.name,
                case .nni(let nni)? = configuration.interfaces[kind.nni]?.kind, nni.option == .optionE
            else { continue }
            reportConflict(
                circuit, "encap mpls csc", unit.draft.declared, "interface \(unit.name)",
                "a packet of Option E has one label, and those of a customer that is a carrier have more below it",
                hint: "leave out the unit, or 'encap mpls csc'")
        }
        if let line = vrf.circuitNeighbors.first?.line {
            reportConflict(
                circuit, "encap mpls csc", line, "optAB",
                "an Option AB neighbor takes packets without labels, and an LSP would end there",
                hint: "leave out one of the two lines")
        }
        if let mode = vrf.labelMode, mode.value != .perPrefix {
            reportConflict(
                circuit, "encap mpls csc", mode.range, "label mode \(mode.value.rawValue)",
                "a VRF whose customer is a carrier has a label for each prefix, or its LSPs would end here",
                hint: "leave out the mode, or say 'label mode per-prefix'")
        }
    }

    /// Said at the later line, with the number of the other.
    private func reportConflict(
        _ first: SourceRange, _ words: String, _ second: SourceRange, _ others: String, _ message: String, hint: String
    ) {
        let (earlier, later, said) =
            first.line < second.line ? (first, second, words) : (second, first, others)
        report(
            .conflictingStatement, "\(message): line \(earlier.line) says '\(said)'", at: later, hint: hint)
    }

    // MARK: What has no effect

    /// Said only of a text without errors.
    private func warn(of circuits: [(name: InterfaceName, draft: InterfaceDraft)], _ index: ConfigurationIndex) {
        guard damaged.isEmpty, !report.hasErrors else { return }
        var joined: Set<InterfaceName> = []
        for session in index.sessions where session.isCustomerCarrier {
            if let place = index.place(of: session.name) { joined.insert(place.interface.name) }
        }
        for (name, interface) in circuits {
            if let line = interface.carrierCircuit, !joined.contains(name) {
                report(
                    .lineWithoutEffect, "no neighbor on \(name) sends labels: none is valid there", at: line,
                    hint: "say 'neighbor A.B.C.D send-label' in 'address-family ipv4 vrf' or 'ipv6 vrf'")
            }
            let services =
                interface.accessGroups.values.map(\.range) + interface.servicePolicies.values.map(\.range)
                + interface.sourceChecks.values.map(\.range) + interface.routeMaps.values.map(\.range)
            for range in services {
                report(
                    .serviceWithoutEffect, "packets with labels have no services: the line is for those without one",
                    at: range, hint: "what a customer that is a carrier sends by its LSPs is not looked into")
            }
        }
    }
}
