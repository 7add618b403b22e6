import Addressing

/// ICMP messages (RFC 792) as whole packets, for the control process.
public enum ICMPv4Message {
    /// RFC 1700: the default time to live.
    static let defaultTimeToLive: UInt8 = 64

    /// The IPv4 packet that carries `message`, an ICMP message whose checksum is zero, with both checksums filled in.
    public static func packet(
        from source: IPv4Address, to destination: IPv4Address, timeToLive: UInt8, trafficClassOctet: UInt8 = 0,
        identification: UInt16 = 0, message: [UInt8]
    ) -> [UInt8] {
        let length = UInt16(clamping: IPv4Header.minimumByteCount + message.count)
        var header: [UInt8] = [0x45, trafficClassOctet] + length.networkOctets
        header += identification.networkOctets + [0, 0, timeToLive, IPProtocol.icmp, 0, 0]
        header += source.octets + destination.octets
        store(InternetChecksum.complement(InternetChecksum.sum(header)), in: &header, at: 10)
        var body = message
        if body.count >= 4 { store(InternetChecksum.complement(InternetChecksum.sum(body)), in: &body, at: 2) }
        return header + body
    }

    /// The destination unreachable (RFC 792) with as much of `packet` as fits in 576 octets (RFC 1812 §4.3.2.3), at
    /// precedence 6 (§4.3.2.5).
    static func unreachable(
        code: UInt8, about packet: UnsafeRawBufferPointer, from source: IPv4Address, to destination: IPv4Address
    ) -> [UInt8] {
        Self.packet(
            from: source, to: destination, timeToLive: defaultTimeToLive, trafficClassOctet: 0xC0,
            message: [ICMPType.destinationUnreachable, code, 0, 0, 0, 0, 0, 0] + packet.prefix(548))
    }

    private static func store(_ value: UInt16, in octets: inout [UInt8], at offset: Int) {
        octets[offset] = UInt8(value >> 8)
        octets[offset + 1] = UInt8(value & 0xFF)
    }
}

extension InternetChecksum {
    /// As `sum(_:count:startingAt:)`, of an array.
    public static func sum(_ octets: [UInt8]) -> UInt64 {
        octets.withUnsafeBytes { buffer in
            buffer.baseAddress.map { sum($0, count: buffer.count) } ?? 0
        }
    }
}
