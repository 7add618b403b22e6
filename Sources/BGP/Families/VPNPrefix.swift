import Addressing

/// What identifies a VPN route: a prefix made unique by its route distinguisher (RFC 4364 §4.1).
public struct VPNPrefix: Hashable, Sendable, Comparable {
    public let routeDistinguisher: RouteDistinguisher
    public let prefix: IPPrefix

    public init(routeDistinguisher: RouteDistinguisher, prefix: IPPrefix) {
        self.routeDistinguisher = routeDistinguisher
        self.prefix = prefix
    }

    public static func < (a: Self, b: Self) -> Bool {
        (a.routeDistinguisher, a.prefix) < (b.routeDistinguisher, b.prefix)
    }
}

extension VPNPrefix: CustomStringConvertible {
    public var description: String { "\(routeDistinguisher):\(prefix)" }
}
