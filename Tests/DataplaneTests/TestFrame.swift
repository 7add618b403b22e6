/// Frames that the tests send and expect.
enum TestFrame {
    static let box: [UInt8] = [0x02, 0, 0, 0, 0, 0x01]
    static let customer: [UInt8] = [0x02, 0, 0, 0, 0, 0x11]
    static let farEnd: [UInt8] = [0x02, 0, 0, 0, 0, 0x22]
    static let boxOnNNI: [UInt8] = [0x02, 0, 0, 0, 0, 0x02]

    /// An IPv4 packet with a UDP header and a payload that tells its number.
    ///
    /// - Parameter bytes: of the whole packet, 32 and up.
    static func ipv4(
        from source: [UInt8], to destination: [UInt8], number: Int, bytes: Int = 100, ttl: UInt8 = 64
    ) -> [UInt8] {
        var header: [UInt8] = [
            0x45, 0, UInt8(bytes >> 8), UInt8(bytes & 255), 0, UInt8(number & 255), 0x40, 0, ttl, 17,
        ]
        header += [0, 0] + source + destination
        let sum = checksum(header)
        header[10] = UInt8(sum >> 8)
        header[11] = UInt8(sum & 255)
        let udpBytes = bytes - 20
        let udp: [UInt8] = [0x10, 0, 0x20, 0, UInt8(udpBytes >> 8), UInt8(udpBytes & 255), 0, 0]
        return header + udp + (0..<bytes - 28).map { UInt8(truncatingIfNeeded: $0 + number) }
    }

    static func ethernet(to destination: [UInt8], from source: [UInt8], type: UInt16, _ payload: [UInt8]) -> [UInt8] {
        destination + source + [UInt8(type >> 8), UInt8(type & 255)] + payload
    }

    /// One label stack entry, bottom of stack (RFC 3032 §2.1).
    static func label(_ label: UInt32, ttl: UInt8, trafficClass: UInt32 = 0) -> [UInt8] {
        let entry = label << 12 | trafficClass << 9 | 1 << 8 | UInt32(ttl)
        return [UInt8(entry >> 24), UInt8(entry >> 16 & 255), UInt8(entry >> 8 & 255), UInt8(entry & 255)]
    }

    /// RFC 1071.
    private static func checksum(_ octets: [UInt8]) -> UInt16 {
        var sum: UInt32 = 0
        for index in stride(from: 0, to: octets.count - 1, by: 2) {
            sum += UInt32(octets[index]) << 8 | UInt32(octets[index + 1])
        }
        while sum > 0xFFFF { sum = sum & 0xFFFF + sum >> 16 }
        return ~UInt16(sum)
    }
}
