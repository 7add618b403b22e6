import Addressing

/// An address family and subsequent address family (RFC 4760 §3): what kind of routes a session carries. Those whose
/// routes are read and written here are the rows of ``NLRICodec/all``; any other is named by its two numbers.
public struct AddressFamilyIdentifier: Hashable, Sendable {
    /// IANA "Address Family Numbers": 1 is IPv4, 2 is IPv6, 25 is L2VPN.
    public let addressFamily: UInt16
    /// IANA "SAFI Values": 1 is unicast, 4 is labelled unicast, 5 is MCAST-VPN, 70 is EVPN, 128 is MPLS-labelled VPN, 132 is
    /// route target membership.
    public let subsequentAddressFamily: UInt8

    public init(addressFamily: UInt16, subsequentAddressFamily: UInt8) {
        self.addressFamily = addressFamily
        self.subsequentAddressFamily = subsequentAddressFamily
    }

    /// Unicast IPv4, whose routes travel in the UPDATE's own fields (RFC 4271 §4.3) or in the attributes of RFC 4760.
    public static let ipv4Unicast = Self(addressFamily: 1, subsequentAddressFamily: 1)
    /// Unicast IPv6 (RFC 2545).
    public static let ipv6Unicast = Self(addressFamily: 2, subsequentAddressFamily: 1)
    /// Labelled unicast IPv4 (RFC 8277).
    public static let ipv4LabeledUnicast = Self(addressFamily: 1, subsequentAddressFamily: 4)
    /// Labelled unicast IPv6 (RFC 8277, RFC 4798).
    public static let ipv6LabeledUnicast = Self(addressFamily: 2, subsequentAddressFamily: 4)
    /// VPN-IPv4 (RFC 4364 §4.3.4).
    public static let vpnIPv4 = Self(addressFamily: 1, subsequentAddressFamily: 128)
    /// VPN-IPv6 (RFC 4659 §3.2).
    public static let vpnIPv6 = Self(addressFamily: 2, subsequentAddressFamily: 128)

    /// MCAST-VPN of customers' IPv4 groups (RFC 6514 §4).
    public static let ipv4MVPN = Self(addressFamily: 1, subsequentAddressFamily: 5)
    /// MCAST-VPN of customers' IPv6 groups.
    public static let ipv6MVPN = Self(addressFamily: 2, subsequentAddressFamily: 5)
    /// L2VPN EVPN (RFC 7432 §7).
    public static let evpn = Self(addressFamily: 25, subsequentAddressFamily: 70)

    /// Route target membership (RFC 4684 §4).
    public static let routeTargets = Self(addressFamily: 1, subsequentAddressFamily: 132)

    /// The unicast family that carries prefixes of `family`.
    public static func unicast(_ family: AddressFamily) -> Self {
        switch family {
        case .ipv4: .ipv4Unicast
        case .ipv6: .ipv6Unicast
        }
    }

    /// The labelled unicast family that carries prefixes of `family`.
    public static func labeledUnicast(_ family: AddressFamily) -> Self {
        switch family {
        case .ipv4: .ipv4LabeledUnicast
        case .ipv6: .ipv6LabeledUnicast
        }
    }

    /// The labelled VPN family that carries prefixes of `family`.
    public static func vpn(_ family: AddressFamily) -> Self {
        switch family {
        case .ipv4: .vpnIPv4
        case .ipv6: .vpnIPv6
        }
    }
}

extension AddressFamilyIdentifier: Comparable {
    public static func < (a: Self, b: Self) -> Bool {
        (a.addressFamily, a.subsequentAddressFamily) < (b.addressFamily, b.subsequentAddressFamily)
    }
}

extension AddressFamilyIdentifier: CustomStringConvertible {
    /// The configuration's word (`vpnv4`, `vpnv6`, `rtfilter`), the family in words, or the two numbers, for instance `25/65`.
    public var description: String {
        switch self {
        case .vpnIPv4: "vpnv4"
        case .vpnIPv6: "vpnv6"
        case .ipv4Unicast: "ipv4 unicast"
        case .ipv6Unicast: "ipv6 unicast"
        case .ipv4LabeledUnicast: "ipv4 labeled-unicast"
        case .ipv6LabeledUnicast: "ipv6 labeled-unicast"
        case .routeTargets: "rtfilter"
        case .ipv4MVPN: "ipv4 mvpn"
        case .ipv6MVPN: "ipv6 mvpn"
        case .evpn: "l2vpn evpn"
        default: "\(addressFamily)/\(subsequentAddressFamily)"
        }
    }
}

extension SessionFamily {
    /// The family whose sessions have this identifier; `nil` for one that no neighbor has a part in.
    public init?(_ identifier: AddressFamilyIdentifier) {
        switch identifier {
        case .vpnIPv4: self = .vpnv4
        case .vpnIPv6: self = .vpnv6
        case .ipv4Unicast: self = .ipv4
        case .ipv6Unicast: self = .ipv6
        case .ipv4LabeledUnicast: self = .ipv4LabeledUnicast
        case .ipv6LabeledUnicast: self = .ipv6LabeledUnicast
        case .routeTargets: self = .routeTargets
        case .ipv4MVPN: self = .ipv4MVPN
        case .ipv6MVPN: self = .ipv6MVPN
        case .evpn: self = .evpn
        default: return nil
        }
    }

    /// Its two numbers.
    public var identifier: AddressFamilyIdentifier {
        switch self {
        case .vpnv4: .vpnIPv4
        case .vpnv6: .vpnIPv6
        case .ipv4: .ipv4Unicast
        case .ipv6: .ipv6Unicast
        case .ipv4LabeledUnicast: .ipv4LabeledUnicast
        case .ipv6LabeledUnicast: .ipv6LabeledUnicast
        case .routeTargets: .routeTargets
        case .ipv4MVPN: .ipv4MVPN
        case .ipv6MVPN: .ipv6MVPN
        case .evpn: .evpn
        }
    }
}

extension NLRI {
    /// The family of the sessions that carry it; `nil` for one that no neighbor has a part in.
    public var sessionFamily: SessionFamily? {
        switch self {
        case .vpn(let vpnPrefix): SessionFamily(vpn: vpnPrefix.prefix.family)
        case .unicast(let prefix): SessionFamily(unicast: prefix.family)
        case .labeledUnicast(let prefix): SessionFamily(labeledUnicast: prefix.family)
        case .routeTargets: .routeTargets
        case .multicastVPN(let route): SessionFamily(multicastVPN: route.family)
        case .evpn: .evpn
        }
    }
}
