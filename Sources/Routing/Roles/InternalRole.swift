import Addressing
import BGP

/// The rules for reflectors and PEs of the operator's own network: which of their routes may be used, which of the VRFs' go
/// to them, and how they look there (RFC 4364, RFC 4456 as a client). What is reflected is in ``ReflectorRole``.
enum InternalRole {
    /// LOCAL_PREF of what had none (RFC 4271 §5.1.5: internal peers are told one).
    static let usualLocalPreference: UInt32 = 100

    // MARK: What their routes have to be

    /// What is wrong with the attributes; `nil` if nothing. Whether a transport leads to the next hop is asked when a path
    /// is chosen.
    static func rejection(
        of attributes: PathAttributes, from neighbor: NeighborInputs, autonomousSystem: UInt32
    ) -> RouteRejection? {
        // 1. Packets would come back here.
        guard let nextHop = attributes.nextHop?.resolvedAddress, nextHop != neighbor.localAddress else {
            return .ownNextHop
        }
        // 2. RFC 4456 §8: it was ours, and a reflector sends it back.
        guard attributes.originatorIdentifier == nil || attributes.originatorIdentifier != neighbor.ownIdentifier else {
            return .originatorLoop
        }
        // 3. RFC 4456 §8: it has been through this cluster.
        guard neighbor.ownCluster.map(attributes.clusterList.contains) != true else { return .clusterLoop }
        // 4. RFC 4271 §9.1.2.
        guard !attributes.asPath.contains(autonomousSystem) else { return .asPathLoop }
        // 5. RFC 9774 §3.
        return neighbor.acceptsASSets || !attributes.asPath.hasSet ? nil : .asSet
    }

    // MARK: What they are given

    /// What the neighbor is to have; `nil` if nothing.
    static func export(
        _ prefix: IPPrefix, _ selection: VRFState.Selection, of vrf: VRFState, to neighbor: NeighborState,
        _ settings: NeighborInputs.Family, label: GivenLabel
    ) -> Export? {
        let family = prefix.family
        guard vrf.inputs.eligibleNeighbors.contains(neighbor.peer), vrf.inputs.families.contains(family),
            settings.exportFilter.permits(prefix), vrf.inputs.exportFilters[family].permits(prefix)
        else { return nil }
        switch selection {
        case .none: return nil
        case .local(let route):
            return vrf.redistributes(route, family) ? Export(vrf: vrf, label: label, path: nil) : nil
        case .path(let path, _):
            // RFC 4271 §9.2: what came from one internal peer goes to no other.
            guard !path.isInternal, !path.attributes.communities.contains(.noAdvertise) else { return nil }
            return Export(vrf: vrf, label: label, path: path)
        }
    }

    // MARK: What becomes of next hop and attributes

    static func attributes(
        of export: Export, in vrf: VRFState, _ family: SessionFamily, to neighbor: NeighborState
    ) -> PathAttributes {
        var contents = (export.basis ?? Export.ownAttributes).contents
        contents.nextHop = nextHop(family, to: neighbor)
        contents.takeToInternalNeighbor()
        neighbor.inputs.attributePolicy.clean(&contents, asExporter: true)
        contents.extendedCommunities += vrf.inputs.exportCommunities(
            to: neighbor.inputs, changedBy: export.targets)
        if neighbor.inputs.isOfferedTunnel { contents.extendedCommunities.append(.mplsInUDP) }
        if export.path?.isFromNNI == true { contents.mark(for: neighbor.inputs) }
        return PathAttributes(contents)
    }

    /// Next hop self; for IPv6 routes over an IPv4 session in the IPv4-mapped form (RFC 4659 §3.2.1.2, RFC 4798 §2).
    static func nextHop(_ family: SessionFamily, to neighbor: NeighborState) -> BGPNextHop {
        if family.addressFamily == .ipv6, case .ipv4(let address) = neighbor.inputs.localAddress {
            return BGPNextHop(.ipv6(IPv6Address(mapping: address)))
        }
        return BGPNextHop(neighbor.inputs.localAddress)
    }
}
