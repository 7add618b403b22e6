import Addressing
import BGP

/// The rules for a neighbor inside a VRF: a customer's router, or another operator's by Option A (RFC 4364 §10 a).
enum CustomerRole {
    // MARK: What its routes have to be

    /// RFC 8212 §2.1: nothing is taken that no prefix list and no route map is for.
    static func takesRoutes(by settings: NeighborInputs.Family) -> Bool {
        settings.importFilter != nil || settings.importPolicy != nil
    }

    /// What is wrong with the attributes; `nil` if nothing.
    static func rejection(
        of attributes: PathAttributes, from neighbor: NeighborInputs, _ settings: NeighborInputs.Family,
        autonomousSystem: UInt32
    ) -> RouteRejection? {
        // 1. Packets leave by the circuit that the neighbor is on.
        guard gateway(of: attributes, from: neighbor) != nil else { return .nextHopNotOnCircuit }
        // 2. Its AS path.
        return attributes.rejectionOfPath(from: neighbor, settings, autonomousSystem: autonomousSystem)
    }

    /// What is wrong with the route beside its attributes; `nil` if nothing.
    static func rejection(of nlri: NLRI, from neighbor: NeighborInputs) -> RouteRejection? {
        neighbor.acceptsMartians ? nil : MartianPrefix.rejection(of: nlri.prefix)
    }

    /// Where packets for such a route go: the neighbor itself or another host of its circuit (RFC 4271 §5.1.3), by the global
    /// address if that is on the link, otherwise by the link-local one beside it (RFC 2545 §3). An IPv4 route may have a next
    /// hop of IPv6 (RFC 8950).
    static func gateway(of attributes: PathAttributes, from neighbor: NeighborInputs) -> IPAddress? {
        guard let circuit = neighbor.circuit, let nextHop = attributes.nextHop else { return nil }
        let address = nextHop.resolvedAddress
        if circuit.hasNeighbor(address) { return address }
        let linkLocal = nextHop.linkLocal.map(IPAddress.ipv6)
        return linkLocal.flatMap { circuit.hasNeighbor($0) ? $0 : nil }
    }

    // MARK: What it is given

    /// What the neighbor is to have; `nil` if nothing.
    static func export(
        _ prefix: IPPrefix, _ selection: VRFState.Selection, of vrf: VRFState, to neighbor: NeighborState,
        _ settings: NeighborInputs.Family
    ) -> Export? {
        let family = prefix.family
        guard vrf.number == neighbor.peer.vrf, vrf.inputs.families.contains(family),
            // An IPv4 route with a next hop of IPv6 goes to those alone who can read it, and there is none the other way.
            nextHop(SessionFamily(unicast: family), to: neighbor.inputs).address.family == family
                || (family == .ipv4 && neighbor.session?.extendedNextHops == true)
        else { return nil }
        // 1. A default route of our own is the operator's word for it.
        if settings.originatesDefault, prefix.length == 0 {
            return Export(vrf: vrf, label: .implicitNull, path: nil, isExemptFromPolicy: true)
        }
        // 2. RFC 8212 §2.1, and what the neighbor's prefix list lets out.
        guard settings.exportFilter != nil || settings.exportPolicy != nil, settings.exportFilter.permits(prefix) else {
            return nil
        }
        switch selection {
        case .none: return nil
        case .local(let route):
            // 3. Of the VRF's own routes those that are redistributed.
            return vrf.redistributes(route, family) ? Export(vrf: vrf, label: .implicitNull, path: nil) : nil
        case .path(let path, _):
            // 4. Never back to where a route came from, nor to its site.
            guard path.neighbor !== neighbor, path.attributes.mayLeaveTheAS,
                !path.attributes.isOf(settings.siteOfOrigin)
            else { return nil }
            return Export(vrf: vrf, label: .implicitNull, path: path)
        }
    }

    // MARK: What becomes of next hop and attributes

    /// Route targets and all other extended communities stay in the operator's network: a customer has no use for them.
    static func attributes(
        of export: Export, _ family: SessionFamily, to neighbor: NeighborState, _ settings: NeighborInputs.Family,
        autonomousSystem: UInt32
    ) -> PathAttributes {
        var contents = (export.basis ?? Export.ownAttributes).contents
        contents.takeToExternalNeighbor(export, settings, neighbor.inputs, autonomousSystem: autonomousSystem)
        contents.nextHop = nextHop(family, to: neighbor.inputs)
        neighbor.inputs.attributePolicy.clean(&contents)
        contents.extendedCommunities = []
        return PathAttributes(contents)
    }

    /// Our own address on the circuit, of the routes' family if there is one: a neighbor without it takes the other
    /// (RFC 8950).
    private static func nextHop(_ family: SessionFamily, to neighbor: NeighborInputs) -> BGPNextHop {
        let own = neighbor.circuit?.addresses.map(\.address).filter { !$0.isLinkLocal } ?? []
        let ofFamily = own.first { $0.family == family.addressFamily }
        // RFC 2545 §3: from a link-local address the session goes, the next hop is a global one and that beside it.
        if case .ipv6(let linkLocal) = neighbor.localAddress, linkLocal.isLinkLocal {
            guard let ofFamily, ofFamily.family == .ipv6 else { return BGPNextHop(ofFamily ?? neighbor.localAddress) }
            return BGPNextHop(ofFamily, linkLocal: linkLocal)
        }
        if neighbor.localAddress.family == family.addressFamily { return BGPNextHop(neighbor.localAddress) }
        return BGPNextHop(ofFamily ?? neighbor.localAddress)
    }
}

extension NeighborInputs.Circuit {
    /// Whether an address is another host's on the link. RFC 4271 §6.3: a next hop is not the receiver's own.
    fileprivate func hasNeighbor(_ address: IPAddress) -> Bool {
        guard !addresses.contains(where: { $0.address == address }), linkLocal.map(IPAddress.ipv6) != address else {
            return false
        }
        // The whole link-local range is on the link of a circuit that has IPv6.
        if address.isLinkLocal { return addresses.contains { $0.address.family == .ipv6 } }
        return addresses.contains { $0.subnet.contains(address) }
    }
}
