/// The Internet checksum (RFC 1071) and its incremental update (RFC 1624).
public enum InternetChecksum {
    /// Adds `count` octets at `bytes`, an odd last one padded with zero, to a running sum. With at most 64 KiB per call
    /// and few calls, 64 bits never overflow.
    @inlinable
    public static func sum(_ bytes: UnsafeRawPointer, count: Int, startingAt start: UInt64 = 0) -> UInt64 {
        var sum = start
        var offset = 0
        while offset &+ 4 <= count {
            sum &+= UInt64(bytes.networkUInt32(at: offset))
            offset &+= 4
        }
        if offset &+ 2 <= count {
            sum &+= UInt64(bytes.networkUInt16(at: offset))
            offset &+= 2
        }
        if offset < count { sum &+= UInt64(bytes.octet(at: offset)) << 8 }
        return sum
    }

    /// Folds a sum to sixteen bits. A correct header's whole sum folds to 0xFFFF.
    @inlinable @inline(__always)
    public static func fold(_ sum: UInt64) -> UInt16 {
        var value = (sum & 0xFFFF_FFFF) &+ (sum >> 32)
        value = (value & 0xFFFF) &+ (value >> 16)
        value = (value & 0xFFFF) &+ (value >> 16)
        value = (value & 0xFFFF) &+ (value >> 16)
        return UInt16(truncatingIfNeeded: value)
    }

    /// The checksum field's value for a sum.
    @inlinable @inline(__always)
    public static func complement(_ sum: UInt64) -> UInt16 { ~fold(sum) }

    /// The checksum after a 16-bit field has changed from `old` to `new`: RFC 1624 §3, equation 3.
    @inlinable @inline(__always)
    public static func updated(_ checksum: UInt16, from old: UInt16, to new: UInt16) -> UInt16 {
        var sum = UInt32(~checksum) &+ UInt32(~old) &+ UInt32(new)
        sum = (sum & 0xFFFF) &+ (sum >> 16)
        sum = (sum & 0xFFFF) &+ (sum >> 16)
        return ~UInt16(truncatingIfNeeded: sum)
    }

    /// Whether the IPv4 header of 20 octets or more at `header`, whose first octet is not zero, has a correct checksum.
    @inlinable @inline(__always)
    public static func isCorrect(ipv4Header header: UnsafeRawPointer, headerBytes: Int) -> Bool {
        if headerBytes == 20 {
            // Words as they lie in memory: the order of the octets does not matter for a sum of ones' complement (RFC
            // 1071 §2B), and what is carried out of 64 bits counts as 1, as it does out of 16.
            let (sum16, carry16) = header.loadUnaligned(as: UInt64.self)
                .addingReportingOverflow(header.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            let last = UInt64(header.loadUnaligned(fromByteOffset: 16, as: UInt32.self)) &+ (carry16 ? 1 : 0)
            let (sum20, carry20) = sum16.addingReportingOverflow(last)
            let sum = sum20 &+ (carry20 ? 1 : 0)
            // A sum that folds to 0xFFFF is a multiple of it, and here never 0. 0xFFFF is odd: its multiples, and only
            // they, come out as at most 2⁶⁴ / 0xFFFF when multiplied by its inverse modulo 2⁶⁴. One multiplication
            // instead of four folds (`Bench/run pipeline`).
            return sum &* 0xFFFE_FFFE_FFFE_FFFF <= 0x0001_0001_0001_0001
        }
        return fold(self.sum(header, count: headerBytes)) == 0xFFFF
    }
}
