import Addressing
import BGP

/// The rules of Option B (RFC 4364 §10 b): which routes of a neighbor on an NNI may be used, which routes of whom go on to whom
/// without a VRF, and how they look there. Route distinguishers and targets stay but for what the neighbors' lists say; the next hop
/// is the box.
enum OptionBRole {
    // MARK: What a neighbor's routes have to be

    /// What is wrong with the attributes; `nil` if nothing.
    static func rejection(
        of attributes: PathAttributes, from neighbor: NeighborInputs, _ settings: NeighborInputs.Family,
        autonomousSystem: UInt32
    ) -> RouteRejection? {
        // 1. As for Option E: packets go to the neighbor itself, over the link that its labels are checked on.
        if let rejection = OptionERole.rejection(
            of: attributes, from: neighbor, settings, autonomousSystem: autonomousSystem)
        {
            return rejection
        }
        // 2. A route of which no target is listed is of a customer who has no business here.
        return settings.relay.imported.admit(attributes) ? nil : .targetNotListed
    }

    // MARK: What goes on

    /// Whether the neighbor is to have another one's route.
    static func relays(_ path: Path, of nlri: NLRI, _ family: SessionFamily, to neighbor: NeighborState) -> Bool {
        guard let settings = neighbor.inputs.families[family],
            let origin = path.neighbor.inputs.families[family], settings.exportFilter.permits(nlri.prefix),
            mayGo(path, family, to: neighbor)
        else { return false }
        return !targets(of: path.attributes, from: path.neighbor, origin, to: settings).isEmpty
    }

    /// Whether the neighbor may have another one's route, whatever its targets are.
    static func mayGo(_ path: Path, _ family: SessionFamily, to neighbor: NeighborState) -> Bool {
        guard let settings = neighbor.inputs.families[family], mayCross(path, family, to: neighbor) else {
            return false
        }
        // Nothing goes back to a route's site.
        return neighbor.isInternal
            ? !path.attributes.communities.contains(.noAdvertise)
            : path.attributes.mayLeaveTheAS && !path.attributes.isOf(settings.siteOfOrigin)
    }

    /// Whether packets may come from the neighbor for what another one has sent, by the sides that both are on.
    static func mayCross(_ path: Path, _ family: SessionFamily, to neighbor: NeighborState) -> Bool {
        guard let settings = neighbor.inputs.families[family],
            let origin = path.neighbor.inputs.families[family], path.neighbor !== neighbor,
            // A label that leads nowhere is not given.
            path.nextHop != .unreachable
        else { return false }
        // RFC 4271 §9.2: what came from one internal peer goes to no other.
        guard !neighbor.isInternal else { return !path.isInternal }
        // No transit by accident, not across two boxes either.
        return (!path.isFromNNI || origin.relay.allowsTransit)
            && (!path.isAnotherOperators || settings.relay.allowsTransit)
    }

    /// The route targets that a path's route has at the neighbor.
    static func targets(of path: Path, _ family: SessionFamily, to neighbor: NeighborState) -> [ExtendedCommunity] {
        guard let settings = neighbor.inputs.families[family], let origin = path.neighbor.inputs.families[family] else {
            return []
        }
        return targets(of: path.attributes, from: path.neighbor, origin, to: settings)
    }

    /// The route targets that a route keeps on its way.
    private static func targets(
        of attributes: PathAttributes, from sender: NeighborState, _ origin: NeighborInputs.Family,
        to settings: NeighborInputs.Family
    ) -> [ExtendedCommunity] {
        settings.relay.exported.applied(to: targets(of: attributes, from: sender, origin))
    }

    /// The route targets that a neighbor's route has here.
    static func targets(
        of attributes: PathAttributes, from sender: NeighborState, _ origin: NeighborInputs.Family
    ) -> [ExtendedCommunity] {
        let targets = attributes.extendedCommunities.filter { $0.routeTarget != nil }
        // What an Option B neighbor has sent was looked at when it came in.
        return sender.isInternal ? origin.relay.imported.applied(to: targets) : targets
    }

    /// The attributes that a relayed route has on its way to the neighbor.
    static func attributes(
        of export: Export, _ family: SessionFamily, to neighbor: NeighborState, autonomousSystem: UInt32,
        isOwnRouter: (IPAddress) -> Bool
    ) -> PathAttributes? {
        guard let path = export.path, let basis = export.basis, let settings = neighbor.inputs.families[family],
            let origin = path.neighbor.inputs.families[family]
        else { return nil }
        var contents = basis.contents
        let targets = targets(of: basis, from: path.neighbor, origin, to: settings)
        if neighbor.isInternal {
            contents.takeToInternalNeighbor()
            contents.mark(for: neighbor.inputs)
        } else {
            contents.takeToExternalNeighbor(export, settings, neighbor.inputs, autonomousSystem: autonomousSystem)
        }
        contents.nextHop = InternalRole.nextHop(family, to: neighbor)
        neighbor.inputs.attributePolicy.clean(&contents)
        if !path.isInternal { contents.removeForeignJoins(isOwnRouter: isOwnRouter) }
        contents.extendedCommunities += targets
        if neighbor.isInternal, neighbor.inputs.isOfferedTunnel { contents.extendedCommunities.append(.mplsInUDP) }
        return PathAttributes(contents)
    }
}
