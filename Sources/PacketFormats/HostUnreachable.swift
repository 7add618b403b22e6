import Addressing

/// The ICMP error for an IP packet whose last hop does not answer: host unreachable (RFC 792), or address unreachable
/// (RFC 4443 §3.1).
public enum HostUnreachable {
    /// RFC 1700: the default time to live, also for hop limits.
    private static let timeToLive: UInt8 = 64

    /// The packet to send to the source of `packet`; `nil` if `packet` is malformed or must not be answered
    /// (RFC 1812 §4.3.2.7, RFC 4443 §2.4(e)), or if `source` is of another family.
    public static func packet(about packet: [UInt8], from source: IPAddress) -> [UInt8]? {
        packet.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress, let first = buffer.first else { return nil }
            return switch (first >> 4, source) {
            case (4, .ipv4(let source)): answer(toIPv4: base, available: buffer.count, from: source)
            case (6, .ipv6(let source)): answer(toIPv6: base, available: buffer.count, from: source)
            default: nil
            }
        }
    }

    private static func answer(toIPv4 base: UnsafeRawPointer, available: Int, from source: IPv4Address) -> [UInt8]? {
        let header = IPv4Header(base)
        guard available >= IPv4Header.minimumByteCount, header.headerBytes >= IPv4Header.minimumByteCount,
            header.totalLength >= header.headerBytes, header.totalLength <= available, !header.isNonInitialFragment,
            header.source.isUnicast
        else { return nil }
        let packet = UnsafeRawBufferPointer(start: base, count: header.totalLength)
        if header.protocolNumber == IPProtocol.icmp {
            guard let type = packet[header.headerBytes...].first, !ICMPType.isError(type) else { return nil }
        }
        // RFC 1812 §4.3.2.3: as much as fits in 576 octets; §4.3.2.5: precedence 6.
        let message =
            [ICMPType.destinationUnreachable, ICMPType.hostUnreachableCode, 0, 0, 0, 0, 0, 0] + packet.prefix(548)
        return ICMPv4Message.packet(
            from: source, to: header.source, timeToLive: timeToLive, trafficClassOctet: 0xC0, message: message)
    }

    private static func answer(toIPv6 base: UnsafeRawPointer, available: Int, from source: IPv6Address) -> [UInt8]? {
        let header = IPv6Header(base)
        guard available >= IPv6Header.byteCount else { return nil }
        let length = IPv6Header.byteCount + header.payloadLength
        guard length <= available, header.source.isGlobalUnicast || header.source.isLinkLocal else { return nil }
        let packet = UnsafeRawBufferPointer(start: base, count: length)
        let upper = IPv6UpperLayer(of: base, packetBytes: length)
        guard upper.isComplete, !upper.isNonInitialFragment else { return nil }
        if upper.protocolNumber == IPProtocol.icmpv6 {
            // RFC 4443 §2.1: types below 128 are errors.
            guard let type = packet[upper.offset...].first, type >= 128, type != ICMPv6Type.redirect else {
                return nil
            }
        }
        // RFC 4443 §2.4(c): as much as fits in 1,280 octets.
        let message =
            [ICMPv6Type.destinationUnreachable, ICMPv6Type.addressUnreachableCode, 0, 0, 0, 0, 0, 0]
            + packet.prefix(1232)
        return ICMPv6Message.packet(from: source, to: header.source, hopLimit: timeToLive, message: message)
    }
}
