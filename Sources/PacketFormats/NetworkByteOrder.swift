/// Access to fields in network byte order at any alignment: the one place where byte order is converted.
///
/// Offsets are octets from the pointer. The caller has made sure that the octets are there.
extension UnsafeRawPointer {
    @inlinable @inline(__always)
    public func networkUInt16(at offset: Int) -> UInt16 {
        UInt16(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }

    @inlinable @inline(__always)
    public func networkUInt32(at offset: Int) -> UInt32 {
        UInt32(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    @inlinable @inline(__always)
    public func networkUInt64(at offset: Int) -> UInt64 {
        UInt64(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    @inlinable @inline(__always)
    public func networkUInt128(at offset: Int) -> UInt128 {
        UInt128(networkUInt64(at: offset)) << 64 | UInt128(networkUInt64(at: offset &+ 8))
    }

    @inlinable @inline(__always)
    public func octet(at offset: Int) -> UInt8 {
        loadUnaligned(fromByteOffset: offset, as: UInt8.self)
    }
}

extension UnsafeMutableRawPointer {
    @inlinable @inline(__always)
    public func storeNetwork(_ value: UInt16, at offset: Int) {
        storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt16.self)
    }

    @inlinable @inline(__always)
    public func storeNetwork(_ value: UInt32, at offset: Int) {
        storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt32.self)
    }

    @inlinable @inline(__always)
    public func storeNetwork(_ value: UInt64, at offset: Int) {
        storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt64.self)
    }

    @inlinable @inline(__always)
    public func storeNetwork(_ value: UInt128, at offset: Int) {
        storeNetwork(UInt64(truncatingIfNeeded: value >> 64), at: offset)
        storeNetwork(UInt64(truncatingIfNeeded: value), at: offset &+ 8)
    }

    @inlinable @inline(__always)
    public func storeOctet(_ value: UInt8, at offset: Int) {
        storeBytes(of: value, toByteOffset: offset, as: UInt8.self)
    }
}
