/// The ports of a TCP (RFC 9293) or UDP (RFC 768) header, which begin alike.
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |          source port          |       destination port        |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
@frozen
public struct TransportPorts {
    public static var byteCount: Int { @inlinable get { 4 } }

    @usableFromInline let base: UnsafeRawPointer

    @inlinable @inline(__always)
    public init(_ base: UnsafeRawPointer) { self.base = base }

    @inlinable @inline(__always)
    public var source: UInt16 { base.networkUInt16(at: 0) }

    @inlinable @inline(__always)
    public var destination: UInt16 { base.networkUInt16(at: 2) }
}
