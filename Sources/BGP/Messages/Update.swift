/// What an UPDATE says about routes, after RFC 7606: routes to take back, then routes to install.
///
/// The family of each route is that of its NLRI. An UPDATE on the wire carries one family to announce and one to
/// withdraw; a value of this type may hold any number of either, and encoding splits it.
public struct Update: Hashable, Sendable {
    /// To be processed first: an UPDATE that withdraws and announces the same route announces it (RFC 4271 §4.3).
    public var withdrawn: [NLRI]
    /// Every route that this message announces, with `attributes`.
    public var announced: [AnnouncedRoute]
    /// The attributes of the announced routes, next hop included; meaningless when none is announced.
    public var attributes: PathAttributes

    public init(withdrawing withdrawn: [NLRI]) {
        self.withdrawn = withdrawn
        announced = []
        attributes = PathAttributes()
    }

    public init(announcing routes: [AnnouncedRoute], attributes: PathAttributes, withdrawing withdrawn: [NLRI] = []) {
        self.withdrawn = withdrawn
        announced = routes
        self.attributes = attributes
    }
}
