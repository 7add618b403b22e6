import Addressing
import BGP

/// A route in the Adj-RIB-In of a neighbor, as `show` presents it.
public struct ReceivedRoute: Hashable, Sendable {
    public let route: NLRI
    /// `nil` in a family whose routes have none.
    public let label: MPLSLabel?
    /// The one above it, where the route has two.
    public let outerLabel: MPLSLabel?
    public let attributes: PathAttributes
    /// When it was first announced with these attributes.
    public let learnedAt: Instant
    /// Whether it is kept over a restart of the neighbor and has not been announced again (RFC 4724 §4.2).
    public let isStale: Bool
    /// The VRFs that have it among their candidates, in the order of their names.
    public let importedInto: [String]
    /// Why the labels that it says of a tunnel or segment are placed nowhere or not believed (RFC 9573 §4.2); `nil` if they are, there are none,
    /// or another neighbor's route is the best.
    public let labelFault: RouteRejection?
}
