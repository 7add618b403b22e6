import Addressing

/// One `ip route vrf` or `ipv6 route vrf` line.
public struct StaticRoute: Hashable, Sendable, Comparable {
    public var vrf: String
    public var prefix: IPPrefix
    public var nextHop: StaticNextHop
    /// The administrative distance, 1 to 255: the lowest wins.
    public var distance: UInt8

    public init(vrf: String, prefix: IPPrefix, nextHop: StaticNextHop, distance: UInt8 = 1) {
        self.vrf = vrf
        self.prefix = prefix
        self.nextHop = nextHop
        self.distance = distance
    }

    public static func < (a: Self, b: Self) -> Bool {
        (a.vrf, a.prefix, a.nextHop, a.distance) < (b.vrf, b.prefix, b.nextHop, b.distance)
    }
}

/// Where a static route leads.
public enum StaticNextHop: Hashable, Sendable, Comparable {
    /// `Null0`: packets are dropped and counted.
    case discard
    /// An address of the prefix's family.
    case address(IPAddress)
    /// A link-local address, which is one on the link of this circuit only.
    case onLink(InterfaceName, IPv6Address)
}
