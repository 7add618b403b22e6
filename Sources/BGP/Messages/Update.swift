import Addressing

/// What an UPDATE says about VPN routes, after RFC 7606: routes to take back, then routes to install.
///
/// The address family of each route is that of its prefix. An UPDATE on the wire carries one family to announce and
/// one to withdraw; a value of this type may hold any number of either, and encoding splits it.
public struct Update: Hashable, Sendable {
    /// To be processed first: an UPDATE that withdraws and announces the same prefix announces it (RFC 4271 §4.3).
    public var withdrawn: [VPNPrefix]
    /// Every route that this message announces, with `attributes`.
    public var announced: [LabeledVPNPrefix]
    /// The attributes of the announced routes, next hop included; meaningless when none is announced.
    public var attributes: PathAttributes

    public init(withdrawing prefixes: [VPNPrefix]) {
        withdrawn = prefixes
        announced = []
        attributes = PathAttributes()
    }

    public init(
        announcing routes: [LabeledVPNPrefix], attributes: PathAttributes, withdrawing withdrawn: [VPNPrefix] = []
    ) {
        self.withdrawn = withdrawn
        announced = routes
        self.attributes = attributes
    }
}
