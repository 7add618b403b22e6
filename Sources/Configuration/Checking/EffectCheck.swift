import Addressing

/// What is right word by word and cannot work. Warnings, said only of a text that has no errors: what is missing may be
/// in a line that could not be read.
struct EffectCheck: ConfigurationCheck {
    private let packetMemoryMebibytes: Located<UInt32>?
    private let labelRange: Located<ClosedRange<UInt32>>?
    private let commonBlock: Located<ClosedRange<UInt32>>?
    private let ports: [PortName: PortDraft]
    private let policyMaps: [String: PolicyMapDraft]
    private let bgp: BGPDraft
    private let damaged: Set<Mode>
    private let interfaces: [(name: InterfaceName, draft: InterfaceDraft)]
    private let report: CheckReport

    init(_ text: CheckedText, _ report: CheckReport) {
        self.report = report
        packetMemoryMebibytes = text.draft.dataplane.packetMemoryMebibytes
        labelRange = text.draft.labelRange
        commonBlock = text.draft.commonBlock
        ports = text.draft.ports
        policyMaps = text.draft.policyMaps
        bgp = text.draft.bgp
        damaged = text.draft.damaged
        interfaces = text.interfaces
    }

    func check(_ configuration: inout Configuration) {
        guard damaged.isEmpty, !report.hasErrors else { return }
        if let memory = packetMemoryMebibytes {
            report(
                .serviceWithoutEffect, "the memory for packets is not taken from here", at: memory.range,
                hint: "say 'stile-dataplane --memory-megabytes'")
        }
        warnOfInterfacesWithoutPort()
        warnOfSessionsWithoutRoutes(configuration)
        warnOfBurstsBelowFrames(configuration.ports)
        warnOfTooFewLabels(configuration)
    }

    /// One warning for each port that is missing, at its first interface.
    private func warnOfInterfacesWithoutPort() {
        var missing: Set<PortName> = []
        let absent = interfaces.filter { ports[$0.name.port] == nil && $0.draft.isShutdown?.value != true }
        for (name, interface) in absent.sorted(by: { $0.draft.declared.line < $1.draft.declared.line }) {
            guard missing.insert(name.port).inserted else { continue }
            report(
                .interfaceWithoutPort, "there is no port \(name.port): no packet reaches this interface",
                at: interface.declared, hint: "add 'port \(name.port)' with its device")
            // Of a text without any port one line says it.
            if ports.isEmpty { return }
        }
    }

    private func warnOfSessionsWithoutRoutes(_ configuration: Configuration) {
        guard let model = configuration.bgp else { return }
        for (key, peer) in bgp.allPeers {
            guard case .neighbor(let name) = key, let session = model.session(with: name), !session.isShutdown else {
                continue
            }
            if session.families.isEmpty {
                let hint =
                    name.vrf.map { "'activate' in 'address-family ipv4 vrf \($0)' or 'ipv6 vrf \($0)'" }
                    ?? "'neighbor \(name.address) optE' or 'optB' in 'address-family vpnv4' or 'vpnv6', or 'optC' in "
                    + "'address-family ipv4 labeled-unicast'"
                report(
                    .nothingToExchange,
                    "no address family is active: the session with \(session.address) carries no routes",
                    at: peer.firstMention, hint: "say \(hint)")
            } else if session.remoteAS == model.autonomousSystem, !session.hasOption,
                !configuration.interfaces.values.contains(where: { if case .core = $0.kind { true } else { false } })
            {
                report(
                    .nothingToExchange,
                    "\(session.address) is in the AS of this box, which has no interface into its own network: no routes "
                        + "are exchanged with it",
                    at: peer.firstMention, hint: "say 'encap mpls core' on an interface")
            }
        }
    }

    /// A packet that is longer than the bucket is deep never conforms, however slow the traffic is.
    private func warnOfBurstsBelowFrames(_ models: [PortName: Port]) {
        guard !policyMaps.isEmpty else { return }
        var longest: [String: (octets: Int64, interface: InterfaceName)] = [:]
        for (name, interface) in interfaces where !interface.servicePolicies.isEmpty {
            let mtu =
                interface.mtuOctets?.value ?? models[name.port]?.mtuOctets ?? Interface.defaultMTUOctets
            for policy in interface.servicePolicies.values where Int64(mtu) > longest[policy.value]?.octets ?? 0 {
                longest[policy.value] = (Int64(mtu), name)
            }
        }
        for (name, map) in policyMaps.sorted(by: { $0.key < $1.key }) {
            guard let longest = longest[name] else { continue }
            for policer in map.classes.values.compactMap(\.policer) {
                let counted = longest.octets + Int64(policer.value.accountOctets)
                let burst = policer.value.committedBurstOctets
                guard counted > 0, burst < UInt64(counted) else { continue }
                report(
                    .burstBelowFrame,
                    "a packet of \(longest.octets) octets on \(longest.interface) counts \(counted) and never conforms: "
                        + "the burst is \(burst) octets", at: policer.range, hint: "set 'bc' to \(counted) or more")
            }
        }
    }

    /// Each eligible VRF has a label of its own for each neighbor, unless one is provisioned for it.
    private func warnOfTooFewLabels(_ configuration: Configuration) {
        guard let place = labelRange?.range ?? commonBlock?.range else { return }
        let sessions = (configuration.bgp?.sessions(inVRF: nil) ?? []).filter { $0.isOptionE || $0.isOptionB }
        let available = configuration.dynamicLabelCount
        guard configuration.vrfs.count * sessions.count > available else { return }
        let index = configuration.index
        let needed = sessions.reduce(0) { sum, session in
            sum
                + configuration.vrfs.values.count { vrf in
                    let hasCommon = vrf.commonLabel.map { $0.space == nil } ?? false
                    return index.isEligible(vrf: vrf.name, onNeighbor: session.address)
                        ? !hasCommon || vrf.hasFallbackLabel
                        : index.gateways(ofVRF: vrf.name, towards: session.address) != nil
                }
        }
        guard needed > available else { return }
        report(
            .tooFewLabels,
            "\(needed) labels are needed, one for each neighbor and VRF that is eligible there, and the range has "
                + "\(available) that are drawn", at: place, hint: "routes of what gets no label are not advertised")
    }
}
