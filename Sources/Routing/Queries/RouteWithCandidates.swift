import Addressing
import BGP

/// A prefix of a VRF with all its candidates, as `show` presents it.
public struct RouteWithCandidates: Hashable, Sendable {
    /// Where the route in use comes from.
    public enum Source: Hashable, Sendable {
        /// An own address, or a connected subnet.
        case connected
        case staticRoute(distance: UInt8)
        case bgp
    }

    /// A candidate learnt from a neighbor.
    public struct Candidate: Hashable, Sendable {
        public let neighbor: PeerAddress
        public let route: NLRI
        /// `nil` for a customer's route.
        public let label: MPLSLabel?
        public let attributes: PathAttributes
        public let learnedAt: Instant
        /// Whether it is the best of the candidates; a local route may be preferred to it nevertheless.
        public let isBest: Bool
    }

    public let prefix: IPPrefix
    public let source: Source
    /// What the FIB does.
    public let action: ForwardingAction
    /// What was imported, the best first.
    public let candidates: [Candidate]
}
