/// The CRC of IEEE 802.3 §3.2.9: polynomial 0x04C11DB7, here bit-reversed.
package enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in
            value & 1 == 0 ? value >> 1 : value >> 1 ^ 0xEDB8_8320
        }
    }

    package static func checksum(of octets: ArraySlice<UInt8>) -> UInt32 {
        ~octets.reduce(~0) { $0 >> 8 ^ table[Int(($0 ^ UInt32($1)) & 0xFF)] }
    }
}
