/// A 48-bit Ethernet address (IEEE 802), the first octet on the wire in the top bits.
public struct MACAddress: Hashable, Sendable {
    /// The low 48 bits hold the address; the upper 16 are zero.
    public var rawValue: UInt64

    @inlinable
    public init(rawValue: UInt64) { self.rawValue = rawValue & 0xFFFF_FFFF_FFFF }

    /// Six octets in the order of the wire; `nil` if there are not exactly six.
    public init?(octets: some Collection<UInt8>) {
        guard octets.count == 6 else { return nil }
        rawValue = octets.reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Six pairs of hexadecimal digits separated by colons, or three groups of four separated by dots; `nil` for anything
    /// else.
    public init?(_ text: some StringProtocol) {
        let isDotted = text.contains(".")
        let parts = text.split(separator: isDotted ? "." : ":", omittingEmptySubsequences: false)
        guard parts.count == (isDotted ? 3 : 6),
            parts.allSatisfy({ $0.utf8.count == (isDotted ? 4 : 2) && $0.allSatisfy(\.isHexDigit) }),
            let value = UInt64(parts.joined(), radix: 16)
        else { return nil }
        rawValue = value
    }

    /// The octets in the order of the wire.
    public var octets: [UInt8] {
        (0..<6).map { UInt8(truncatingIfNeeded: rawValue >> UInt64(40 - 8 * $0)) }
    }

    /// Whether the group bit is set (multicast and broadcast).
    public var isGroup: Bool { rawValue >> 40 & 1 == 1 }

    public static let broadcast = MACAddress(rawValue: 0xFFFF_FFFF_FFFF)

    /// The multicast address of an IPv6 group (RFC 2464 §7): 33:33 and the last four octets.
    public init(multicastOf group: IPv6Address) {
        rawValue = 0x3333_0000_0000 | UInt64(truncatingIfNeeded: group.rawValue & 0xFFFF_FFFF)
    }
}

extension MACAddress: CustomStringConvertible {
    public var description: String {
        octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
    }
}
