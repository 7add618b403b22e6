import Addressing

/// An extended community (RFC 4360): eight octets of the wire as one number, the type in the top octet.
public struct ExtendedCommunity: Hashable, Sendable, RawRepresentable, CustomStringConvertible {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    public init(_ routeTarget: RouteTarget) { rawValue = routeTarget.rawValue }

    public init(_ site: SiteOfOrigin) { rawValue = site.rawValue }

    /// The route target, if it is one.
    public var routeTarget: RouteTarget? { RouteTarget(rawValue: rawValue) }

    /// RFC 4360 §2: the T bit is clear on those that cross AS boundaries.
    public var isTransitive: Bool { rawValue >> 62 & 1 == 0 }

    /// MPLS in UDP, the encapsulation (RFC 9012 §4.1: type 0x03, sub-type 0x0c, four reserved octets and the tunnel type; 13 is
    /// that of RFC 7510): packets under the route's label may come to its next hop by it.
    public static let mplsInUDP = Self(rawValue: 0x030c_0000_0000_000d)

    /// Whether it is that. What is in the reserved octets does not count.
    public var isMPLSInUDP: Bool { rawValue & 0xffff_0000_0000_ffff == Self.mplsInUDP.rawValue }

    public var description: String {
        if isMPLSInUDP { return "encapsulation mpls-in-udp" }
        return routeTarget.map { "rt \($0)" } ?? serviceDescription ?? "0x" + String(rawValue, radix: 16)
    }
}
