import Addressing
import BGP
import Routing
import SeededRandom

/// Some route maps, and beside each what it does, written down by hand: the model must not share the code that it is
/// compared with.
enum RandomRoutePolicy {
    typealias Effect = @Sendable (IPPrefix, PathAttributes.Contents) -> PathAttributes.Contents?

    private static let mark = Community(rawValue: 65001 << 16 | 9)

    private static let all: [(policy: RoutePolicy, effect: Effect)] = [
        (
            RoutePolicy([entry { $0.localPreference = 200 }]),
            { _, contents in changed(contents) { $0.localPreference = 200 } }
        ),
        (
            RoutePolicy([
                entry(false, [.communities([leaving], exactly: false)]),
                entry {
                    $0.prependedSystems = [7, 8]
                    $0.communities = .init([mark], isAdditive: true)
                },
            ]),
            { _, contents in
                guard !contents.communities.contains(.gracefulShutdown) else { return nil }
                return changed(contents) {
                    $0.asPath = ASPath(sequence: [7, 8] + $0.asPath.segments.flatMap(\.autonomousSystems))
                    if !$0.communities.contains(mark) { $0.communities.append(mark) }
                }
            }
        ),
        (
            RoutePolicy([
                entry(prefixes: "10.0.0.0/8", 8...24) {
                    $0.multiExitDiscriminator = 3
                    $0.communities = .init([], isAdditive: false)
                },
                entry(false, prefixes: "10.0.0.0/8", 0...32), entry(),
            ]),
            { prefix, contents in
                guard prefix.description.hasPrefix("10.") else { return contents }
                guard prefix.length <= 24 else { return nil }
                return changed(contents) {
                    $0.multiExitDiscriminator = 3
                    $0.communities = []
                }
            }
        ),
        (RoutePolicy([]), { _, _ in nil }),
        (everything, { _, contents in contents }),
    ]

    /// Without a policy nothing goes to customers or comes from them.
    static let everything = RoutePolicy([entry()])

    private static let leaving = CommunityFilter([.init(permits: true, values: [.gracefulShutdown])])

    static func make(_ generator: inout SeededGenerator) -> RoutePolicy? {
        Bool.random(using: &generator) ? nil : all.randomElement(using: &generator)?.policy
    }

    /// What becomes of attributes; `nil`: the route is refused.
    static func attributes(
        _ attributes: PathAttributes.Contents, to prefix: IPPrefix, behind policy: RoutePolicy?
    ) -> PathAttributes.Contents? {
        guard let policy else { return attributes }
        return all.first { $0.policy == policy }?.effect(prefix, attributes)
    }

    private static func changed(
        _ contents: PathAttributes.Contents, _ change: (inout PathAttributes.Contents) -> Void
    ) -> PathAttributes.Contents {
        var contents = contents
        change(&contents)
        return contents
    }

    private static func entry(
        _ permits: Bool = true, _ conditions: [RoutePolicy.Condition] = [], prefixes: String? = nil,
        _ lengths: ClosedRange<UInt8> = 0...32, changes: (inout AttributeChanges) -> Void = { _ in }
    ) -> RoutePolicy.Entry {
        var entry = RoutePolicy.Entry(permits: permits)
        entry.conditions = conditions
        if let prefix = prefixes.flatMap({ IPPrefix($0) }) {
            entry.prefixFilters = [PrefixFilter([.init(permits: true, prefix: prefix, lengths: lengths)])]
        }
        changes(&entry.changes)
        return entry
    }
}
