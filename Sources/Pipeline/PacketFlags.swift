/// What the stages remember of a packet, one bit each. The flags of a valid label entry (STILE_FLAG_…) are those of its
/// packet: VALID and TRANSIT have the same bits here, and the bits of the others have no meaning.
public struct PacketFlags: BitwiseCopyable, Sendable {
    public let rawValue: UInt8

    @_noLocks @inline(__always)
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static var none: Self { @_noLocks @inline(__always) get { Self(rawValue: 0) } }
    /// It came in with a label, on an NNI or from the core, or by a circuit of another operator's (`WorkerState.cameByLabel` tells
    /// them apart), and may have been held since then: STILE_FLAG_VALID.
    public static var cameLabelled: Self { @_noLocks @inline(__always) get { Self(rawValue: 1) } }
    /// Its VRF allows NNI → NNI: STILE_FLAG_TRANSIT.
    public static var mayTransit: Self { @_noLocks @inline(__always) get { Self(rawValue: 8) } }
    /// Of what the box made: it was held on its way from the core. Of what came in by a port the interface says it, and the
    /// bit has no meaning.
    public static var heldFromCore: Self { @_noLocks @inline(__always) get { Self(rawValue: 0x10) } }
    public static var isIPv6: Self { @_noLocks @inline(__always) get { Self(rawValue: 0x40) } }
    /// An ICMP error or an injected packet: no further ICMP error, TTL as it is.
    public static var madeByTheBox: Self { @_noLocks @inline(__always) get { Self(rawValue: 0x80) } }
    /// Made by the box, and no packet that was held: an ICMP error or an answer. Of what came in by a port the second bit
    /// has no meaning.
    public static var saidByTheBox: Self { @_noLocks @inline(__always) get { Self(rawValue: 0x82) } }
    /// `Burst.trafficClass` is the class of the label that is imposed.
    public static var hasTrafficClass: Self { @_noLocks @inline(__always) get { Self(rawValue: 0x20) } }

    /// Whether the packet came in by a port, and leaves with the traffic class that it has: in one test.
    var isOfCommonPacket: Bool {
        @_noLocks @inline(__always) get { rawValue & (Self.madeByTheBox.rawValue | Self.hasTrafficClass.rawValue) == 0 }
    }

    /// As `isOfCommonPacket`, of IPv4.
    var isOfCommonIPv4: Bool {
        @_noLocks @inline(__always) get {
            rawValue & (Self.isIPv6.rawValue | Self.madeByTheBox.rawValue | Self.hasTrafficClass.rawValue) == 0
        }
    }

    @_noLocks @inline(__always)
    public func contains(_ other: Self) -> Bool { rawValue & other.rawValue == other.rawValue }

    @_noLocks @inline(__always)
    public func with(_ other: Self) -> Self { Self(rawValue: rawValue | other.rawValue) }

    @_noLocks @inline(__always)
    func without(_ other: Self) -> Self { Self(rawValue: rawValue & ~other.rawValue) }
}
