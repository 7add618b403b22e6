import Addressing

/// An IPv6 header (RFC 8200 §3).
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |version| traffic class |              flow label               |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |         payload length        |  next header  |   hop limit   |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |                  source address (16 octets)                   |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |                destination address (16 octets)                |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///
/// The view reads `byteCount` octets; whoever makes it has checked that they are there.
@frozen
public struct IPv6Header {
    public static var byteCount: Int { @inlinable get { 40 } }

    @usableFromInline let base: UnsafeRawPointer

    @inlinable @inline(__always)
    public init(_ base: UnsafeRawPointer) { self.base = base }

    @inlinable @inline(__always)
    public var version: UInt8 { base.octet(at: 0) >> 4 }

    /// DSCP (RFC 2474) in the upper six bits, ECN (RFC 3168) in the lower two.
    @inlinable @inline(__always)
    public var trafficClassOctet: UInt8 { UInt8(truncatingIfNeeded: base.networkUInt16(at: 0) >> 4) }

    /// Octets behind this header; 0 means none, or a jumbogram (RFC 2675), which Stile does not carry.
    @inlinable @inline(__always)
    public var payloadLength: Int { Int(base.networkUInt16(at: 4)) }

    @inlinable @inline(__always)
    public var nextHeader: UInt8 { base.octet(at: 6) }

    @inlinable @inline(__always)
    public var hopLimit: UInt8 { base.octet(at: 7) }

    @inlinable @inline(__always)
    public var source: IPv6Address { IPv6Address(rawValue: base.networkUInt128(at: 8)) }

    @inlinable @inline(__always)
    public var destination: IPv6Address { IPv6Address(rawValue: base.networkUInt128(at: 24)) }

    @inlinable @inline(__always)
    public static func setHopLimit(_ hopLimit: UInt8, of header: UnsafeMutableRawPointer) {
        header.storeOctet(hopLimit, at: 7)
    }

    /// The sum over the pseudo-header (RFC 8200 §8.1), to go on with the payload's.
    @inlinable
    public func pseudoHeaderSum(upperLayerBytes: Int, upperLayerProtocol: UInt8) -> UInt64 {
        InternetChecksum.sum(
            base + 8, count: 32, startingAt: UInt64(truncatingIfNeeded: upperLayerBytes) &+ UInt64(upperLayerProtocol))
    }
}
