import Addressing

/// An Ethernet II header (IEEE 802.3).
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |                      destination address                      |
///     +                               +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |                               |                               |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+        source address         +
///     |                                                               |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |           EtherType           |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///
/// The view reads `byteCount` octets; whoever makes it has checked that they are there.
@frozen
public struct EthernetHeader {
    public static var byteCount: Int { @inlinable get { 14 } }

    @usableFromInline let base: UnsafeRawPointer

    @inlinable @inline(__always)
    public init(_ base: UnsafeRawPointer) { self.base = base }

    @inlinable @inline(__always)
    public var destination: MACAddress {
        MACAddress(rawValue: UInt64(base.networkUInt32(at: 0)) << 16 | UInt64(base.networkUInt16(at: 4)))
    }

    @inlinable @inline(__always)
    public var source: MACAddress {
        MACAddress(rawValue: UInt64(base.networkUInt16(at: 6)) << 32 | UInt64(base.networkUInt32(at: 8)))
    }

    /// The type of what follows: another header's, or a VLAN tag's protocol identifier.
    @inlinable @inline(__always)
    public var etherType: UInt16 { base.networkUInt16(at: 12) }

    /// Whether the destination's group bit is set: multicast or broadcast.
    @inlinable @inline(__always)
    public var isToGroup: Bool { base.octet(at: 0) & 1 == 1 }
}
