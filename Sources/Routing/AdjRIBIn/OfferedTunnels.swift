import Addressing
import BGP

/// The next hops of which a neighbor's routes say that they take MPLS over UDP (RFC 9012 §4.1).
struct OfferedTunnels {
    /// How many routes say so of each.
    private var routes: [IPAddress: Int] = [:]
    /// Whether there are others than when this was last taken.
    private var hasChanged = false

    var providers: some Collection<IPAddress> { routes.keys }

    mutating func takeChange() -> Bool {
        defer { hasChanged = false }
        return hasChanged
    }

    mutating func add(_ attributes: PathAttributes) {
        guard let provider = Self.provider(attributes) else { return }
        hasChanged = hasChanged || routes[provider] == nil
        routes[provider, default: 0] += 1
    }

    mutating func remove(_ attributes: PathAttributes) {
        guard let provider = Self.provider(attributes), let count = routes[provider] else { return }
        hasChanged = hasChanged || count == 1
        routes[provider] = count > 1 ? count - 1 : nil
    }

    /// `nil` for nearly all routes.
    private static func provider(_ attributes: PathAttributes) -> IPAddress? {
        guard attributes.extendedCommunities.contains(where: \.isMPLSInUDP) else { return nil }
        return attributes.nextHop?.resolvedAddress
    }
}
