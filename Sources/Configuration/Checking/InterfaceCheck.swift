import Addressing

/// Every interface gets its kind; what it refers to exists; no two on a port take the same frames.
struct InterfaceCheck: ConfigurationCheck {
    private let interfaces: [(name: InterfaceName, draft: InterfaceDraft)]
    private let vrfs: [String: VRFDraft]
    private let references: References
    private let kinds: InterfaceKinds
    private let effects: ServiceEffects
    private let report: CheckReport

    init(_ text: CheckedText, _ report: CheckReport) {
        self.report = report
        interfaces = text.interfaces
        vrfs = text.draft.vrfs
        references = References(text, report)
        kinds = InterfaceKinds(text, report)
        effects = ServiceEffects(text, report)
    }

    func check(_ configuration: inout Configuration) {
        var links: [PortName: [InterfaceKinds.Link]] = [:]
        // VRFs have no part in Option C.
        for (name, interface) in interfaces where interface.labelledLine != nil && interface.optionC == nil {
            links[name.port, default: []].append(
                InterfaceKinds.Link(name: name, isOfCore: interface.core != nil))
        }
        for (name, interface) in interfaces {
            report.record(.interface(name), at: interface.declared)
            checkReferences(of: interface, name)
            checkMTU(of: interface, name, configuration.ports)
            if let binding = interface.binding,
                interface.labelledLine != nil || interface.encapsulation != nil
            {
                report(
                    .misplacedBinding, "\(name) is no unit: it cannot be bound to an NNI", at: binding.range,
                    hint: "remove the line, or remove the encapsulation")
            }
            guard let kind = kinds.kind(of: interface, name, links: links[name.port] ?? []) else { continue }
            var result = Interface(name: name, kind: kind)
            result.description = interface.description?.value
            result.isShutdown = interface.isShutdown?.value ?? false
            result.mtuOctets = interface.mtuOctets?.value
            result.accessGroups = accessGroups(of: interface)
            result.inputPolicy = interface.servicePolicies[.input]?.value
            result.outputPolicy = interface.servicePolicies[.output]?.value
            result.ipv4SourceCheck = interface.sourceChecks[.ipv4]?.value
            result.ipv6SourceCheck = interface.sourceChecks[.ipv6]?.value
            result.diffServMode = interface.diffServMode?.value
            result.routeMaps = interface.routeMaps.mapValues(\.value)
            checkServices(of: interface, kind)
            checkSourceMAC(of: interface, kind)
            effects.warnOfServices(of: interface, kind, configuration.vrfs)
            configuration.interfaces[name] = result
        }
        checkVLANs()
        checkUnits(configuration.interfaces)
    }

    private func checkReferences(of interface: InterfaceDraft, _ name: InterfaceName) {
        if let vrf = interface.vrf, vrfs[vrf.value] == nil { references.undefinedVRF(vrf.value, at: vrf.range) }
        for (place, list) in interface.accessGroups {
            report.record(.accessGroup(name, place.family, place.direction), at: list.range)
            references.check(accessList: list, place.family)
        }
        for (direction, policy) in interface.servicePolicies {
            report.record(.servicePolicy(name, direction), at: policy.range)
            references.check(policyMap: policy)
        }
        for map in interface.routeMaps.values { references.check(routeMap: map) }
    }

    /// What an interface of this kind cannot do is not left without effect.
    private func checkServices(of interface: InterfaceDraft, _ kind: InterfaceKind) {
        switch kind {
        case .nni, .unit: return
        case .coreUnit:
            if let mtu = interface.mtuOctets {
                report(
                    .misplacedService,
                    "what fits under the labels is what the core interface that a packet leaves by carries",
                    at: mtu.range, hint: "move the line to the core interfaces")
            }
        case .attachmentCircuit:
            for check in interface.sourceChecks.values where check.value.mode == .feasible {
                report(
                    .misplacedService, "a circuit's sources are routed back by the circuit, not by an NNI",
                    at: check.range, expected: ["rx", "any"])
            }
            if let mode = interface.diffServMode {
                report(
                    .misplacedService, "no labels come in on a circuit", at: mode.range,
                    hint: "the line belongs to a unit or an NNI")
            }
        case .core:
            for range in serviceRanges(of: interface) {
                report(
                    .misplacedService, "packets of VRFs have no services on a core interface", at: range,
                    hint: "move the line to the VRF's circuits or units")
            }
        case .carrier:
            for range in serviceRanges(of: interface) {
                report(
                    .misplacedService, "the port itself takes no packets: its VLANs and units do", at: range,
                    hint: "move the line to one of them")
            }
        }
    }

    private func serviceRanges(of interface: InterfaceDraft) -> [SourceRange] {
        interface.sourceChecks.values.map(\.range) + interface.accessGroups.values.map(\.range)
            + interface.servicePolicies.values.map(\.range) + interface.routeMaps.values.map(\.range)
            + [interface.diffServMode?.range].compactMap { $0 }
    }

    private func checkSourceMAC(of interface: InterfaceDraft, _ kind: InterfaceKind) {
        guard let range = interface.checksSourceMAC else { return }
        if case .nni = kind { return }
        report(
            .misplacedService, "no labels come in here for themselves", at: range,
            hint: "the line belongs to the NNI, the interface with 'encap mpls optE'")
    }

    private func checkMTU(of interface: InterfaceDraft, _ name: InterfaceName, _ ports: [PortName: Port]) {
        guard let mtu = interface.mtuOctets, let port = ports[name.port] else { return }
        let portMTU = port.mtuOctets ?? Interface.defaultMTUOctets
        guard mtu.value > portMTU else { return }
        report(
            .mtuAbovePort, "port \(name.port) carries packets of up to \(portMTU) octets", at: mtu.range,
            hint: "set 'mtu \(mtu.value)' in 'port \(name.port)'")
    }

    private func accessGroups(of interface: InterfaceDraft) -> AccessGroups {
        func name(_ family: AddressFamily, _ direction: TrafficDirection) -> String? {
            interface.accessGroups[AttachmentPlace(family, direction)]?.value
        }
        var groups = AccessGroups()
        groups.ipv4Input = name(.ipv4, .input)
        groups.ipv4Output = name(.ipv4, .output)
        groups.ipv6Input = name(.ipv6, .input)
        groups.ipv6Output = name(.ipv6, .output)
        return groups
    }

    /// No two interfaces of a port take the same frames.
    private func checkVLANs() {
        var owners: [PortName: [UInt16: [(encapsulation: VLANEncapsulation, name: InterfaceName)]]] = [:]
        for (name, interface) in interfaces {
            guard let encapsulation = interface.encapsulation, name.number != nil else { continue }
            let outer: UInt16
            switch encapsulation.value {
            case .untagged: continue
            case .dot1q(let vlan), .qinq(let vlan, _): outer = vlan
            }
            let others = owners[name.port]?[outer] ?? []
            // One tag takes a frame whatever is behind it, so it goes with no second tag on the same outer VLAN.
            let clash = others.first { other in
                if case .qinq = encapsulation.value, case .qinq = other.encapsulation {
                    other.encapsulation == encapsulation.value
                } else {
                    true
                }
            }
            if let clash {
                report(
                    .vlanClash, "\(clash.name) takes frames with this tag already", at: encapsulation.range,
                    hint: "a VLAN of a port belongs to one interface")
            }
            owners[name.port, default: [:]][outer, default: []].append((encapsulation.value, name))
        }
    }

    /// A VRF has at most one unit on an NNI, and one on the core.
    private func checkUnits(_ models: [InterfaceName: Interface]) {
        var owners: [InterfaceName: [String: InterfaceName]] = [:]
        var coreOwners: [String: (name: InterfaceName, line: Int)] = [:]
        for (name, draft) in interfaces {
            guard let place = draft.vrf, let kind = models[name]?.kind else { continue }
            if case .coreUnit(let unit) = kind {
                if let owner = coreOwners[unit.vrf] {
                    report(
                        .duplicateUnit,
                        "\(owner.name), line \(owner.line), is the unit of VRF '\(unit.vrf)' on the core already",
                        at: place.range, hint: "a VRF has one unit for all core interfaces")
                } else {
                    coreOwners[unit.vrf] = (name, place.range.line)
                }
            }
            guard case .unit(let unit) = kind else { continue }
            if let owner = owners[unit.nni]?[unit.vrf] {
                report(
                    .duplicateUnit, "\(owner) is the unit of VRF '\(unit.vrf)' on \(unit.nni) already", at: place.range,
                    hint: "a label leads to a VRF, so a VRF has one unit on an NNI")
            }
            owners[unit.nni, default: [:]][unit.vrf] = name
        }
    }
}
