import Addressing
import BGP

/// Sends and takes back VPN routes as internal neighbors say what they want (RFC 4684 §6): those of the targets that are
/// concerned, whatever else there is.
struct MembershipFollowing {
    let context: RoutingContext
    let neighbors: RoutingNeighbors
    let vrfs: VRFTables
    let advertising: RouteAdvertising
    let reflection: RouteReflection
    let relay: RouteRelay
    let signalling: SignallingRelay

    /// A session is up, and what was kept over a restart of the neighbor is known.
    func begin(_ neighbor: NeighborState) {
        guard neighbor.saysWhatItWants else { return }
        // What it wanted before its restart it wants until it has said otherwise: as long as such routes are kept, it has no
        // reason to wait for what it may hold its own End-of-RIB back for.
        guard !neighbor.received[.routeTargets].holdsStaleRoutes else { return }
        neighbor.membership.await(until: context.now.advanced(bySeconds: ReceivedMembership.longestWaitSeconds))
    }

    /// The neighbor has said all.
    func endOfRIB(from neighbor: NeighborState) {
        if neighbor.membership.isAwaited { openUp(to: neighbor) }
    }

    /// RFC 4684 §6: the wait has an upper bound.
    func passTime(_ neighbor: NeighborState) {
        guard let end = neighbor.membership.waitsUntil, end <= context.now else { return }
        if neighbor.isMembershipAwaited { context.log(.membershipOverdue(neighbor: neighbor.peer)) }
        openUp(to: neighbor)
    }

    /// The inputs are others: who is not to say any more what it wants is not waited for.
    func configure() {
        for neighbor in neighbors.inOrder where neighbor.membership.isAwaited && !neighbor.saysWhatItWants {
            openUp(to: neighbor)
        }
    }

    /// Notes all VPN routes that the neighbor is to have as things are now.
    func openUp(to neighbor: NeighborState) {
        neighbor.membership.endWait()
        guard neighbor.session != nil else { return }
        advertising.enqueueRoutesOfVRFs(for: neighbor)
        reflection.enqueueRoutes(for: neighbor)
        relay.enqueueRoutes(for: neighbor)
        signalling.enqueueRoutes(for: neighbor)
        // End-of-RIB has waited.
        neighbor.advertised.requestSignal()
    }

    /// Notes for each neighbor the routes of targets that it has come to want, or not to want.
    func followChanges() {
        guard context.hasMembership, neighbors.all.contains(where: \.membership.hasChanges) else { return }
        for neighbor in neighbors.inOrder where neighbor.membership.hasChanges {
            let changes = neighbor.membership.takeChanges()
            guard neighbor.saysWhatItWants, !neighbor.membership.isAwaited else { continue }
            for vrf in vrfs.inOrder where isConcerned(vrf, changes, neighbor) {
                advertising.enqueueRoutes(of: vrf, for: neighbor)
            }
            reflection.enqueueRoutes(of: changes, for: neighbor)
            relay.enqueueRoutes(of: changes, for: neighbor)
            signalling.enqueueRoutes(for: neighbor)
        }
    }

    private func isConcerned(_ vrf: VRFState, _ changes: [RouteTargetPrefix], _ neighbor: NeighborState) -> Bool {
        guard vrf.inputs.eligibleNeighbors.contains(neighbor.peer) else { return false }
        // An export map may give each route targets of its own.
        guard vrf.inputs.exportPolicies.isEmpty else { return true }
        let targets = vrf.inputs.exportCommunities(to: neighbor.inputs).compactMap(\.routeTarget)
        return changes.contains { change in change.length == 0 || targets.contains(where: change.contains) }
            && neighbor.membership.formerlyWanted(vrf.number) != neighbor.wants(vrf)
    }
}
