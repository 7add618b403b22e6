import Addressing

/// What one of the box's own addresses answers to an IP packet: a reply to an echo request, or an ICMP port
/// unreachable to anything else that may be answered.
public enum LocalAnswer: Equatable, Sendable {
    /// The packet to send back.
    case echoReply([UInt8])
    case portUnreachable([UInt8])

    /// The answer to the IP packet `packet`; `nil` if it is malformed, is itself an ICMP error or a later fragment, or
    /// must not be answered for another reason (RFC 1122 §3.2.2, RFC 4443 §2.4(e)).
    public init?(to packet: [UInt8]) {
        let answer = packet.withUnsafeBytes { buffer in
            switch AnswerablePacket(buffer) {
            case .ipv4(let header, let packet): Self.answer(to: packet, header)
            case .ipv6(let header, let upper, let packet): Self.answer(to: packet, header, upper)
            case nil: nil as LocalAnswer?
            }
        }
        guard let answer else { return nil }
        self = answer
    }

    private static func answer(to packet: UnsafeRawBufferPointer, _ header: IPv4Header) -> LocalAnswer? {
        guard header.protocolNumber == IPProtocol.icmp else {
            return .portUnreachable(
                ICMPv4Message.unreachable(
                    code: ICMPType.portUnreachableCode, about: packet, from: header.destination, to: header.source))
        }
        let request = Array(packet[header.headerBytes...])
        // A reply to the first fragment alone would have a wrong checksum.
        guard request.count >= 8, request[0] == ICMPType.echoRequest,
            header.flagsAndFragmentOffset & IPv4Header.moreFragments == 0,
            InternetChecksum.fold(InternetChecksum.sum(request)) == 0xFFFF
        else { return nil }
        return .echoReply(
            ICMPv4Message.packet(
                from: header.destination, to: header.source, timeToLive: ICMPv4Message.defaultTimeToLive,
                trafficClassOctet: header.trafficClassOctet,
                message: [ICMPType.echoReply, 0, 0, 0] + request.dropFirst(4)))
    }

    private static func answer(
        to packet: UnsafeRawBufferPointer, _ header: IPv6Header, _ upper: IPv6UpperLayer
    ) -> LocalAnswer? {
        guard upper.protocolNumber == IPProtocol.icmpv6 else {
            return .portUnreachable(
                ICMPv6Message.unreachable(
                    code: ICMPv6Type.portUnreachableCode, about: packet, from: header.destination, to: header.source))
        }
        let request = Array(packet[upper.offset...])
        guard request.count >= 8, request[0] == ICMPv6Type.echoRequest,
            ICMPv6Message.hasCorrectChecksum(request, source: header.source, destination: header.destination)
        else { return nil }
        return .echoReply(
            ICMPv6Message.packet(
                from: header.destination, to: header.source, hopLimit: ICMPv6Message.defaultHopLimit,
                message: [ICMPv6Type.echoReply, 0, 0, 0] + request.dropFirst(4)))
    }
}
