import Addressing
import Configuration
import SeededRandom

/// Makes the lists that route maps ask about routes, and route maps for routes, at random.
enum RandomRoutePolicy {
    private static let communities = [
        Community(rawValue: 65001 << 16 | 100), Community(rawValue: 0), .noExport, .gracefulShutdown, .noAdvertise,
        .noExportSubconfederation,
    ]
    private static let largeCommunities = [LargeCommunity(0, 0, 0), LargeCommunity(.max, 1, .max)]
    private static let routeTargets = ["42:1", "192.0.2.1:7", "65546:9"].compactMap { RouteTarget($0) }
    private static let patterns = ["^$", "_65001_", "^(1|2) .*[^0-5]$", "\\{ *7"]

    static func fillLists(of configuration: inout Configuration, _ generator: inout SeededGenerator) {
        for name in ["exact", "additive-list"] where generator.chance(2) {
            configuration.communityLists[name] = list(name, &generator) { subset(communities, &$0) }
            configuration.largeCommunityLists[name] = list(name, &generator) { subset(largeCommunities, &$0) }
            configuration.extendedCommunityLists[name] = list(name, &generator) { subset(routeTargets, &$0) }
            configuration.asPathLists[name] = list(name, &generator) { generator in
                guard let pattern = try? ASPathPattern(generator.pick(patterns)) else { fatalError("no pattern") }
                return pattern
            }
        }
    }

    static func map(_ name: String, in configuration: Configuration, _ generator: inout SeededGenerator) -> RouteMap {
        var map = RouteMap(name: name)
        var sequence: UInt16 = 0
        for _ in 0..<generator.number(1...3) {
            sequence += generator.number(1...20_000)
            var entry = RouteMapEntry(sequence: sequence, permits: !generator.chance(4))
            fillMatches(of: &entry.policy, configuration, &generator)
            if entry.permits { fillSets(of: &entry.policy, configuration, &generator) }
            map.entries.append(entry)
        }
        return map
    }

    /// The same map as one that only a VRF exports by.
    static func exportMap(_ map: RouteMap, named name: String, _ generator: inout SeededGenerator) -> RouteMap {
        var result = RouteMap(name: name, entries: map.entries)
        for index in result.entries.indices where result.entries[index].permits {
            result.entries[index].policy.routeTargets = generator.maybe { generator in
                .init(subset(routeTargets, &generator), isAdditive: generator.chance(2))
            }
        }
        return result
    }

    private static func list<Value>(
        _ name: String, _ generator: inout SeededGenerator, _ value: (inout SeededGenerator) -> Value
    ) -> RoutePolicyList<Value> {
        var list = RoutePolicyList<Value>(name: name)
        for number in 0..<generator.number(UInt32(1)...3) {
            let sequence = number * 100 + generator.number(1...100)
            list.entries.append(.init(sequence: sequence, permits: generator.chance(2), value: value(&generator)))
        }
        return list
    }

    private static func subset<Value: Hashable>(_ all: [Value], _ generator: inout SeededGenerator) -> Set<Value> {
        Set((0..<generator.number(1...3)).map { _ in generator.pick(all) })
    }

    private static func fillMatches(
        of policy: inout RouteMapPolicy, _ configuration: Configuration, _ generator: inout SeededGenerator
    ) {
        for family in AddressFamily.allCases where generator.chance(2) {
            let names = configuration.prefixLists[family]?.keys.sorted() ?? []
            if !names.isEmpty { policy.prefixLists[family] = names }
        }
        let names = configuration.communityLists.keys.sorted()
        guard !names.isEmpty else { return }
        if generator.chance(2) {
            policy.communityLists = names
            policy.matchesCommunitiesExactly = generator.chance(2)
        }
        if generator.chance(2) {
            policy.largeCommunityLists = names
            policy.matchesLargeCommunitiesExactly = generator.chance(2)
        }
        if generator.chance(2) { policy.asPathLists = names }
        if generator.chance(2) { policy.extendedCommunityLists = names }
    }

    private static func fillSets(
        of policy: inout RouteMapPolicy, _ configuration: Configuration, _ generator: inout SeededGenerator
    ) {
        if generator.chance(2) { policy.deletedCommunities = configuration.communityLists.keys.sorted().first }
        policy.communities = generator.maybe { generator in
            generator.chance(3)
                ? .init([]) : .init(subset(communities, &generator), isAdditive: generator.chance(2))
        }
        policy.largeCommunities = generator.maybe { generator in
            .init(subset(largeCommunities, &generator), isAdditive: generator.chance(2))
        }
        policy.localPreference = generator.maybe { $0.number(0...UInt32.max) }
        policy.metric = generator.maybe { $0.number(0...UInt32.max) }
        if generator.chance(3) {
            policy.prependedSystems = (0..<generator.number(1...10)).map { _ in generator.number(1...20_000) }
        }
    }
}
