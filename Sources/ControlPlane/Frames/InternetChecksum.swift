import Addressing

/// The Internet checksum (RFC 1071): the ones' complement of the ones' complement sum of 16-bit words.
struct InternetChecksum {
    private var sum: UInt64 = 0

    /// Adds octets that begin on a word boundary; an odd last octet is padded with zero.
    mutating func add(_ octets: some Sequence<UInt8>) {
        var high: UInt8?
        for octet in octets {
            if let first = high {
                sum &+= UInt64(first) << 8 | UInt64(octet)
                high = nil
            } else {
                high = octet
            }
        }
        if let first = high { sum &+= UInt64(first) << 8 }
    }

    /// The value for the checksum field; 0 over data that carries a correct checksum.
    var value: UInt16 {
        var folded = sum
        while folded >> 16 != 0 { folded = (folded & 0xFFFF) &+ (folded >> 16) }
        return ~UInt16(truncatingIfNeeded: folded)
    }

    /// The checksum of `octets`.
    static func of(_ octets: some Sequence<UInt8>) -> UInt16 {
        var checksum = InternetChecksum()
        checksum.add(octets)
        return checksum.value
    }

    /// The checksum of an upper-layer message with the IPv6 pseudo-header (RFC 8200 §8.1).
    static func ofUpperLayer(
        _ message: some Collection<UInt8>, protocolNumber: UInt8, source: IPv6Address, destination: IPv6Address
    ) -> UInt16 {
        var checksum = InternetChecksum()
        checksum.add(source.octets)
        checksum.add(destination.octets)
        checksum.add(UInt32(truncatingIfNeeded: message.count).networkOctets)
        checksum.add([0, 0, 0, protocolNumber])
        checksum.add(message)
        return checksum.value
    }
}

extension FixedWidthInteger {
    /// The octets in network byte order.
    var networkOctets: [UInt8] {
        (0..<Self.bitWidth / 8).map { UInt8(truncatingIfNeeded: self >> Self(Self.bitWidth - 8 - 8 * $0)) }
    }
}

extension Collection<UInt8> where Index == Int {
    /// The 16-bit number in network byte order at `offset` from the start; `nil` beyond the end.
    func networkUInt16(at offset: Int) -> UInt16? {
        guard offset >= 0, offset + 2 <= count else { return nil }
        return UInt16(self[startIndex + offset]) << 8 | UInt16(self[startIndex + offset + 1])
    }
}
