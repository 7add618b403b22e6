import Addressing

/// Names that a line uses and others define.
struct References {
    private let draft: ConfigurationDraft
    private let report: CheckReport

    init(_ text: CheckedText, _ report: CheckReport) {
        draft = text.draft
        self.report = report
    }

    /// The access list that an interface names exists in the right family.
    func check(accessList name: Located<String>, _ family: AddressFamily) {
        let own = family == .ipv4 ? draft.ipv4AccessLists : draft.ipv6AccessLists
        let other = family == .ipv4 ? draft.ipv6AccessLists : draft.ipv4AccessLists
        guard own[name.value] == nil else { return }
        if other[name.value] != nil {
            report(
                .wrongAccessListFamily, "'\(name.value)' is an \(family == .ipv4 ? "IPv6" : "IPv4") access list",
                at: name.range,
                hint: family == .ipv4
                    ? "an IPv6 list is attached with 'ipv6 traffic-filter \(name.value) in'"
                    : "an IPv4 list is attached with 'ip access-group \(name.value) in'")
            return
        }
        report.undefined(
            .undefinedAccessList, family == .ipv4 ? "access list" : "IPv6 access list", name.value, at: name.range,
            defined: own.keys,
            definition: family == .ipv4
                ? "ip access-list extended \(name.value)" : "ipv6 access-list \(name.value)")
    }

    /// The flow monitor that a VRF names exists.
    func check(flowMonitor name: Located<String>) {
        guard draft.flowMonitors[name.value] == nil else { return }
        report.undefined(
            .undefinedFlowMonitor, "flow monitor", name.value, at: name.range, defined: draft.flowMonitors.keys,
            definition: "flow monitor \(name.value)")
    }

    /// The policy map that an interface names exists.
    func check(policyMap name: Located<String>) {
        guard draft.policyMaps[name.value] == nil else { return }
        report.undefined(
            .undefinedPolicyMap, "policy map", name.value, at: name.range, defined: draft.policyMaps.keys,
            definition: "policy-map \(name.value)")
    }

    /// The route map that an interface names exists.
    func check(routeMap name: Located<String>) {
        guard draft.routeMaps[name.value] == nil else { return }
        report.undefined(
            .undefinedRouteMap, "route map", name.value, at: name.range, defined: draft.routeMaps.keys,
            definition: "route-map \(name.value) permit 10")
    }

    /// A VRF carries a family; a VRF that does not exist is reported elsewhere.
    func check(_ family: AddressFamily, isCarriedBy vrf: String, at range: SourceRange) {
        guard let families = draft.vrfs[vrf]?.carriedFamilies, !families.contains(family) else { return }
        let name = family == .ipv4 ? "ipv4" : "ipv6"
        report(
            .familyNotCarried, "VRF '\(vrf)' does not carry \(family == .ipv4 ? "IPv4" : "IPv6")", at: range,
            hint: "add 'address-family \(name)' to 'ip vrf \(vrf)'")
    }

    /// Reports a name that is no VRF's.
    func undefinedVRF(_ name: String, at range: SourceRange) {
        report.undefined(
            .undefinedVRF, "VRF", name, at: range, defined: draft.vrfs.keys, definition: "ip vrf \(name)")
    }
}
