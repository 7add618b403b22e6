/// What kind of routes a BGP session carries, as far as neighbors have a part in it here: the configuration's words for it.
public enum SessionFamily: String, Hashable, Sendable, CaseIterable {
    /// Routes of many VRFs, on sessions to other ASBRs and to reflectors.
    case vpnv4
    case vpnv6
    /// Unicast routes of one VRF, on sessions to neighbors in that VRF.
    case ipv4
    case ipv6
    /// Labelled unicast routes of the default table, on sessions to routers of the operator's own network.
    case ipv4LabeledUnicast = "ipv4 labeled-unicast"
    case ipv6LabeledUnicast = "ipv6 labeled-unicast"
    /// Whose VPN routes a router of the operator's own network wants (RFC 4684): no routes to anywhere.
    case routeTargets = "rtfilter"
    /// How PEs of the operator's own network build trees for the groups of VPNs (RFC 6514): no routes to anywhere.
    case ipv4MVPN = "ipv4 mvpn"
    case ipv6MVPN = "ipv6 mvpn"
    /// What PEs of the operator's own network know of customers' Ethernet segments (RFC 7432): no routes to anywhere here.
    case evpn = "l2vpn evpn"

    /// The unicast routes of a family.
    public init(unicast family: AddressFamily) { self = family == .ipv4 ? .ipv4 : .ipv6 }

    /// The VPN routes of a family.
    public init(vpn family: AddressFamily) { self = family == .ipv4 ? .vpnv4 : .vpnv6 }

    /// The labelled unicast routes of a family.
    public init(labeledUnicast family: AddressFamily) {
        self = family == .ipv4 ? .ipv4LabeledUnicast : .ipv6LabeledUnicast
    }

    /// The multicast VPN routes of groups of a family.
    public init(multicastVPN family: AddressFamily) { self = family == .ipv4 ? .ipv4MVPN : .ipv6MVPN }

    /// What the routes' prefixes are; the AFI of those that have none.
    public var addressFamily: AddressFamily {
        switch self {
        case .vpnv4, .ipv4, .ipv4LabeledUnicast, .routeTargets, .ipv4MVPN, .evpn: .ipv4
        case .vpnv6, .ipv6, .ipv6LabeledUnicast, .ipv6MVPN: .ipv6
        }
    }

    /// Whether the routes have a route distinguisher and a label.
    public var isVPN: Bool { self == .vpnv4 || self == .vpnv6 }

    /// Whether the routes have a label and no route distinguisher.
    public var isLabeledUnicast: Bool { self == .ipv4LabeledUnicast || self == .ipv6LabeledUnicast }

    /// Whether PEs tell each other by the routes of trees and Ethernet segments: what they say has labels, and there is no prefix
    /// that packets are sent to by it here.
    public var isSignalling: Bool { self == .ipv4MVPN || self == .ipv6MVPN || self == .evpn }

    /// Whether it is configured for neighbors inside a VRF; with `send-label` it is another one on the wire.
    public var isOfVRFNeighbors: Bool { self == .ipv4 || self == .ipv6 }

    /// Whether the routes may enter VRFs.
    public var entersVRFs: Bool { isVPN || isOfVRFNeighbors }

    /// Whether the routes have a label.
    public var hasLabels: Bool { isVPN || isLabeledUnicast }
}

extension SessionFamily: Comparable {
    public static func < (a: Self, b: Self) -> Bool {
        (a.isVPN ? 0 : 1, a.rawValue) < (b.isVPN ? 0 : 1, b.rawValue)
    }
}

/// A value for each family of a session, found without a hash.
public struct PerFamily<Value> {
    public var vpnv4: Value
    public var vpnv6: Value
    public var ipv4: Value
    public var ipv6: Value
    public var ipv4LabeledUnicast: Value
    public var ipv6LabeledUnicast: Value
    public var routeTargets: Value
    public var ipv4MVPN: Value
    public var ipv6MVPN: Value
    public var evpn: Value

    /// What `make` gives for each family.
    @inlinable
    public init(_ make: (SessionFamily) -> Value) {
        vpnv4 = make(.vpnv4)
        vpnv6 = make(.vpnv6)
        ipv4 = make(.ipv4)
        ipv6 = make(.ipv6)
        ipv4LabeledUnicast = make(.ipv4LabeledUnicast)
        ipv6LabeledUnicast = make(.ipv6LabeledUnicast)
        routeTargets = make(.routeTargets)
        ipv4MVPN = make(.ipv4MVPN)
        ipv6MVPN = make(.ipv6MVPN)
        evpn = make(.evpn)
    }

    @inlinable public subscript(family: SessionFamily) -> Value {
        switch family {
        case .vpnv4: vpnv4
        case .vpnv6: vpnv6
        case .ipv4: ipv4
        case .ipv6: ipv6
        case .ipv4LabeledUnicast: ipv4LabeledUnicast
        case .ipv6LabeledUnicast: ipv6LabeledUnicast
        case .routeTargets: routeTargets
        case .ipv4MVPN: ipv4MVPN
        case .ipv6MVPN: ipv6MVPN
        case .evpn: evpn
        }
    }
}

extension PerFamily: Sendable where Value: Sendable {}
