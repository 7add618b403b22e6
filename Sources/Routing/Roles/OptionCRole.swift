import Addressing
import BGP

/// The rules of Option C (RFC 4364 §10 c): which labelled unicast routes go on between other operators' border routers and the
/// own network, how deep the stacks may be that come by their labels, and how they look there. What a neighbor's routes have to be
/// is what those of Option E (attributes) and of transports (labels) have to.
enum OptionCRole {
    /// RFC 8212 §2.1: nothing is taken that no prefix list is for.
    static func takesRoutes(by settings: NeighborInputs.Family) -> Bool { settings.importFilter != nil }

    // MARK: What goes on

    /// What has to stand under the label that the neighbor is told for another one's route; `nil`: it is not to have the route.
    static func stack(
        of path: Path, to prefix: IPPrefix, _ family: SessionFamily, for neighbor: NeighborState
    ) -> SwappedStack? {
        guard let settings = neighbor.inputs.families[family],
            let origin = path.neighbor.inputs.families[family], path.neighbor !== neighbor,
            // A label that leads nowhere is not given.
            path.nextHop != .unreachable
        else { return nil }
        guard !neighbor.isInternal else {
            // RFC 4271 §9.2: what came from one internal peer goes to no other.
            guard !path.isInternal, settings.exportFilter.permits(prefix),
                !path.attributes.communities.contains(.noAdvertise)
            else { return nil }
            return LabelledDepths.stack(of: prefix, in: origin.depths.imported)
        }
        // No transit by accident, not across two boxes either, and never back to a route's site.
        guard path.isInternal || origin.relay.allowsTransit,
            (path.isInternal && !path.isMarked) || settings.relay.allowsTransit,
            path.attributes.mayLeaveTheAS, !path.attributes.isOf(settings.siteOfOrigin)
        else { return nil }
        return LabelledDepths.stack(of: prefix, in: settings.depths.exported)
    }

    /// The same of a PE of the own network that labelled unicast says nothing of.
    static func stack(
        ofOwn prefix: IPPrefix, _ family: SessionFamily, for neighbor: NeighborState
    ) -> SwappedStack? {
        guard !neighbor.isInternal, let settings = neighbor.inputs.families[family] else { return nil }
        return LabelledDepths.stack(of: prefix, in: settings.depths.exported)
    }

    // MARK: What becomes of next hop and attributes

    /// Next hop self. A PE's route that nothing is said of but by its transport begins here.
    static func attributes(
        of export: Export, _ family: SessionFamily, to neighbor: NeighborState, autonomousSystem: UInt32
    ) -> PathAttributes? {
        guard let settings = neighbor.inputs.families[family], var contents = export.basis?.contents else { return nil }
        if neighbor.isInternal {
            contents.takeToInternalNeighbor()
            contents.mark(for: neighbor.inputs)
        } else {
            contents.takeToExternalNeighbor(export, settings, neighbor.inputs, autonomousSystem: autonomousSystem)
        }
        contents.nextHop = InternalRole.nextHop(family, to: neighbor)
        neighbor.inputs.attributePolicy.clean(&contents)
        contents.extendedCommunities = []
        return PathAttributes(contents)
    }
}
