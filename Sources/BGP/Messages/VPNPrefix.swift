import Addressing

/// What identifies a VPN route: a prefix made unique by its route distinguisher (RFC 4364 §4.1).
public struct VPNPrefix: Hashable, Sendable, Comparable {
    public let routeDistinguisher: RouteDistinguisher
    public let prefix: IPPrefix

    public init(routeDistinguisher: RouteDistinguisher, prefix: IPPrefix) {
        self.routeDistinguisher = routeDistinguisher
        self.prefix = prefix
    }

    /// The labelled VPN family that carries it.
    public var family: AddressFamilyIdentifier { .vpn(prefix.family) }

    public static func < (a: Self, b: Self) -> Bool {
        (a.routeDistinguisher, a.prefix) < (b.routeDistinguisher, b.prefix)
    }
}

extension VPNPrefix: CustomStringConvertible {
    public var description: String { "\(routeDistinguisher):\(prefix)" }
}

/// A VPN prefix with the labels that its next hop gave it (RFC 8277 §2.2, §2.3).
public struct LabeledVPNPrefix: Hashable, Sendable {
    public let vpnPrefix: VPNPrefix
    public let labels: LabelStack

    public init(_ vpnPrefix: VPNPrefix, labels: LabelStack) {
        self.vpnPrefix = vpnPrefix
        self.labels = labels
    }

    /// A prefix with one label.
    public init(routeDistinguisher: RouteDistinguisher, prefix: IPPrefix, label: MPLSLabel) {
        vpnPrefix = VPNPrefix(routeDistinguisher: routeDistinguisher, prefix: prefix)
        labels = .single(label)
    }

    public var routeDistinguisher: RouteDistinguisher { vpnPrefix.routeDistinguisher }
    public var prefix: IPPrefix { vpnPrefix.prefix }
    public var family: AddressFamilyIdentifier { vpnPrefix.family }
}

extension LabeledVPNPrefix: CustomStringConvertible {
    public var description: String { "\(vpnPrefix) label \(labels)" }
}
