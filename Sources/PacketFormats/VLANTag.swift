/// A VLAN tag (IEEE 802.1Q), seen from its tag control information on.
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     | PCP |D|        VLAN ID        |           EtherType           |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
@frozen
public struct VLANTag {
    public static var byteCount: Int { @inlinable get { 4 } }

    @usableFromInline let base: UnsafeRawPointer

    /// `base` is the octet behind the tag protocol identifier.
    @inlinable @inline(__always)
    public init(_ base: UnsafeRawPointer) { self.base = base }

    /// 0 (priority tag: no VLAN) to 4095.
    @inlinable @inline(__always)
    public var identifier: UInt16 { base.networkUInt16(at: 0) & 0xFFF }

    @inlinable @inline(__always)
    public var priority: UInt8 { base.octet(at: 0) >> 5 }

    /// The type of what follows the tag.
    @inlinable @inline(__always)
    public var etherType: UInt16 { base.networkUInt16(at: 2) }
}
