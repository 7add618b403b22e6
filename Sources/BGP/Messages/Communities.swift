import Addressing

/// A community (RFC 1997): the AS number in the upper 16 bits, its own value in the lower.
public struct Community: Hashable, Sendable, RawRepresentable, CustomStringConvertible {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// GRACEFUL_SHUTDOWN (RFC 8326 §4.1).
    public static let gracefulShutdown = Community(rawValue: 0xFFFF_0000)
    /// LLGR_STALE (RFC 9494 §4.6): somebody has kept the route for long without a session to whom it came from.
    public static let longLivedStale = Community(rawValue: 0xFFFF_0006)

    public var description: String { "\(rawValue >> 16):\(rawValue & 0xFFFF)" }
}

/// An extended community (RFC 4360): eight octets of the wire as one number, the type in the top octet.
public struct ExtendedCommunity: Hashable, Sendable, RawRepresentable, CustomStringConvertible {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    public init(_ routeTarget: RouteTarget) { rawValue = routeTarget.rawValue }

    /// The route target, if it is one.
    public var routeTarget: RouteTarget? { RouteTarget(rawValue: rawValue) }

    /// RFC 4360 §2: the T bit is clear on those that cross AS boundaries.
    public var isTransitive: Bool { rawValue >> 62 & 1 == 0 }

    public var description: String {
        routeTarget.map { "rt \($0)" } ?? "0x" + String(rawValue, radix: 16)
    }
}

/// A large community (RFC 8092): three numbers of four octets.
public struct LargeCommunity: Hashable, Sendable, CustomStringConvertible {
    public let globalAdministrator: UInt32
    public let localData1: UInt32
    public let localData2: UInt32

    public init(_ globalAdministrator: UInt32, _ localData1: UInt32, _ localData2: UInt32) {
        self.globalAdministrator = globalAdministrator
        self.localData1 = localData1
        self.localData2 = localData2
    }

    public var description: String { "\(globalAdministrator):\(localData1):\(localData2)" }
}
