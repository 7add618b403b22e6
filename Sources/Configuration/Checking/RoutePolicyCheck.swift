import Addressing

/// The lists that route maps ask about attributes; those that are named exist, and a route map that is used for routes
/// speaks of routes, one that is used for packets of packets.
struct RoutePolicyCheck: ConfigurationCheck {
    private let draft: ConfigurationDraft
    private let references: References
    private let report: CheckReport

    init(_ text: CheckedText, _ report: CheckReport) {
        self.report = report
        draft = text.draft
        references = References(text, report)
    }

    func check(_ configuration: inout Configuration) {
        for (name, list) in draft.communityLists { configuration.communityLists[name] = CommunityList(name, list) }
        for (name, list) in draft.largeCommunityLists {
            configuration.largeCommunityLists[name] = LargeCommunityList(name, list)
        }
        for (name, list) in draft.extendedCommunityLists {
            configuration.extendedCommunityLists[name] = ExtendedCommunityList(name, list)
        }
        for (name, list) in draft.asPathLists { configuration.asPathLists[name] = ASPathList(name, list) }
        for map in draft.routeMaps.values { for entry in map.entries.values { checkReferences(of: entry.policy) } }
        for (_, peer) in draft.bgp.allPeers {
            for settings in peer.families.values {
                for name in settings.routeMaps.all {
                    references.check(routeMap: name)
                    checkUse(of: name, statement: \.firstPacketLine, "of packets, here it is used for routes")
                    checkWritesNoTargets(name)
                }
            }
        }
        for vrf in draft.vrfs.values { checkMaps(of: vrf) }
        for interface in draft.interfaces.values {
            for name in interface.routeMaps.values {
                checkUse(of: name, statement: \.policy.firstLine, "of routes, here it is used for packets")
            }
        }
    }

    private func checkMaps(of vrf: VRFDraft) {
        let (ipv4, ipv6) = (vrf.routeMaps[.ipv4], vrf.routeMaps[.ipv6])
        for direction in [\PolicyNamesDraft.imported, \.exported] {
            let names = [(AddressFamily.ipv4, ipv4?[keyPath: direction]), (.ipv6, ipv6?[keyPath: direction])]
            let isForBoth = names[0].1?.range == names[1].1?.range
            for (family, name) in isForBoth ? names.dropLast() : names[...] {
                guard let name else { continue }
                references.check(routeMap: name)
                checkUse(of: name, statement: \.firstPacketLine, "of packets, here it is used for routes")
                if direction == \.imported { checkWritesNoTargets(name) }
                if !isForBoth { references.check(family, isCarriedBy: vrf.name, at: name.range) }
            }
        }
    }

    /// By its targets a route has come into a VRF, and by a VRF's a neighbor is given it: maps write them where a VRF exports.
    private func checkWritesNoTargets(_ name: Located<String>) {
        let ranges = (draft.routeMaps[name.value]?.entries.values).map {
            $0.compactMap { $0.policy.routeTargets?.range }
        }
        guard let range = ranges?.min(by: { $0.line < $1.line }) else { return }
        report(
            .wrongRouteMapUse,
            "route map '\(name.value)' sets route targets on line \(range.line), which a VRF's 'export route-map' alone does",
            at: name.range, hint: "use the map in 'export route-map', or one without the line here")
    }

    /// One finding for each use, with the place of the first line that does not go with it.
    private func checkUse(
        of name: Located<String>, statement: KeyPath<RouteMapEntryDraft, SourceRange?>, _ conflict: String
    ) {
        let ranges = (draft.routeMaps[name.value]?.entries.values).map { $0.compactMap { $0[keyPath: statement] } }
        guard let range = ranges?.min(by: { $0.line < $1.line }) else { return }
        report(
            .wrongRouteMapUse, "route map '\(name.value)' speaks on line \(range.line) \(conflict)", at: name.range,
            hint: "use a map of its own for each of the two")
    }

    private func checkReferences(of policy: RouteMapPolicyDraft) {
        for name in policy.communityLists + (policy.deletedCommunities.map { [$0] } ?? [])
        where draft.communityLists[name.value] == nil {
            report.undefined(
                .undefinedCommunityList, "community list", name.value, at: name.range,
                defined: draft.communityLists.keys,
                definition: "ip community-list standard \(name.value) permit AS:value")
        }
        for name in policy.largeCommunityLists where draft.largeCommunityLists[name.value] == nil {
            report.undefined(
                .undefinedCommunityList, "large community list", name.value, at: name.range,
                defined: draft.largeCommunityLists.keys,
                definition: "ip large-community-list standard \(name.value) permit AS:value:value")
        }
        for name in policy.extendedCommunityLists where draft.extendedCommunityLists[name.value] == nil {
            report.undefined(
                .undefinedCommunityList, "extended community list", name.value, at: name.range,
                defined: draft.extendedCommunityLists.keys,
                definition: "ip extcommunity-list standard \(name.value) permit rt ASN:number")
        }
        for name in policy.asPathLists where draft.asPathLists[name.value] == nil {
            report.undefined(
                .undefinedASPathList, "AS path list", name.value, at: name.range, defined: draft.asPathLists.keys,
                definition: "ip as-path access-list \(name.value) permit REGEX")
        }
    }
}

extension RoutePolicyList {
    fileprivate init(_ name: String, _ draft: RoutePolicyListDraft<Value>) {
        self.init(name: name, entries: draft.entries.sorted { $0.key < $1.key }.map(\.value.value))
    }
}

extension RouteMapPolicy {
    init(_ draft: RouteMapPolicyDraft) {
        prefixLists = draft.prefixLists.mapValues { $0.map(\.value) }
        communityLists = draft.communityLists.map(\.value)
        matchesCommunitiesExactly = draft.matchesCommunitiesExactly?.value ?? false
        largeCommunityLists = draft.largeCommunityLists.map(\.value)
        matchesLargeCommunitiesExactly = draft.matchesLargeCommunitiesExactly?.value ?? false
        asPathLists = draft.asPathLists.map(\.value)
        extendedCommunityLists = draft.extendedCommunityLists.map(\.value)
        routeTargets = draft.routeTargets?.value
        deletedCommunities = draft.deletedCommunities?.value
        communities = draft.communities?.value
        largeCommunities = draft.largeCommunities?.value
        localPreference = draft.localPreference?.value
        metric = draft.metric?.value
        prependedSystems = draft.prependedSystems?.value ?? []
    }
}

extension RouteMapEntryDraft {
    /// A line that speaks of packets.
    fileprivate var firstPacketLine: SourceRange? {
        let lists = accessLists.values.flatMap { $0 }.map(\.range)
        let hops = nextHops.values.flatMap { $0 }.map(\.range) + recursiveNextHops.values.map(\.range)
        let others = [lengths?.range, vrf?.range, discard, markedDSCP?.range].compactMap { $0 }
        return (lists + hops + others).min { $0.line < $1.line }
    }
}
