import Addressing

/// What the box answers when somebody sends a packet to one of its own addresses in a VRF: an echo reply, or port or
/// protocol unreachable, or nothing (RFC 792, RFC 1122 §3.2.2, RFC 4443).
///
/// A pure function from packet to packet.
public enum EchoResponder {
    /// The time to live of packets that the box makes (RFC 1700's recommendation).
    static let timeToLive: UInt8 = 64
    /// An error quotes no more than fits a packet of this many octets (RFC 1812 §4.3.2.3, RFC 4443 §2.4 (c)).
    static let longestIPv4Error = 576
    static let longestIPv6Error = 1280

    private static let icmp: UInt8 = 1
    private static let tcp: UInt8 = 6
    private static let udp: UInt8 = 17
    private static let icmpv6: UInt8 = 58

    /// The answer to an IP packet; `nil` if none is due.
    public static func answer(to octets: [UInt8]) -> [UInt8]? {
        switch octets.first.map({ $0 >> 4 }) {
        case 4: IPv4Packet(octets).flatMap { answer(to: $0, octets: octets) }
        case 6: IPv6Packet(octets).flatMap { answer(to: $0, octets: octets) }
        default: nil
        }
    }

    private static func answer(to packet: IPv4Packet, octets: [UInt8]) -> [UInt8]? {
        guard packet.source.isUnicast, !packet.isFragment else { return nil }
        var message: [UInt8]
        switch packet.protocolNumber {
        case icmp:
            guard packet.payload.count >= 8, packet.payload[0] == 8, packet.payload[1] == 0,
                InternetChecksum.of(packet.payload) == 0
            else { return nil }
            message = [0, 0, 0, 0] + packet.payload[4...]
        default:
            // Code 3 is "port unreachable", code 2 "protocol unreachable".
            let code: UInt8 = packet.protocolNumber == tcp || packet.protocolNumber == udp ? 3 : 2
            message = [3, code, 0, 0, 0, 0, 0, 0] + octets.prefix(longestIPv4Error - 28)
        }
        message.replaceSubrange(2..<4, with: InternetChecksum.of(message).networkOctets)
        return IPv4Packet(
            timeToLive: timeToLive, protocolNumber: icmp, source: packet.destination, destination: packet.source,
            payload: message
        ).octets
    }

    private static func answer(to packet: IPv6Packet, octets: [UInt8]) -> [UInt8]? {
        guard packet.source.isGlobalUnicast, !packet.destination.isMulticast else { return nil }
        var message: [UInt8]
        switch packet.nextHeader {
        case icmpv6:
            let checksum = InternetChecksum.ofUpperLayer(
                packet.payload, protocolNumber: icmpv6, source: packet.source, destination: packet.destination)
            guard packet.payload.count >= 8, packet.payload[0] == 128, packet.payload[1] == 0, checksum == 0 else {
                return nil
            }
            message = [129, 0, 0, 0] + packet.payload[4...]
        case tcp, udp:
            message = [1, 4, 0, 0, 0, 0, 0, 0] + octets.prefix(longestIPv6Error - 48)
        default:
            // Parameter problem, unrecognized next header: the pointer is that of the field (RFC 4443 §3.4).
            message = [4, 1, 0, 0, 0, 0, 0, 6] + octets.prefix(longestIPv6Error - 48)
        }
        let checksum = InternetChecksum.ofUpperLayer(
            message, protocolNumber: icmpv6, source: packet.destination, destination: packet.source)
        message.replaceSubrange(2..<4, with: checksum.networkOctets)
        return IPv6Packet(
            hopLimit: timeToLive, nextHeader: icmpv6, source: packet.destination, destination: packet.source,
            payload: message
        ).octets
    }
}
