/// An MPLS label stack entry (RFC 3032 §2.1; RFC 5462 names the traffic class).
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |                 label                 |  TC |S|      TTL      |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
@frozen
public struct LabelStackEntry: Equatable, Sendable {
    public static var byteCount: Int { @inlinable get { 4 } }

    /// The whole entry in host byte order.
    public var rawValue: UInt32

    @inlinable @inline(__always)
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Reads the four octets at `base`.
    @inlinable @inline(__always)
    public init(_ base: UnsafeRawPointer) { rawValue = base.networkUInt32(at: 0) }

    /// Bits that do not fit their field are cut off.
    @inlinable @inline(__always)
    public init(label: UInt32, trafficClass: UInt8, isBottomOfStack: Bool, timeToLive: UInt8) {
        rawValue =
            label << 12 | UInt32(trafficClass & 7) << 9 | (isBottomOfStack ? 0x100 : 0) | UInt32(timeToLive)
    }

    /// 0 to 1,048,575.
    @inlinable @inline(__always)
    public var label: UInt32 { rawValue >> 12 }

    /// RFC 3032 §2.1: labels 0 to 15 are no one's to give.
    @inlinable @inline(__always)
    public var isReserved: Bool { label < 16 }

    /// 0 to 7.
    @inlinable @inline(__always)
    public var trafficClass: UInt8 { UInt8(truncatingIfNeeded: rawValue >> 9) & 7 }

    @inlinable @inline(__always)
    public var isBottomOfStack: Bool { rawValue & 0x100 != 0 }

    /// Whether it is the last entry of its stack and has a TTL above 1, in one comparison.
    @inlinable @inline(__always)
    public var isBottomOfStackAndForwardable: Bool { rawValue & 0x1FF >= 0x102 }

    @inlinable @inline(__always)
    public var timeToLive: UInt8 { UInt8(truncatingIfNeeded: rawValue) }

    /// The four octets of the wire.
    public var octets: [UInt8] {
        [UInt8(rawValue >> 24), UInt8(rawValue >> 16 & 0xFF), UInt8(rawValue >> 8 & 0xFF), UInt8(rawValue & 0xFF)]
    }
}
