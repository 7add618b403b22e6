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
        ipv4(
            from: source, to: destination, ports: [0x10, 0, 0x20, 0],
            payload: (0..<bytes - 28).map { UInt8(truncatingIfNeeded: $0 + number) },
            identification: UInt16(number & 255), ttl: ttl)
    }

    /// An IPv4 packet with a UDP header, or eight octets that begin with the ports as another protocol's do.
    ///
    /// - Parameters:
    ///   - ports: four octets, source and destination.
    ///   - fragment: flags and offset.
    static func ipv4(
        from source: [UInt8], to destination: [UInt8], ports: [UInt8], payload: [UInt8], identification: UInt16 = 0,
        fragment: UInt16 = 0x4000, protocolNumber: UInt8 = 17, ttl: UInt8 = 64
    ) -> [UInt8] {
        let transport = ports + octets(UInt16(8 + payload.count)) + [0, 0] + payload
        var header = [0x45, 0] + octets(UInt16(20 + transport.count)) + octets(identification) + octets(fragment)
        header += [ttl, protocolNumber, 0, 0] + source + destination
        header.replaceSubrange(10..<12, with: octets(checksum(header)))
        return header + transport
    }

    /// An IPv6 packet with a UDP header.
    static func ipv6(
        from source: [UInt8], to destination: [UInt8], ports: [UInt8], payload: [UInt8]
    ) -> [UInt8] {
        let transport = ports + octets(UInt16(8 + payload.count)) + [0, 0] + payload
        return [0x60, 0, 0, 0] + octets(UInt16(transport.count)) + [17, 64] + source + destination + transport
    }

    /// 2001:db8:`network`::`host`
    static func ipv6Address(network: Int, host: Int) -> [UInt8] {
        [0x20, 1, 0x0D, 0xB8] + octets(UInt16(network)) + [UInt8](repeating: 0, count: 8) + octets(UInt16(host))
    }

    private static func octets(_ number: UInt16) -> [UInt8] { [UInt8(number >> 8), UInt8(number & 255)] }

    static func ethernet(to destination: [UInt8], from source: [UInt8], type: UInt16, _ payload: [UInt8]) -> [UInt8] {
        destination + source + [UInt8(type >> 8), UInt8(type & 255)] + payload
    }

    /// What the customer sends to the far end's side: a packet that tells its number.
    static func customers(_ number: Int) -> [UInt8] {
        ethernet(
            to: box, from: customer, type: 0x0800, ipv4(from: [10, 1, 0, 9], to: [10, 2, 0, 7], number: number))
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
