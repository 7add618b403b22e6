import Addressing
import BGP

/// The rules for a customer that is a carrier itself (RFC 4364 §9): its router is inside a VRF and says and is told labels. What its
/// routes have to be is what those of a customer (policies), of Option E (next hop and path) and of transports (labels) have to.
enum CustomerCarrierRole {
    /// What the neighbor is to have; `nil` if nothing. Routes alone that an LSP goes on along: of the core, of NNIs, and of the same
    /// customer's other routers. Where it would end here, packets are told of by routes without labels, which are other neighbors'.
    static func export(
        _ prefix: IPPrefix, _ selection: VRFState.Selection, of vrf: VRFState, to neighbor: NeighborState,
        _ settings: NeighborInputs.Family, label: GivenLabel
    ) -> Export? {
        // 1. RFC 8212 §2.1, and what the neighbor's prefix list lets out.
        guard vrf.number == neighbor.peer.vrf, vrf.inputs.families.contains(prefix.family),
            settings.exportFilter != nil || settings.exportPolicy != nil, settings.exportFilter.permits(prefix),
            case .path(let path, _) = selection, vrf.circuitTarget(of: path) != nil
        else { return nil }
        // 2. Never back to where a route came from, nor to its site.
        guard path.neighbor !== neighbor, path.attributes.mayLeaveTheAS, !path.attributes.isOf(settings.siteOfOrigin)
        else { return nil }
        return Export(vrf: vrf, label: label, path: path)
    }
}
