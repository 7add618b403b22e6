import Addressing

/// Where route maps are attached: other VRFs take the packets that they are given, and next hops are neighbors. Comes
/// last: which VRFs an NNI's services are for depends on BGP.
struct PolicyRoutingCheck: ConfigurationCheck {
    private let interfaces: [InterfaceName: InterfaceDraft]
    private let references: References
    private let report: CheckReport

    init(_ text: CheckedText, _ report: CheckReport) {
        self.report = report
        interfaces = text.draft.interfaces
        references = References(text, report)
    }

    func check(_ configuration: inout Configuration) {
        guard !configuration.routeMaps.isEmpty else { return }
        let index = configuration.index
        for interface in index.interfaces {
            let attached = interfaces[interface.name]?.routeMaps ?? [:]
            for place in AttachmentPlace.allCases {
                guard let name = attached[place], let map = configuration.routeMaps[name.value] else { continue }
                let vrfs = index.vrfs(servedOn: interface)
                for entry in map.entries {
                    switch place.direction {
                    case .input:
                        checkTarget(of: entry, in: map, from: vrfs, place.family, at: name.range, configuration)
                    case .output: checkStaysInVRF(entry, in: map, at: name.range)
                    }
                    checkNextHops(of: entry, in: map, from: vrfs, place.family, at: name.range, index)
                }
            }
        }
    }

    /// What leaves has been routed in its VRF: only what comes in can be given to another.
    private func checkStaysInVRF(_ entry: RouteMapEntry, in map: RouteMap, at range: SourceRange) {
        guard case .vrf = entry.otherwise else { return }
        report(
            .policyRouteNotAllowed,
            "entry \(entry.sequence) of route map '\(map.name)' sets a VRF, which what leaves cannot be given to",
            at: range, hint: "attach it where the packets come in, without 'out'")
    }

    private func checkTarget(
        of entry: RouteMapEntry, in map: RouteMap, from sources: [String], _ family: AddressFamily,
        at range: SourceRange, _ configuration: Configuration
    ) {
        guard case .vrf(let target) = entry.otherwise, configuration.vrfs[target] != nil else { return }
        for source in sources where !configuration.allowsPolicyRoute(to: target, from: source) {
            report(
                .policyRouteNotAllowed,
                "entry \(entry.sequence) of route map '\(map.name)' gives packets of VRF '\(source)' to VRF "
                    + "'\(target)', which does not allow it", at: range,
                hint: "add 'policy-route from \(source)' to 'ip vrf \(target)'")
        }
        let isOfOtherFamily = entry.accessLists[family] == nil && !entry.accessLists.isEmpty
        if !isOfOtherFamily { references.check(family, isCarriedBy: target, at: range) }
    }

    private func checkNextHops(
        of entry: RouteMapEntry, in map: RouteMap, from vrfs: [String], _ family: AddressFamily, at range: SourceRange,
        _ index: ConfigurationIndex
    ) {
        guard !vrfs.isEmpty else { return }
        for nextHop in entry.nextHops[family] ?? []
        where !vrfs.contains(where: { index.circuit(ofVRF: $0, towards: nextHop) != nil }) {
            let names = vrfs.map { "'\($0)'" }.joined(separator: ", ")
            report(
                .unreachableNextHop,
                "\(nextHop) of entry \(entry.sequence) of route map '\(map.name)' is no neighbor on a circuit of VRF "
                    + "\(names): no packet is sent there", at: range,
                hint: "where a route leads, by an NNI as well: 'set \(family.prefixWord) next-hop recursive \(nextHop)'"
            )
        }
    }
}
