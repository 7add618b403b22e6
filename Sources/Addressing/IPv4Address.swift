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
        guard let address = withOctets(of: text, { IPv4Address(ascii: $0) }) else { return nil }
        self = address
    }

    init?(ascii octets: some Collection<UInt8>) {
        // 7 to 15 octets; anything longer is not worth a look.
        guard (7...15).contains(octets.count) else { return nil }
        var value: UInt32 = 0
        var rest = octets[...]
        for place in 0..<4 {
            let end = place == 3 ? rest.endIndex : rest.firstIndex(of: UInt8(ascii: "."))
            guard let end, let octet = decimalOctet(rest[..<end]) else { return nil }
            value = value << 8 | UInt32(octet)
            if place < 3 { rest = rest[end...].dropFirst() }
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
