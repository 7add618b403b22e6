/// An IPv4 address (RFC 791) as one number in host byte order.
public struct IPv4Address: Hashable, Sendable, Comparable {
    /// The address in host byte order: 10.0.0.1 is `0x0A00_0001`.
    public var rawValue: UInt32

    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    @inlinable
    public init(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) {
        rawValue = UInt32(a) << 24 | UInt32(b) << 16 | UInt32(c) << 8 | UInt32(d)
    }

    /// The address in dotted-quad form: four decimal octets, no leading zeros; `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            guard let octet = decimalOctet(part) else { return nil }
            value = value << 8 | UInt32(octet)
        }
        rawValue = value
    }

    /// The address as four octets in network byte order.
    public var octets: [UInt8] {
        [UInt8(rawValue >> 24), UInt8(rawValue >> 16 & 0xFF), UInt8(rawValue >> 8 & 0xFF), UInt8(rawValue & 0xFF)]
    }

    /// RFC 5771: 224.0.0.0/4.
    public var isMulticast: Bool { rawValue >> 28 == 0xE }

    /// Whether a host may have this address: not 0/8, 127/8, multicast, class E or the limited broadcast (RFC 6890).
    public var isUnicast: Bool {
        let first = rawValue >> 24
        return first != 0 && first != 127 && first < 224
    }

    @inlinable
    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

extension IPv4Address: CustomStringConvertible {
    public var description: String { octets.map(String.init).joined(separator: ".") }
}

func decimalOctet(_ text: some StringProtocol) -> UInt8? {
    guard (1...3).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    guard text.utf8.count == 1 || text.utf8.first != 0x30 else { return nil }
    return UInt8(text)
}
