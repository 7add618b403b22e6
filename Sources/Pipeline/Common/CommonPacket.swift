import PacketFormats

/// The one test of the common packet: IPv4 without options, or IPv6, well-formed and between addresses that may be
/// forwarded. What fails it is not wrong, but for the stages to look at rule by rule; what passes it meets those of their
/// rules that are about the packet itself (`IsolationTests` runs both paths over the same frames).
enum CommonPacket {
    /// Of a packet of which the frame has `available` octets, `IPv4Header.minimumByteCount` or more.
    @_noLocks @inline(__always)
    static func isIPv4(_ packet: UnsafeRawPointer, available: Int) -> Bool {
        IPv4Header(packet).isCommon(available: available) && AddressRules.mayBeForwarded(packet)
    }

    /// As `isIPv4`.
    @_noLocks @inline(__always)
    static func isIPv6(_ packet: UnsafeRawPointer, available: Int) -> Bool {
        let header = IPv6Header(packet)
        return header.version == 6 && header.payloadLength <= available &- IPv6Header.byteCount
            && AddressRules.mayBeForwarded(ipv6: packet)
    }
}
