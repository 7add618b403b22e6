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

    public var description: String {
        routeTarget.map { "rt \($0)" } ?? "0x" + String(rawValue, radix: 16)
    }
}
