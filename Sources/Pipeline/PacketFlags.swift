/// What the stages remember of a packet, one bit each.
public struct PacketFlags: Equatable, Sendable {
    public let rawValue: UInt8

    @_noLocks @inline(__always)
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static var none: Self { @_noLocks @inline(__always) get { Self(rawValue: 0) } }
    public static var isIPv6: Self { @_noLocks @inline(__always) get { Self(rawValue: 1) } }
    /// It came in with a label on an NNI, and may have been held since then.
    public static var cameFromNNI: Self { @_noLocks @inline(__always) get { Self(rawValue: 2) } }
    /// Its VRF allows NNI → NNI.
    public static var mayTransit: Self { @_noLocks @inline(__always) get { Self(rawValue: 4) } }
    /// An ICMP error or an injected packet: no further ICMP error, TTL as it is.
    public static var madeByTheBox: Self { @_noLocks @inline(__always) get { Self(rawValue: 8) } }
    /// `Burst.trafficClass` is the class of the label that is imposed.
    public static var hasTrafficClass: Self { @_noLocks @inline(__always) get { Self(rawValue: 16) } }

    @_noLocks @inline(__always)
    public func contains(_ other: Self) -> Bool { rawValue & other.rawValue == other.rawValue }

    @_noLocks @inline(__always)
    public func with(_ other: Self) -> Self { Self(rawValue: rawValue | other.rawValue) }
}
