/// A UDP header (RFC 768).
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |          source port          |       destination port        |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |            length             |           checksum            |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
@frozen
public struct UDPHeader {
    public static var byteCount: Int { @inlinable get { 8 } }
    /// The destination port of MPLS over UDP (RFC 7510 §3).
    public static var mplsPort: UInt16 { @inlinable get { 6_635 } }
    /// The first of the source ports that tell flows apart, which are all from there on (RFC 7510 §3, RFC 6335 §6).
    public static var firstEntropyPort: UInt16 { @inlinable get { 49_152 } }

    @usableFromInline let base: UnsafeRawPointer

    @inlinable @inline(__always)
    public init(_ base: UnsafeRawPointer) { self.base = base }

    @inlinable @inline(__always)
    public var destinationPort: UInt16 { base.networkUInt16(at: 2) }

    /// Octets of header and payload.
    @inlinable @inline(__always)
    public var length: Int { Int(base.networkUInt16(at: 4)) }

    /// 0: there is none.
    @inlinable @inline(__always)
    public var checksum: UInt16 { base.networkUInt16(at: 6) }

    /// The sum over the header, `bytes` octets with the payload, and the pseudo-header: 32 octets of addresses in IPv6 (RFC
    /// 8200 §8.1), 8 in IPv4. A correct datagram's folds to 0xFFFF.
    @inlinable
    public func sum(bytes: Int, addresses: UnsafeRawPointer, addressBytes: Int) -> UInt64 {
        let pseudoHeader = InternetChecksum.sum(
            addresses, count: addressBytes,
            startingAt: UInt64(truncatingIfNeeded: bytes) &+ UInt64(IPProtocol.udp))
        return InternetChecksum.sum(base, count: bytes, startingAt: pseudoHeader)
    }

    /// The port of a flow, from the upper bits of its hash.
    @inlinable @inline(__always)
    public static func entropyPort(_ hash: FlowHash) -> UInt16 {
        firstEntropyPort | UInt16(truncatingIfNeeded: hash.rawValue >> 18)
    }
}
