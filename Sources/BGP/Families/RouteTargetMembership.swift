import Addressing

/// Route targets that begin alike: those of which the first `length` bits are these (RFC 4684 §4).
public struct RouteTargetPrefix: Hashable, Sendable {
    /// The eight octets of the targets as one number; the bits behind the length are clear.
    public let rawValue: UInt64
    /// 0 for all targets, up to 64 for one.
    public let length: UInt8

    /// - Parameter length: at most 64.
    public init(_ rawValue: UInt64, length: UInt8) {
        self.length = min(length, 64)
        self.rawValue = rawValue & Self.mask(self.length)
    }

    /// One target alone.
    public init(_ target: RouteTarget) { self.init(target.rawValue, length: 64) }

    /// All targets.
    public static let everything = Self(0, length: 0)

    /// The bits that count in prefixes of a length.
    public static func mask(_ length: UInt8) -> UInt64 { length == 0 ? 0 : ~0 << (64 - UInt64(length)) }

    public func contains(_ target: RouteTarget) -> Bool { target.rawValue & Self.mask(length) == rawValue }
}

/// What a speaker wants VPN routes of, and for which AS: the routes of the family route target membership (RFC 4684 §4).
///
///     +-------------------------------+
///     | length in bits (1 octet)      |  0, or 32 to 96
///     +-------------------------------+
///     | origin AS (4 octets)          |
///     +-------------------------------+
///     | route target (0 to 8 octets)  |  as many as its length needs
///     +-------------------------------+
public struct RouteTargetMembership: Hashable, Sendable {
    /// The AS that wants them; `nil` for the default route target, which is nothing at all on the wire.
    public let originAutonomousSystem: UInt32?
    public let targets: RouteTargetPrefix

    public init(originAutonomousSystem: UInt32, _ targets: RouteTargetPrefix) {
        self.originAutonomousSystem = originAutonomousSystem
        self.targets = targets
    }

    private init() {
        originAutonomousSystem = nil
        targets = .everything
    }

    /// The default route target: its sender wants all VPN routes.
    public static let everything = Self()

    /// The AS has four octets on the wire and is never cut short (RFC 4684 §4).
    static let originBits = 32

    /// The length on the wire.
    public var bits: Int { originAutonomousSystem == nil ? 0 : Self.originBits + Int(targets.length) }
}

extension RouteTargetMembership: Comparable {
    /// The default first.
    public static func < (a: Self, b: Self) -> Bool { a.order < b.order }

    private var order: (Int, UInt32, UInt64, UInt8) {
        (originAutonomousSystem == nil ? 0 : 1, originAutonomousSystem ?? 0, targets.rawValue, targets.length)
    }
}

extension RouteTargetMembership: CustomStringConvertible {
    /// The AS, the target and the length, for instance `42:42:7/96`; a target that is not whole in hexadecimal.
    public var description: String {
        guard let originAutonomousSystem else { return "default" }
        return "\(originAutonomousSystem):\(targets)/\(bits)"
    }
}

extension RouteTargetPrefix: CustomStringConvertible {
    public var description: String {
        guard length == 64 else { return "0x" + String(rawValue, radix: 16) }
        return RouteTarget(rawValue: rawValue)?.description ?? "0x" + String(rawValue, radix: 16)
    }
}

extension ByteReader {
    /// `nil` where the length is none that the family has: the AS is whole or is not there.
    mutating func readRouteTargets(bits: Int) -> RouteTargetMembership? {
        guard bits > 0 else { return .everything }
        let targetBits = bits - RouteTargetMembership.originBits
        guard (0...64).contains(targetBits), let origin = readUInt32(), let octets = readOctets((targetBits + 7) / 8)
        else { return nil }
        var target: UInt64 = 0
        for octet in octets { target = target << 8 | UInt64(octet) }
        if !octets.isEmpty { target <<= UInt64(64 - 8 * octets.count) }
        // What is behind the length means nothing (RFC 4271 §4.3).
        return RouteTargetMembership(
            originAutonomousSystem: origin, RouteTargetPrefix(target, length: UInt8(targetBits)))
    }
}

extension ByteWriter {
    /// What stands behind the length.
    mutating func write(_ membership: RouteTargetMembership) {
        guard let origin = membership.originAutonomousSystem else { return }
        write(origin)
        let octets = (Int(membership.targets.length) + 7) / 8
        guard octets > 0 else { return }
        writeNumber(membership.targets.rawValue >> UInt64(64 - 8 * octets), octets: octets)
    }
}
