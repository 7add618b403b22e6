import Addressing
import Configuration
import Routing

/// From the lists and route maps of the configuration to what routing asks.
struct RoutePolicyCompiler {
    let configuration: Configuration

    func filter(_ list: String?, _ family: AddressFamily) -> PrefixFilter? {
        guard let list, let entries = configuration.prefixLists[family]?[list]?.entries else { return nil }
        return PrefixFilter(
            entries.map { PrefixFilter.Entry(permits: $0.permits, prefix: $0.prefix, lengths: $0.lengths) })
    }

    /// A map that did not exist would permit nothing; the parser has made sure that it does.
    func policy(_ map: String?, _ family: AddressFamily) -> RoutePolicy? {
        guard let map else { return nil }
        let entries = configuration.routeMaps[map]?.entries ?? []
        return RoutePolicy(
            entries.filter { $0.policy.prefixLists.isEmpty || $0.policy.prefixLists[family] != nil }.map {
                entry($0, family)
            })
    }

    private func entry(_ entry: RouteMapEntry, _ family: AddressFamily) -> RoutePolicy.Entry {
        let policy = entry.policy
        var result = RoutePolicy.Entry(permits: entry.permits)
        result.prefixFilters = (policy.prefixLists[family] ?? []).compactMap { filter($0, family) }
        if !policy.communityLists.isEmpty {
            result.conditions.append(
                .communities(
                    policy.communityLists.compactMap(communities), exactly: policy.matchesCommunitiesExactly))
        }
        if !policy.largeCommunityLists.isEmpty {
            result.conditions.append(
                .largeCommunities(
                    policy.largeCommunityLists.compactMap(largeCommunities),
                    exactly: policy.matchesLargeCommunitiesExactly))
        }
        if !policy.asPathLists.isEmpty {
            result.conditions.append(.asPath(policy.asPathLists.compactMap(asPaths)))
        }
        if !policy.extendedCommunityLists.isEmpty {
            result.conditions.append(.routeTargets(policy.extendedCommunityLists.compactMap(routeTargets)))
        }
        result.changes.routeTargets = policy.routeTargets.map { change in
            AttributeChanges.Values(change.values.sorted(), isAdditive: change.isAdditive)
        }
        result.changes.deletedCommunities = policy.deletedCommunities.flatMap(communities)
        result.changes.communities = policy.communities.map { change in
            AttributeChanges.Values(
                change.values.sorted { $0.rawValue < $1.rawValue }, isAdditive: change.isAdditive)
        }
        result.changes.largeCommunities = policy.largeCommunities.map { change in
            AttributeChanges.Values(change.values.sorted(), isAdditive: change.isAdditive)
        }
        result.changes.localPreference = policy.localPreference
        result.changes.multiExitDiscriminator = policy.metric
        result.changes.prependedSystems = policy.prependedSystems
        return result
    }

    private func communities(_ list: String) -> CommunityFilter? {
        configuration.communityLists[list].map { list in
            CommunityFilter(list.entries.map { CommunityFilter.Entry(permits: $0.permits, values: $0.value) })
        }
    }

    private func largeCommunities(_ list: String) -> LargeCommunityFilter? {
        configuration.largeCommunityLists[list].map { list in
            LargeCommunityFilter(
                list.entries.map { LargeCommunityFilter.Entry(permits: $0.permits, values: $0.value) })
        }
    }

    private func routeTargets(_ list: String) -> RouteTargetFilter? {
        configuration.extendedCommunityLists[list].map { list in
            RouteTargetFilter(list.entries.map { RouteTargetFilter.Entry(permits: $0.permits, values: $0.value) })
        }
    }

    private func asPaths(_ list: String) -> ASPathFilter? {
        configuration.asPathLists[list].map { list in
            ASPathFilter(list.entries.map { ASPathFilter.Entry(permits: $0.permits, pattern: $0.value) })
        }
    }
}
