import Addressing
import BGP

/// A route in the Adj-RIB-Out of a neighbor, as `show` presents it.
public struct AdvertisedRoute: Hashable, Sendable {
    public let route: NLRI
    /// `nil` in a family whose routes have none.
    public let label: MPLSLabel?
    /// The one above it, where the route has two.
    public let outerLabel: MPLSLabel?
    public let attributes: PathAttributes
}
