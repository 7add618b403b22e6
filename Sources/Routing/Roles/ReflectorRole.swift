import Addressing
import BGP

/// The rules of a route reflector (RFC 4456): which routes of internal neighbors go on to other internal neighbors, and how
/// little is changed on the way.
enum ReflectorRole {
    /// What the neighbor is to have of an internal neighbor's route; `nil` if nothing.
    static func export(
        _ path: Path, of nlri: NLRI, _ family: SessionFamily, to neighbor: NeighborState
    ) -> Export? {
        guard let settings = neighbor.inputs.families[family], path.neighbor !== neighbor,
            // RFC 4456 §6: what came from a client goes to all, and what came from another to clients.
            isClient(path.neighbor, family) || isClient(neighbor, family),
            // A client is told that everything is wanted (``MembershipAdvertising``), which holds what others want.
            family != .routeTargets || !isClient(neighbor, family),
            // Whose route it is needs no copy of it.
            path.originator != neighbor.session?.peerIdentifier,
            !path.attributes.communities.contains(.noAdvertise), settings.exportFilter.permits(nlri.prefix)
        else { return nil }
        return Export(vrf: nil, label: GivenLabel(path.label), path: path)
    }

    static func isClient(_ neighbor: NeighborState, _ family: SessionFamily) -> Bool {
        neighbor.role(in: family) == .reflectorClient
    }

    /// Next hop, label, route targets and all else stay (RFC 4456 §10) but for what shows the next reflector a loop (§8).
    static func attributes(of export: Export, to neighbor: NeighborState) -> PathAttributes {
        var contents = (export.basis ?? Export.ownAttributes).contents
        contents.originatorIdentifier = export.path?.originator
        if let cluster = neighbor.inputs.ownCluster { contents.clusterList.insert(cluster, at: 0) }
        contents.localPreference = contents.localPreference ?? InternalRole.usualLocalPreference
        // A route map may have removed it, and the next border router has nothing else to go by.
        if export.path?.isMarked == true { contents.mark(for: neighbor.inputs) }
        return PathAttributes(contents)
    }
}
