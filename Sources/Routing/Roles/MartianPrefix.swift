import Addressing

/// Destinations that no unicast route may have (RFC 6890, RFC 1112, RFC 4291).
enum MartianPrefix {
    private static let multicast = ["224.0.0.0/4", "ff00::/8"].compactMap { IPPrefix($0) }

    /// This network, loopback, link-local and what is reserved. `224.0.0.0/3` holds what is multicast or reserved and
    /// nothing else. `169.254.0.0/16` is never forwarded (RFC 3927 §7); `::/96` holds the unspecified address, the
    /// loopback address and the IPv4-compatible ones, `::ffff:0:0/96` the IPv4-mapped ones.
    private static let others = [
        "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3", "::/96", "::ffff:0:0/96", "fe80::/10",
    ].compactMap { IPPrefix($0) }

    /// What is wrong with the prefix; `nil` if nothing. The default route is inside none of them.
    static func rejection(of prefix: IPPrefix) -> RouteRejection? {
        if multicast.contains(where: { $0.contains(prefix) }) { return .multicastPrefix }
        return others.contains { $0.contains(prefix) } ? .martianPrefix : nil
    }
}
