import Addressing

/// What an interface is, by the table of operations.md: `.N` is a unit where the port is an NNI or leads into the core, a VLAN
/// interface where it has a tag, an NNI on a VLAN where it has a tag and `encap mpls optE`, of the core with `encap mpls core`.
struct InterfaceKinds {
    private let damaged: Set<Mode>
    private let report: CheckReport

    /// What units can be on: an NNI or a core interface.
    struct Link {
        let name: InterfaceName
        let isOfCore: Bool
    }

    init(_ text: CheckedText, _ report: CheckReport) {
        self.report = report
        damaged = text.draft.damaged
    }

    /// The kind of an interface; `nil` with a finding where it cannot be decided or breaks a rule of its kind.
    ///
    /// - Parameter links: those of its port.
    func kind(of interface: InterfaceDraft, _ name: InterfaceName, links: [Link]) -> InterfaceKind? {
        if name.number == nil, let encapsulation = interface.encapsulation {
            report(
                .tagOnWholePort, "the port as a whole has no VLAN", at: encapsulation.range,
                hint: "put the line under a numbered interface, such as 'interface \(name).30'")
            return nil
        }
        let roles = [
            interface.optionE, interface.optionB, interface.optionC, interface.core, interface.carrierCircuit,
        ].compactMap { $0 }.sorted { $0.line < $1.line }
        if roles.count > 1 {
            report(
                .conflictingStatement,
                "\(name) is of one kind: line \(roles[0].line) says another than line \(roles[1].line)", at: roles[1],
                hint: "keep one of 'encap mpls core', 'encap mpls csc', 'encap mpls optB', 'encap mpls optC' and "
                    + "'encap mpls optE'")
            return nil
        }
        if interface.labelledLine != nil { return labelled(interface, name) }
        if interface.encapsulation != nil || name.number == nil || interface.carrierCircuit != nil {
            return attachmentCircuit(interface, name)
        }
        guard !links.isEmpty else {
            if !damaged.contains(.interface(name)),
                !damaged.contains(.interface(InterfaceName(port: name.port)))
            {
                report(
                    .interfaceWithoutRole, "\(name) is neither a unit nor a VLAN interface", at: interface.declared,
                    hint: "say 'encap mpls optE' under 'interface \(name.port)' to make it a unit, "
                        + "or 'encapsulation dot1q N' here to make it a VLAN interface")
            }
            return nil
        }
        return unit(interface, name, links: links)
    }

    /// An NNI or a core interface.
    private func labelled(_ interface: InterfaceDraft, _ name: InterfaceName) -> InterfaceKind? {
        let isOfCore = interface.core != nil
        let option = NNIOption.allCases.first { interface.line($0) != nil } ?? .optionE
        let (kind, words) =
            isOfCore ? ("a core interface", "encap mpls core") : ("an NNI", "encap mpls \(option.rawValue)")
        if let vrf = interface.vrf {
            report(
                .nniWithVRF, "\(name) is \(kind) and cannot belong to a VRF", at: vrf.range,
                hint: "all \(isOfCore ? "" : "eligible ")VRFs share it: put the VRF's policies on a unit, such as "
                    + "'interface \(name.port).2'")
        }
        var encapsulation = VLANEncapsulation.untagged
        if name.number != nil {
            guard let tag = interface.encapsulation else {
                if let range = interface.labelledLine {
                    report(
                        .ambiguousUnit, "\(name) is \(kind) on a VLAN, but its VLAN is not said", at: range,
                        hint: "add 'encapsulation dot1q N', or say '\(words)' under 'interface \(name.port)'")
                }
                return nil
            }
            if case .qinq = tag.value {
                report(
                    .nniWithTwoTags, "\(kind) has one VLAN tag at most", at: tag.range,
                    hint: "leave out 'second-dot1q'")
            }
            encapsulation = tag.value
        }
        if interface.addresses.isEmpty, !damaged.contains(.interface(name)) {
            report(
                .nniWithoutAddress, "the \(isOfCore ? "core interface" : "NNI") \(name) has no address",
                at: interface.declared,
                hint: isOfCore
                    ? "add 'ip address A.B.C.D/L': its neighbors are on that subnet"
                    : "add 'ip address A.B.C.D/L': it is the next hop of what is advertised there")
        }
        if isOfCore {
            return .core(
                CoreInterface(
                    encapsulation: encapsulation, addresses: interface.addresses.map(\.value),
                    hostDevice: interface.hostDevice?.value))
        }
        return .nni(
            NNI(
                option, encapsulation: encapsulation, addresses: interface.addresses.map(\.value),
                checksSourceMAC: interface.checksSourceMAC != nil))
    }

    private func attachmentCircuit(_ interface: InterfaceDraft, _ name: InterfaceName) -> InterfaceKind? {
        if let line = interface.carrierCircuit, name.number != nil, interface.encapsulation == nil {
            report(
                .ambiguousUnit, "\(name) is a circuit on a VLAN, but its VLAN is not said", at: line,
                hint: "add 'encapsulation dot1q N', or say 'encap mpls csc' under 'interface \(name.port)'")
            return nil
        }
        if let vrf = interface.vrf {
            return .attachmentCircuit(
                AttachmentCircuit(
                    encapsulation: interface.encapsulation?.value ?? .untagged, vrf: vrf.value,
                    addresses: interface.addresses.map(\.value), carriesLabels: interface.carrierCircuit != nil))
        }
        guard !damaged.contains(.interface(name)) else { return nil }
        if let line = interface.carrierCircuit {
            report(
                .interfaceWithoutRole, "\(name) is a customer carrier's circuit and belongs to no VRF", at: line,
                hint: "add 'vrf definition NAME'")
            return nil
        }
        let hint =
            "add 'vrf definition NAME'" + (name.number == nil ? ", or 'encap mpls optE' to make it an NNI" : "")
        if let address = interface.addresses.first {
            report(.addressWithoutVRF, "\(name) has an address, but no VRF", at: address.range, hint: hint)
            return nil
        }
        let services = Array(interface.accessGroups.values) + Array(interface.servicePolicies.values)
        if name.number == nil, services.isEmpty, interface.binding == nil { return .carrier }
        report(
            .interfaceWithoutRole, "\(name) belongs to no VRF", at: interface.declared, hint: hint)
        return nil
    }

    private func unit(
        _ interface: InterfaceDraft, _ name: InterfaceName, links: [Link]
    ) -> InterfaceKind? {
        if let address = interface.addresses.first {
            report(
                .unitWithAddress, "\(name) is a unit and has no address of its own", at: address.range,
                hint: "a unit is unnumbered; for a VLAN interface add 'encapsulation dot1q N'")
        }
        let link = link(ofUnit: name, binding: interface.binding, among: links, declared: interface.declared)
        guard let vrf = interface.vrf else {
            if !damaged.contains(.interface(name)) {
                report(
                    .unitWithoutVRF, "the unit \(name) belongs to no VRF", at: interface.declared,
                    hint: "add 'vrf definition NAME'")
            }
            return nil
        }
        return link.map { link in
            link.isOfCore
                ? .coreUnit(CoreUnit(link: link.name, vrf: vrf.value))
                : .unit(OptionEUnit(nni: link.name, vrf: vrf.value))
        }
    }

    private func link(
        ofUnit name: InterfaceName, binding: Located<InterfaceName>?, among links: [Link], declared: SourceRange
    ) -> Link? {
        let choices = links.map { "'optE bind \($0.name)'" }
        if let binding {
            if let link = links.first(where: { $0.name == binding.value }) { return link }
            report(
                .misplacedBinding, "\(binding.value) is no NNI or core interface of port \(name.port)",
                at: binding.range, expected: choices)
            return nil
        }
        if links.count == 1 { return links.first }
        report(
            .ambiguousUnit,
            "port \(name.port) has \(links.count) NNIs and core interfaces, and \(name) does not say which it "
                + "belongs to",
            at: declared, hint: "add \(choices.joined(separator: " or "))")
        return nil
    }
}
