/// The two address families that a VRF can carry.
public enum AddressFamily: UInt8, Hashable, Sendable, CaseIterable, Comparable {
    case ipv4 = 4
    case ipv6 = 6

    /// The number of bits in an address of this family.
    public var bits: Int { self == .ipv4 ? 32 : 128 }

    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// An address of either family.
public enum IPAddress: Hashable, Sendable, Comparable {
    case ipv4(IPv4Address)
    case ipv6(IPv6Address)

    /// An address of either family in its text form; `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        if let v4 = IPv4Address(text) {
            self = .ipv4(v4)
        } else if let v6 = IPv6Address(text) {
            self = .ipv6(v6)
        } else {
            return nil
        }
    }

    public var family: AddressFamily {
        switch self {
        case .ipv4: .ipv4
        case .ipv6: .ipv6
        }
    }

    /// The address in network byte order: 4 or 16 octets.
    public var octets: [UInt8] {
        switch self {
        case .ipv4(let address): address.octets
        case .ipv6(let address): address.octets
        }
    }

    /// The address as a number, IPv4 in the low 32 bits.
    public var numericValue: UInt128 {
        switch self {
        case .ipv4(let address): UInt128(address.rawValue)
        case .ipv6(let address): address.rawValue
        }
    }

    public static func < (a: Self, b: Self) -> Bool {
        (a.family, a.numericValue) < (b.family, b.numericValue)
    }
}

extension IPAddress: CustomStringConvertible {
    public var description: String {
        switch self {
        case .ipv4(let address): address.description
        case .ipv6(let address): address.description
        }
    }
}

extension IPAddress {
    /// Whether it is one of IPv6 that is valid on its link alone (RFC 4291 §2.5.6): never routed.
    public var isLinkLocal: Bool {
        if case .ipv6(let address) = self { return address.isLinkLocal }
        return false
    }
}
