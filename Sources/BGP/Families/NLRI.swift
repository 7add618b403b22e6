import Addressing

/// What identifies a route of any family (RFC 4760 §5), without the labels: those may change and it is the same route.
///
/// One case for each kind of route, so that a switch over it tells who has to learn of a new one. Tables hold routes of
/// one family each; the hash is that of what distinguishes the routes of a family.
public enum NLRI: Equatable, Sendable {
    /// RFC 4760, RFC 2545.
    case unicast(IPPrefix)
    /// RFC 8277.
    case labeledUnicast(IPPrefix)
    /// RFC 4364, RFC 4659.
    case vpn(VPNPrefix)
    /// RFC 4684.
    case routeTargets(RouteTargetMembership)
    /// RFC 6514.
    case multicastVPN(MulticastVPNRoute)
    /// RFC 7432.
    case evpn(EVPNRoute)

    /// The destination, without what makes it unique. What leads nowhere has everything for it: no prefix list is about it.
    public var prefix: IPPrefix {
        switch self {
        case .unicast(let prefix), .labeledUnicast(let prefix): prefix
        case .vpn(let vpnPrefix): vpnPrefix.prefix
        case .routeTargets, .multicastVPN, .evpn: .everything(.ipv4)
        }
    }

    /// The family that carries it.
    public var family: AddressFamilyIdentifier {
        switch self {
        case .unicast(let prefix): .unicast(prefix.family)
        case .labeledUnicast(let prefix): .labeledUnicast(prefix.family)
        case .vpn(let vpnPrefix): .vpn(vpnPrefix.prefix.family)
        case .routeTargets: .routeTargets
        case .multicastVPN(let route): route.family == .ipv4 ? .ipv4MVPN : .ipv6MVPN
        case .evpn: .evpn
        }
    }

    /// The VPN prefix, if the route has one.
    public var vpnPrefix: VPNPrefix? {
        if case .vpn(let vpnPrefix) = self { return vpnPrefix }
        return nil
    }
}

extension NLRI {
    /// The PE that has originated an MVPN or EVPN route, where it says so.
    public var originator: IPAddress? {
        switch self {
        case .unicast, .labeledUnicast, .vpn, .routeTargets: nil
        case .multicastVPN(let route): route.originator
        case .evpn(let route): route.originator
        }
    }
}

extension NLRI: Hashable {
    public func hash(into hasher: inout Hasher) {
        switch self {
        case .unicast(let prefix), .labeledUnicast(let prefix): hasher.combine(prefix)
        case .vpn(let vpnPrefix): hasher.combine(vpnPrefix)
        case .routeTargets(let membership): hasher.combine(membership)
        case .multicastVPN(let route): hasher.combine(route)
        case .evpn(let route): hasher.combine(route)
        }
    }
}

extension NLRI: Comparable {
    /// By kind, and within one by what identifies its routes.
    public static func < (a: Self, b: Self) -> Bool {
        switch (a, b) {
        case (.unicast(let first), .unicast(let second)), (.labeledUnicast(let first), .labeledUnicast(let second)):
            first < second
        case (.vpn(let first), .vpn(let second)): first < second
        case (.routeTargets(let first), .routeTargets(let second)): first < second
        case (.multicastVPN(let first), .multicastVPN(let second)): first < second
        case (.evpn(let first), .evpn(let second)): first < second
        default: a.kind < b.kind
        }
    }
}

extension NLRI {
    /// The place of its kind among the kinds.
    private var kind: Int {
        switch self {
        case .unicast: 0
        case .labeledUnicast: 1
        case .vpn: 2
        case .routeTargets: 3
        case .multicastVPN: 4
        case .evpn: 5
        }
    }
}

extension NLRI: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unicast(let prefix), .labeledUnicast(let prefix): prefix.description
        case .vpn(let vpnPrefix): vpnPrefix.description
        case .routeTargets(let membership): membership.description
        case .multicastVPN(let route): "\(route.routeDistinguisher):\(route)"
        case .evpn(let route): "\(route.routeDistinguisher):\(route)"
        }
    }
}

/// A route as it is announced: what it is, and the labels that its next hop gave it.
public struct AnnouncedRoute: Hashable, Sendable {
    public let nlri: NLRI
    /// `nil` exactly in the families whose routes have none.
    public let labels: LabelStack?

    /// A unicast route.
    public init(unicast prefix: IPPrefix) {
        nlri = .unicast(prefix)
        labels = nil
    }

    /// A labelled unicast route.
    public init(labeledUnicast prefix: IPPrefix, labels: LabelStack) {
        nlri = .labeledUnicast(prefix)
        self.labels = labels
    }

    /// A VPN route.
    public init(_ vpnPrefix: VPNPrefix, labels: LabelStack) {
        nlri = .vpn(vpnPrefix)
        self.labels = labels
    }

    /// A VPN route with one label.
    public init(routeDistinguisher: RouteDistinguisher, prefix: IPPrefix, label: MPLSLabel) {
        self.init(VPNPrefix(routeDistinguisher: routeDistinguisher, prefix: prefix), labels: .single(label))
    }

    /// Whose VPN routes are wanted.
    public init(_ membership: RouteTargetMembership) {
        nlri = .routeTargets(membership)
        labels = nil
    }

    /// A route whose labels, if it has any, are among its attributes.
    public init(_ route: MulticastVPNRoute) {
        nlri = .multicastVPN(route)
        labels = nil
    }

    /// A route whose labels, if it has any, are among its attributes (``PathAttributes/Contents/evpn``).
    public init(_ route: EVPNRoute) {
        nlri = .evpn(route)
        labels = nil
    }

    /// A route of any kind with one label, where its kind has any.
    public init(_ nlri: NLRI, label: MPLSLabel) { self.init(nlri, labels: .single(label)) }

    /// A route of any kind with its labels, where its kind has any.
    public init(_ nlri: NLRI, labels: LabelStack) {
        self.nlri = nlri
        switch nlri {
        case .unicast, .routeTargets, .multicastVPN, .evpn: self.labels = nil
        case .labeledUnicast, .vpn: self.labels = labels
        }
    }

    /// The family that carries it.
    public var family: AddressFamilyIdentifier { nlri.family }

    /// Whether it is a unicast route without a label.
    var isUnicast: Bool { if case .unicast = nlri { true } else { false } }
}

extension AnnouncedRoute: CustomStringConvertible {
    public var description: String { labels.map { "\(nlri) label \($0)" } ?? nlri.description }
}
