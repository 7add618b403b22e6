import Addressing

/// The ICMP error for an IP packet whose last hop does not answer: host unreachable (RFC 792), or address unreachable
/// (RFC 4443 §3.1).
public enum HostUnreachable {
    /// The packet to send to the source of `packet`; `nil` if `packet` is malformed or must not be answered
    /// (RFC 1812 §4.3.2.7, RFC 4443 §2.4(e)), or if `source` is of another family.
    public static func packet(about packet: [UInt8], from source: IPAddress) -> [UInt8]? {
        packet.withUnsafeBytes { buffer in
            switch (AnswerablePacket(buffer), source) {
            case (.ipv4(let header, let packet), .ipv4(let source)):
                if header.protocolNumber == IPProtocol.icmp {
                    guard let type = packet[header.headerBytes...].first, !ICMPType.isError(type) else { return nil }
                }
                return ICMPv4Message.unreachable(
                    code: ICMPType.hostUnreachableCode, about: packet, from: source, to: header.source)
            case (.ipv6(let header, let upper, let packet), .ipv6(let source)):
                if upper.protocolNumber == IPProtocol.icmpv6 {
                    // RFC 4443 §2.1: types below 128 are errors.
                    guard let type = packet[upper.offset...].first, type >= 128, type != ICMPv6Type.redirect else {
                        return nil
                    }
                }
                return ICMPv6Message.unreachable(
                    code: ICMPv6Type.addressUnreachableCode, about: packet, from: source, to: header.source)
            default: return nil
            }
        }
    }
}
