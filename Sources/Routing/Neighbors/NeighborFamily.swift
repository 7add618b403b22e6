import Addressing
import BGP

/// One address family of one neighbor.
final class NeighborFamily {
    /// A route in the Adj-RIB-In (RFC 4271 §3.2).
    struct Received {
        var attributes: PathAttributes
        var label: MPLSLabel
        var peerIdentifier: IPv4Address
        /// The value of ``NeighborFamily/generation`` when it was announced last.
        var generation: UInt32
        /// When it was first announced with these attributes.
        var learnedAt: Instant
        /// Whether any VRF imports it by its targets.
        var isImported: Bool
    }

    /// A route in the Adj-RIB-Out (RFC 4271 §3.2).
    struct Advertised {
        var attributes: PathAttributes
        var label: MPLSLabel
        /// Whether the neighbor asked for it again.
        var mustBeResent = false
    }

    var received: [VPNPrefix: Received] = [:]
    /// The removal of many routes that is under way; see ``RouteSweep``.
    var sweep: RouteSweep?
    /// Routes that are still to be looked at after the state of their next hop changed.
    var reselection: RouteReselection?
    var advertised: [VPNPrefix: Advertised] = [:]
    /// Routes announced before the present generation began are stale: marking a million is one addition.
    var generation: UInt32 = 0
    /// Whether routes are kept over a restart of the neighbor (RFC 4724 §4.2).
    var holdsStaleRoutes = false
    /// When those are dropped if nothing happens.
    var staleDeadline: Instant?
    /// When they are dropped at the latest, should the neighbor come back and not say that it has sent everything.
    var staleLimit: Instant?
    /// Whether since the session came up, or since the last refresh, routes were left out that a change of
    /// eligibility or targets could call for.
    var hasLeftOutRoutes = false
    /// Whether, likewise, attributes were left out that a wider ``AttributePolicy`` could call for.
    var hasLeftOutAttributes = false
    /// Whether, likewise, routes were refused because the neighbor has all that it may; see ``ReceivedHoldings``.
    var hasRefusedForLimits = false
    /// RFC 7606 §2: nothing of this family counts until the session ends.
    var isDisabled = false
    var importedCount = 0
    /// Announcements that no VRF took.
    var notKeptCount: UInt64 = 0
    var rejections: [RouteRejection: RejectionCount] = [:]
    /// How often the warning threshold of `maximum-prefix` and the maximum itself were passed.
    var prefixWarnings = RejectionCount()
    var prefixExcesses = RejectionCount()
    var endOfRIBDue = false
    var refreshBeginDue = false
    var refreshEndDue = false

    func isStale(_ route: Received) -> Bool { route.generation != generation }

    /// How many routes count: those that a sweep is still to remove do not.
    var heldCount: Int { received.count - (sweep?.routesLeft ?? 0) }

    func beginGeneration() { generation &+= 1 }

    func forgetAdvertised() {
        advertised = [:]
        endOfRIBDue = false
        refreshBeginDue = false
        refreshEndDue = false
    }
}
