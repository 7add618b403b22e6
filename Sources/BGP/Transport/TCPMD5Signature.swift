import Addressing
import NIOCore

/// Linux's `struct tcp_md5sig` (linux/tcp.h): the key for segments from and to one address (RFC 2385).
///
///     0    sockaddr_storage  the peer's address: family in host byte order; IPv4 at 4, IPv6 at 8; no port
///     128  u8 u8             flags and prefix length, unused
///     130  u16               length of the key, 0 to take the key away
///     132  int               interface, unused
///     136  u8[80]            the key
struct TCPMD5Signature {
    static let octets = 216
    static let longestKeyOctets = 80

    let option: InlineArray<216, UInt8>

    /// - Parameter key: 1 to 80 octets, or empty to take the key away; `nil` is returned for a longer one.
    init?(peer: IPAddress, key: [UInt8]) {
        guard key.count <= Self.longestKeyOctets else { return nil }
        var option = InlineArray<216, UInt8>(repeating: 0)
        func put(_ octets: some Sequence<UInt8>, at offset: Int) {
            for (index, octet) in octets.enumerated() { option[offset + index] = octet }
        }
        // AF_INET and AF_INET6 as Linux numbers them; little-endian like every machine this runs on.
        option[0] = peer.family == .ipv4 ? 2 : 10
        put(peer.octets, at: peer.family == .ipv4 ? 4 : 8)
        option[130] = UInt8(key.count)
        put(key, at: 136)
        self.option = option
    }

    /// TCP_MD5SIG of linux/tcp.h.
    static let optionName = NIOBSDSocket.Option(rawValue: 14)
}
