/// A route distinguisher (RFC 4364 §4.2): eight octets that make a VPN route unique.
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |         type (0, 1, 2)        |        value (6 octets)       |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |                                                               |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
public struct RouteDistinguisher: Hashable, Sendable, Comparable {
    /// The eight octets of the wire as one number, the type in the top 16 bits.
    public var rawValue: UInt64

    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// `ASN:number`, `A.B.C.D:number` or, with an AS number above 65535, the four-octet form.
    public init?(_ text: some StringProtocol) {
        guard let (type, value) = administratorAndNumber(text) else { return nil }
        rawValue = UInt64(type) << 48 | value
    }

    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

extension RouteDistinguisher: CustomStringConvertible {
    public var description: String {
        administratorAndNumberText(type: UInt16(rawValue >> 48), value: rawValue & 0xFFFF_FFFF_FFFF)
            ?? "0x" + String(rawValue, radix: 16)
    }
}

/// A route target (RFC 4360 §4): the extended community by which VRFs choose their routes.
///
/// Type 0x00 (two-octet AS), 0x01 (IPv4 address) or 0x02 (four-octet AS, RFC 5668), sub-type 0x02.
public struct RouteTarget: Hashable, Sendable, Comparable {
    /// The eight octets of the wire as one number, the type in the top octet and the sub-type in the next.
    public let rawValue: UInt64

    /// `nil` if the octets are not a transitive route target.
    public init?(rawValue: UInt64) {
        guard rawValue >> 56 <= 2, rawValue >> 48 & 0xFF == 2 else { return nil }
        self.rawValue = rawValue
    }

    /// `ASN:number`, `A.B.C.D:number` or, with an AS number above 65535, the four-octet form.
    public init?(_ text: some StringProtocol) {
        guard let (type, value) = administratorAndNumber(text) else { return nil }
        rawValue = UInt64(type) << 56 | 0x02 << 48 | value
    }

    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

extension RouteTarget: CustomStringConvertible {
    public var description: String {
        administratorAndNumberText(type: UInt16(rawValue >> 56), value: rawValue & 0xFFFF_FFFF_FFFF)
            ?? "0x" + String(rawValue, radix: 16)
    }
}

/// A site of origin (RFC 4364 §7): the extended community that says at which site a route began, so that it is not given
/// back to that site by another way.
///
/// Types as of a route target, sub-type 0x03.
public struct SiteOfOrigin: Hashable, Sendable, CustomStringConvertible {
    /// The eight octets of the wire as one number, the type in the top octet and the sub-type in the next.
    public let rawValue: UInt64

    /// `ASN:number`, `A.B.C.D:number` or, with an AS number above 65535, the four-octet form.
    public init?(_ text: some StringProtocol) {
        guard let (type, value) = administratorAndNumber(text) else { return nil }
        rawValue = UInt64(type) << 56 | 0x03 << 48 | value
    }

    public var description: String {
        administratorAndNumberText(type: UInt16(rawValue >> 56), value: rawValue & 0xFFFF_FFFF_FFFF)
            ?? "0x" + String(rawValue, radix: 16)
    }
}

/// The three encodings that route distinguishers, route targets and sites of origin share: type 0 (16-bit AS, 32-bit number),
/// type 1 (IPv4 address, 16-bit number) and type 2 (32-bit AS, 16-bit number).
private func administratorAndNumber(_ text: some StringProtocol) -> (type: UInt8, value: UInt64)? {
    withOctets(of: text) { octets in
        guard let (administrator, number) = octets.cut(at: UInt8(ascii: ":")), let number = fourOctets(number) else {
            return nil
        }
        if let address = IPv4Address(ascii: administrator) {
            guard number <= 0xFFFF else { return nil }
            return (1, UInt64(address.rawValue) << 16 | number)
        }
        guard let administrator = fourOctets(administrator) else { return nil }
        if administrator <= 0xFFFF { return (0, administrator << 32 | number) }
        guard number <= 0xFFFF else { return nil }
        return (2, administrator << 16 | number)
    }
}

private func fourOctets(_ octets: some Collection<UInt8>) -> UInt64? {
    decimal(octets, upTo: UInt64(UInt32.max), allowsLeadingZeros: true)
}

private func administratorAndNumberText(type: UInt16, value: UInt64) -> String? {
    switch type {
    case 0: "\(value >> 32):\(value & 0xFFFF_FFFF)"
    case 1: "\(IPv4Address(rawValue: UInt32(value >> 16))):\(value & 0xFFFF)"
    case 2: "\(value >> 16):\(value & 0xFFFF)"
    default: nil
    }
}
