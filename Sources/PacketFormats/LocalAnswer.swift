import Addressing

/// What one of the box's own addresses answers to an IP packet. Nothing listens there: an echo request is replied to, a
/// TCP segment is reset, and whatever else may be answered learns by an ICMP error that there is nobody.
public enum LocalAnswer: Equatable, Sendable {
    /// The packet to send back.
    case echoReply([UInt8])
    case reset([UInt8])
    case unreachable([UInt8])

    public var packet: [UInt8] {
        switch self {
        case .echoReply(let packet), .reset(let packet), .unreachable(let packet): packet
        }
    }

    /// The answer to the IP packet `packet`; `nil` if it is malformed, is itself an ICMP error or a fragment, or must not
    /// be answered for another reason (RFC 1122 §3.2.2, RFC 4443 §2.4(e)).
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
        // A checksum is over the whole datagram.
        guard header.flagsAndFragmentOffset & IPv4Header.moreFragments == 0 else { return nil }
        let payload = Array(packet[header.headerBytes...])
        func unreachable(_ code: UInt8) -> LocalAnswer {
            .unreachable(
                ICMPv4Message.unreachable(code: code, about: packet, from: header.destination, to: header.source))
        }
        switch header.protocolNumber {
        case IPProtocol.icmp:
            guard payload.count >= 8, payload[0] == ICMPType.echoRequest,
                InternetChecksum.fold(InternetChecksum.sum(payload)) == 0xFFFF
            else { return nil }
            // The request's identification: the reply may have to be fragmented, and is as unique (RFC 6864 §4.3).
            return .echoReply(
                ICMPv4Message.packet(
                    from: header.destination, to: header.source, timeToLive: ICMPv4Message.defaultTimeToLive,
                    trafficClassOctet: header.trafficClassOctet, identification: header.identification,
                    message: [ICMPType.echoReply, 0, 0, 0] + payload.dropFirst(4)))
        case IPProtocol.udp:
            // RFC 1122 §4.1.3.4: a datagram with a wrong checksum is discarded silently; §4.1.3.1.
            guard payload.count >= 8 else { return nil }
            let hasChecksum = payload[6] != 0 || payload[7] != 0
            let length = Int(payload[4]) << 8 | Int(payload[5])
            guard length >= 8, length <= payload.count else { return nil }
            let ends = IPEnds.ipv4(header.source, header.destination)
            guard !hasChecksum || ends.isCorrect(Array(payload[..<length]), of: IPProtocol.udp) else { return nil }
            return unreachable(ICMPType.portUnreachableCode)
        case IPProtocol.tcp:
            return TCPReset.packet(answering: payload, between: .ipv4(header.source, header.destination))
                .map(LocalAnswer.reset)
        default:
            // RFC 1122 §3.2.2.1.
            return unreachable(ICMPType.protocolUnreachableCode)
        }
    }

    private static func answer(
        to packet: UnsafeRawBufferPointer, _ header: IPv6Header, _ upper: IPv6UpperLayer
    ) -> LocalAnswer? {
        guard upper.fragmentField == 0 else { return nil }
        let payload = Array(packet[upper.offset...])
        let ends = IPEnds.ipv6(header.source, header.destination)
        switch upper.protocolNumber {
        case IPProtocol.icmpv6:
            guard payload.count >= 8, payload[0] == ICMPv6Type.echoRequest,
                ICMPv6Message.hasCorrectChecksum(payload, source: header.source, destination: header.destination)
            else { return nil }
            return .echoReply(
                ICMPv6Message.packet(
                    from: header.destination, to: header.source, hopLimit: ICMPv6Message.defaultHopLimit,
                    message: [ICMPv6Type.echoReply, 0, 0, 0] + payload.dropFirst(4)))
        case IPProtocol.udp:
            guard payload.count >= 8 else { return nil }
            let length = Int(payload[4]) << 8 | Int(payload[5])
            // RFC 8200 §8.1: over IPv6 the checksum is not optional.
            guard length >= 8, length <= payload.count, payload[6] != 0 || payload[7] != 0,
                ends.isCorrect(Array(payload[..<length]), of: IPProtocol.udp)
            else { return nil }
            return .unreachable(
                ICMPv6Message.unreachable(
                    code: ICMPv6Type.portUnreachableCode, about: packet, from: header.destination, to: header.source))
        case IPProtocol.tcp:
            return TCPReset.packet(answering: payload, between: ends).map(LocalAnswer.reset)
        case IPProtocol.noNextHeader:
            // RFC 8200 §4.7.
            return nil
        default:
            return .unreachable(
                ICMPv6Message.parameterProblem(
                    code: ICMPv6Type.unknownNextHeaderCode, pointer: nextHeaderOffset(in: packet, before: upper.offset),
                    about: packet, from: header.destination, to: header.source))
        }
    }

    /// Where the packet names what begins at `offset`: the next-header octet of the header in front of it.
    private static func nextHeaderOffset(in packet: UnsafeRawBufferPointer, before offset: Int) -> UInt32 {
        var place = 6
        var next = IPv6Header.byteCount
        while next < offset {
            let isAuthentication = packet[place] == IPProtocol.authenticationHeader
            place = next
            next += isAuthentication ? (Int(packet[next + 1]) + 2) * 4 : (Int(packet[next + 1]) + 1) * 8
        }
        return UInt32(place)
    }
}
