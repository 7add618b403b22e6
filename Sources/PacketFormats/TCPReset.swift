import Addressing

/// The two addresses of a packet, as the pseudo-headers of transport checksums have them.
enum IPEnds {
    case ipv4(_ source: IPv4Address, _ destination: IPv4Address)
    case ipv6(_ source: IPv6Address, _ destination: IPv6Address)

    /// The sum over the pseudo-header and `segment` (RFC 9293 §3.1, RFC 8200 §8.1). It does not change when the ends are
    /// exchanged.
    func sum(_ segment: [UInt8], of protocolNumber: UInt8) -> UInt16 {
        let addresses: [UInt8] =
            switch self {
            case .ipv4(let source, let destination): source.octets + destination.octets
            case .ipv6(let source, let destination): source.octets + destination.octets
            }
        let header = addresses + UInt32(clamping: segment.count).networkOctets + [0, 0, 0, protocolNumber]
        return InternetChecksum.fold(InternetChecksum.sum(header + segment))
    }

    func isCorrect(_ segment: [UInt8], of protocolNumber: UInt8) -> Bool {
        sum(segment, of: protocolNumber) == 0xFFFF
    }
}

/// What a TCP without connections answers (RFC 9293 §3.5.2, first group, and §3.10.7.1).
enum TCPReset {
    private static let headerBytes = 20
    private static let fin: UInt8 = 0x01
    private static let syn: UInt8 = 0x02
    private static let rst: UInt8 = 0x04
    private static let ack: UInt8 = 0x10

    /// The packet that resets what `segment` belongs to; `nil` for a reset, or a segment that is damaged.
    static func packet(answering segment: [UInt8], between ends: IPEnds) -> [UInt8]? {
        guard segment.count >= headerBytes else { return nil }
        let offset = Int(segment[12] >> 4) * 4
        guard offset >= headerBytes, offset <= segment.count, ends.isCorrect(segment, of: IPProtocol.tcp),
            segment[13] & rst == 0
        else { return nil }
        var reset = Array(segment[2..<4] + segment[0..<2])
        if segment[13] & ack != 0 {
            reset += segment[8..<12] + [0, 0, 0, 0] + [0x50, rst]
        } else {
            let sequence = segment[4..<8].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            // SYN and FIN take a number each.
            let length =
                segment.count - offset + (segment[13] & syn != 0 ? 1 : 0) + (segment[13] & fin != 0 ? 1 : 0)
            reset += [0, 0, 0, 0] + (sequence &+ UInt32(length)).networkOctets + [0x50, rst | ack]
        }
        reset += [0, 0, 0, 0, 0, 0]
        let checksum = ~ends.sum(reset, of: IPProtocol.tcp)
        reset[16] = UInt8(checksum >> 8)
        reset[17] = UInt8(checksum & 0xFF)
        switch ends {
        case .ipv4(let source, let destination):
            // DF is set: no fragment arises that would need an identification (RFC 6864 §4.1).
            var header: [UInt8] = [0x45, 0] + UInt16(headerBytes + reset.count).networkOctets
            header += [0, 0, 0x40, 0, ICMPv4Message.defaultTimeToLive, IPProtocol.tcp, 0, 0]
            header += destination.octets + source.octets
            let checksum = InternetChecksum.complement(InternetChecksum.sum(header))
            header[10] = UInt8(checksum >> 8)
            header[11] = UInt8(checksum & 0xFF)
            return header + reset
        case .ipv6(let source, let destination):
            let length = UInt16(reset.count).networkOctets
            return [0x60, 0, 0, 0] + length + [IPProtocol.tcp, ICMPv6Message.defaultHopLimit] + destination.octets
                + source.octets + reset
        }
    }
}
