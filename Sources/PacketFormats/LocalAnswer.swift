import Addressing

/// What one of the box's own addresses answers to an IP packet: a reply to an echo request, or an ICMP port
/// unreachable to anything else that may be answered.
public enum LocalAnswer: Equatable, Sendable {
    /// The packet to send back.
    case echoReply([UInt8])
    case portUnreachable([UInt8])

    /// RFC 1700: the default time to live, also for hop limits.
    private static let timeToLive: UInt8 = 64

    /// The answer to the IP packet `packet`; `nil` if it is malformed, is itself an ICMP error or a later fragment, or
    /// must not be answered for another reason (RFC 1122 §3.2.2, RFC 4443 §2.4(e)).
    public init?(to packet: [UInt8]) {
        guard let first = packet.first else { return nil }
        let answer = packet.withUnsafeBytes { buffer -> LocalAnswer? in
            guard let base = buffer.baseAddress else { return nil }
            switch first >> 4 {
            case 4: return Self.answer(toIPv4: base, available: buffer.count)
            case 6: return Self.answer(toIPv6: base, available: buffer.count)
            default: return nil
            }
        }
        guard let answer else { return nil }
        self = answer
    }

    private static func answer(toIPv4 base: UnsafeRawPointer, available: Int) -> LocalAnswer? {
        let header = IPv4Header(base)
        guard available >= IPv4Header.minimumByteCount, header.headerBytes >= IPv4Header.minimumByteCount,
            header.totalLength >= header.headerBytes, header.totalLength <= available, !header.isNonInitialFragment,
            header.source.isUnicast
        else { return nil }
        let packet = UnsafeRawBufferPointer(start: base, count: header.totalLength)
        let payload = packet[header.headerBytes...]
        if header.protocolNumber == IPProtocol.icmp {
            // A reply to the first fragment alone would have a wrong checksum.
            guard payload.count >= 8, payload.first == ICMPType.echoRequest,
                header.flagsAndFragmentOffset & IPv4Header.moreFragments == 0,
                InternetChecksum.fold(InternetChecksum.sum(base + header.headerBytes, count: payload.count)) == 0xFFFF
            else { return nil }
            let message = [ICMPType.echoReply, 0, 0, 0] + payload.dropFirst(4)
            return .echoReply(
                ICMPv4Message.packet(
                    from: header.destination, to: header.source, timeToLive: timeToLive,
                    trafficClassOctet: header.trafficClassOctet, message: message))
        }
        // RFC 1812 §4.3.2.3: as much as fits in 576 octets; §4.3.2.5: precedence 6.
        let message =
            [ICMPType.destinationUnreachable, ICMPType.portUnreachableCode, 0, 0, 0, 0, 0, 0] + packet.prefix(548)
        return .portUnreachable(
            ICMPv4Message.packet(
                from: header.destination, to: header.source, timeToLive: timeToLive, trafficClassOctet: 0xC0,
                message: message))
    }

    private static func answer(toIPv6 base: UnsafeRawPointer, available: Int) -> LocalAnswer? {
        let header = IPv6Header(base)
        guard available >= IPv6Header.byteCount else { return nil }
        let length = IPv6Header.byteCount + header.payloadLength
        guard length <= available, header.source.isGlobalUnicast || header.source.isLinkLocal else { return nil }
        let packet = UnsafeRawBufferPointer(start: base, count: length)
        let upper = IPv6UpperLayer(of: base, packetBytes: length)
        guard upper.isComplete, !upper.isNonInitialFragment else { return nil }
        if upper.protocolNumber == IPProtocol.icmpv6 {
            let body = Array(packet[upper.offset...])
            guard body.count >= 8, body[0] == ICMPv6Type.echoRequest,
                ICMPv6Message.hasCorrectChecksum(body, source: header.source, destination: header.destination)
            else { return nil }
            return .echoReply(
                ICMPv6Message.packet(
                    from: header.destination, to: header.source, hopLimit: timeToLive,
                    message: [ICMPv6Type.echoReply, 0, 0, 0] + body.dropFirst(4)))
        }
        // RFC 4443 §2.4(c): as much as fits in 1,280 octets.
        let message =
            [ICMPv6Type.destinationUnreachable, ICMPv6Type.portUnreachableCode, 0, 0, 0, 0, 0, 0] + packet.prefix(1232)
        return .portUnreachable(
            ICMPv6Message.packet(from: header.destination, to: header.source, hopLimit: timeToLive, message: message))
    }
}
