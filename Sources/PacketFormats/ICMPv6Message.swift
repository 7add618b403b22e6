import Addressing

/// ICMPv6 messages (RFC 4443 §2) as whole packets, for the control process.
public enum ICMPv6Message {
    /// RFC 1700: the default time to live, also for hop limits.
    static let defaultHopLimit: UInt8 = 64

    /// The IPv6 packet that carries `message`, an ICMPv6 message whose checksum is zero, with the checksum filled in
    /// (RFC 4443 §2.3). At most 65,535 octets.
    public static func packet(
        from source: IPv6Address, to destination: IPv6Address, hopLimit: UInt8, message: [UInt8]
    ) -> [UInt8] {
        let length = UInt16(clamping: message.count).networkOctets
        var packet: [UInt8] = [0x60, 0, 0, 0] + length + [IPProtocol.icmpv6, hopLimit]
        packet += source.octets + destination.octets + message
        let checksum = ~folded(message, source: source, destination: destination)
        packet[IPv6Header.byteCount + 2] = UInt8(checksum >> 8)
        packet[IPv6Header.byteCount + 3] = UInt8(checksum & 0xFF)
        return packet
    }

    /// The destination unreachable (§3.1) with as much of `packet` as fits in 1,280 octets (§2.4(c)).
    static func unreachable(
        code: UInt8, about packet: UnsafeRawBufferPointer, from source: IPv6Address, to destination: IPv6Address
    ) -> [UInt8] {
        Self.packet(
            from: source, to: destination, hopLimit: defaultHopLimit,
            message: [ICMPv6Type.destinationUnreachable, code, 0, 0, 0, 0, 0, 0] + packet.prefix(1232))
    }

    /// The parameter problem (§3.4) that points at an octet of `packet`.
    static func parameterProblem(
        code: UInt8, pointer: UInt32, about packet: UnsafeRawBufferPointer, from source: IPv6Address,
        to destination: IPv6Address
    ) -> [UInt8] {
        Self.packet(
            from: source, to: destination, hopLimit: defaultHopLimit,
            message: [ICMPv6Type.parameterProblem, code, 0, 0] + pointer.networkOctets + packet.prefix(1232))
    }

    /// Whether the checksum of an ICMPv6 message is right for these addresses.
    public static func hasCorrectChecksum(
        _ message: [UInt8], source: IPv6Address, destination: IPv6Address
    ) -> Bool {
        folded(message, source: source, destination: destination) == 0xFFFF
    }

    private static func folded(_ message: [UInt8], source: IPv6Address, destination: IPv6Address) -> UInt16 {
        let pseudoHeader =
            source.octets + destination.octets + UInt32(clamping: message.count).networkOctets
            + [0, 0, 0, IPProtocol.icmpv6]
        return InternetChecksum.fold(InternetChecksum.sum(pseudoHeader + message))
    }
}
