import Addressing
import CTableLayout
import PacketFormats

/// The addresses that no packet may come from or be forwarded to.
enum AddressRules {
    /// IPv4: sources in 0/8, 127/8, 224/4 and 240/4 are malformed (RFC 1122 §3.2.1.3, RFC 1812 §5.3.7); the same
    /// destinations are not forwarded (RFC 1812 §4.2.2.11), multicast under a reason of its own.
    @_noLocks @inline(__always)
    static func refusal(source: IPv4Address, destination: IPv4Address) -> DropReason? {
        if isRefused(source.rawValue >> 24) { return .sourceAddressInvalid }
        let first = destination.rawValue >> 24
        if isRefused(first) { return first & 0xF0 == 0xE0 ? .multicastDestination : .destinationAddressInvalid }
        return nil
    }

    /// Whether `refusal` finds nothing for an IPv4 packet: both addresses in one test, by their first octets, for the
    /// common packet (`Bench/check-instructions`: 15 instructions when computed).
    @_noLocks @inline(__always)
    static func mayBeForwarded(_ packet: UnsafeRawPointer) -> Bool {
        stile_octets_are_refused(
            packet.load(fromByteOffset: 12, as: UInt8.self), packet.load(fromByteOffset: 16, as: UInt8.self)) == 0
    }

    /// Of an IPv6 packet: whether `refusal` can find nothing, by the first 16 bits of both addresses, for the common packet. It
    /// is for `refusal` to say of addresses below 1::, and from fe80:: on.
    @_noLocks @inline(__always)
    static func mayBeForwarded(ipv6 packet: UnsafeRawPointer) -> Bool {
        packet.networkUInt16(at: 8) &- 1 < 0xFE7F && packet.networkUInt16(at: 24) &- 1 < 0xFE7F
    }

    @_noLocks @inline(__always)
    private static func isRefused(_ firstOctet: UInt32) -> Bool {
        // 0 and 224 to 255 in one comparison.
        firstOctet &- 1 >= 223 || firstOctet == 127
    }

    /// IPv6: the unspecified, loopback, link-local and multicast addresses are no sources of a packet that is
    /// forwarded, and no destinations (RFC 4291 §2.5.2, §2.5.3, §2.5.6, §2.7).
    @_noLocks @inline(__always)
    static func refusal(source: IPv6Address, destination: IPv6Address) -> DropReason? {
        if isRefused(source.rawValue) { return .sourceAddressInvalid }
        if isRefused(destination.rawValue) {
            return destination.rawValue >> 120 == 0xFF ? .multicastDestination : .destinationAddressInvalid
        }
        return nil
    }

    @_noLocks @inline(__always)
    private static func isRefused(_ address: UInt128) -> Bool {
        address <= 1 || isLinkLocal(address) || address >> 120 == 0xFF
    }

    /// RFC 4291 §2.5.6.
    @_noLocks @inline(__always)
    static func isLinkLocal(_ address: UInt128) -> Bool { address >> 118 == 0x3FA }
}
