import Addressing

/// A numbered interface with `encap mpls core`: a link into the operator's own network.
public struct CoreInterface: Equatable, Sendable {
    /// The whole port, untagged, or one VLAN of it; never two tags.
    public var encapsulation: VLANEncapsulation
    /// At least one; the primary address of each family first.
    public var addresses: [InterfaceAddress]
    /// The network device by which a routing engine on the host sends and receives here; `nil`: none.
    public var hostDevice: String?

    public init(encapsulation: VLANEncapsulation, addresses: [InterfaceAddress], hostDevice: String? = nil) {
        self.encapsulation = encapsulation
        self.addresses = addresses
        self.hostDevice = hostDevice
    }
}

/// A VRF's unit on the core, without VLAN and without address: the place of its policies on all core interfaces.
public struct CoreUnit: Equatable, Sendable {
    /// The core interface that it is written under, on the same port. It holds on all others as well.
    public var link: InterfaceName
    public var vrf: String

    public init(link: InterfaceName, vrf: String) {
        self.link = link
        self.vrf = vrf
    }
}

/// `interface loopback0`: the box's own addresses that are on no link. Sessions to internal neighbors are from them, and PEs
/// send to them what the box has advertised.
public struct Loopback: Equatable, Sendable {
    public var description: String?
    public var addresses: [AddressFamily: IPAddress] = [:]

    public init() {}
}

/// A static route of the default table, `ip route` or `ipv6 route` without a VRF: by it the box's own packets go, and no
/// others.
public struct DefaultTableRoute: Hashable, Sendable, Comparable {
    public var prefix: IPPrefix
    /// A router on the subnet of a core interface, of the prefix's family.
    public var nextHop: IPAddress

    public init(prefix: IPPrefix, nextHop: IPAddress) {
        self.prefix = prefix
        self.nextHop = nextHop
    }

    public static func < (a: Self, b: Self) -> Bool { (a.prefix, a.nextHop) < (b.prefix, b.nextHop) }
}

/// `mpls static binding`: what leads to PEs of a prefix is sent to a router with its label on top.
public struct StaticBinding: Hashable, Sendable, Comparable {
    public enum OutgoingLabel: Hashable, Sendable, Comparable {
        /// The router is the last but one: nothing stands above the label of the VPN.
        case implicitNull
        /// Label 0 or, of an IPv6 prefix, 2 (RFC 4182): the PE sees the class of the outer label.
        case explicitNull
        case label(MPLSLabel)

        public static func < (a: Self, b: Self) -> Bool { a.order < b.order }

        private var order: UInt32 {
            switch self {
            case .implicitNull: 0
            case .explicitNull: 1
            case .label(let label): 2 + label.rawValue
            }
        }
    }

    public var prefix: IPPrefix
    /// A router on the subnet of a core interface, of the prefix's family.
    public var nextHop: IPAddress
    public var label: OutgoingLabel

    public init(prefix: IPPrefix, nextHop: IPAddress, label: OutgoingLabel) {
        self.prefix = prefix
        self.nextHop = nextHop
        self.label = label
    }

    public static func < (a: Self, b: Self) -> Bool {
        (a.prefix, a.nextHop, a.label) < (b.prefix, b.nextHop, b.label)
    }
}

/// `transport udp`: PEs in a prefix are reached by MPLS over UDP (RFC 7510) from the loopback's address of the prefix's family,
/// and reach the box by it.
public struct UDPTransport: Hashable, Sendable, Comparable {
    public var prefix: IPPrefix
    /// IPv6 without UDP checksums (RFC 6936): for networks that are known not to corrupt packets (RFC 7510 §3.1).
    public var omitsChecksum: Bool

    /// Whether those PEs alone are reached by it whose routes have the encapsulation community for it (RFC 9012 §4.1); then the
    /// box's own routes have it, too.
    public var isByCommunity: Bool

    public init(prefix: IPPrefix, omitsChecksum: Bool = false, isByCommunity: Bool = false) {
        self.prefix = prefix
        self.omitsChecksum = omitsChecksum
        self.isByCommunity = isByCommunity
    }

    /// Whether the datagrams have UDP checksums. Over IPv4 there are none (RFC 7510 §3).
    public var hasChecksum: Bool { prefix.family == .ipv6 && !omitsChecksum }

    public static func < (a: Self, b: Self) -> Bool {
        (a.prefix, a.order) < (b.prefix, b.order)
    }

    private var order: Int { (omitsChecksum ? 2 : 0) + (isByCommunity ? 1 : 0) }
}
