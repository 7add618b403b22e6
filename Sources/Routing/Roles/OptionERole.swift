import Addressing
import BGP

/// The rules of Option E for a neighbor's routes: which may be used, which go to it, and how they look there.
enum OptionERole {
    // MARK: What its routes have to be (the third control-plane rule)

    /// What is wrong with the attributes; `nil` if nothing.
    static func rejection(
        of attributes: PathAttributes, from neighbor: NeighborInputs, autonomousSystem: UInt32
    ) -> RouteRejection? {
        // 1. Packets go to the neighbor itself, over the link that its label is checked on. The IPv4-mapped form
        //    (RFC 4659 §3.2.1.2) is the same address.
        guard attributes.nextHop?.resolvedAddress == neighbor.address else { return .nextHopNotNeighbor }
        // 2. RFC 4271 §6.3: the neighbor puts its own AS in front.
        guard attributes.asPath.first == neighbor.remoteAutonomousSystem else { return .asPathNotFromNeighbor }
        // 3. RFC 4271 §9.1.2.
        guard !attributes.asPath.contains(autonomousSystem) else { return .asPathLoop }
        // 4. RFC 9774 §3.
        guard neighbor.acceptsASSets || !attributes.asPath.hasSet else { return .asSet }
        return nil
    }

    /// What is wrong with the route beside its attributes; `nil` if nothing.
    static func rejection(
        of nlri: NLRI, _ labels: LabelStack?, from neighbor: NeighborInputs
    ) -> RouteRejection? {
        guard let label = labels?.onlyLabel else { return .moreThanOneLabel }
        guard !label.isReserved else { return .reservedLabel }
        return neighbor.acceptsMartians ? nil : MartianPrefix.rejection(of: nlri.prefix)
    }

    // MARK: What it is given (the first and the fifth control-plane rule)

    /// What the neighbor is to have; `nil` if nothing.
    static func export(_ prefix: IPPrefix, of vrf: VRFState, to neighbor: NeighborState) -> Export? {
        let family = prefix.family
        // 1. The VRF is eligible on the neighbor …
        guard vrf.inputs.eligibleNeighbors.contains(neighbor.address), vrf.inputs.families.contains(family),
            // … and the prefix lists of both let the route out.
            neighbor.inputs.families[family].flatMap(\.exportFilter).permits(prefix),
            vrf.inputs.exportFilters[family].permits(prefix),
            // 2. The label is valid before it is said.
            let label = neighbor.advertised.label(of: vrf.number)
        else { return nil }
        switch vrf.selection(for: prefix) {
        case .none:
            return nil
        case .local(let route):
            // 3. Of the VRF's own routes those that are redistributed.
            guard let source = route.source, vrf.inputs.redistributed[family]?.contains(source) == true else {
                return nil
            }
            return Export(vrf: vrf, label: label, path: nil)
        case .path(let path):
            // 4. No transit by accident, and never back to where a route came from.
            guard vrf.inputs.allowsTransit, path.neighbor !== neighbor, path.attributes.mayLeaveTheAS else {
                return nil
            }
            return Export(vrf: vrf, label: label, path: path)
        }
    }

    // MARK: What becomes of next hop and attributes

    static func attributes(
        of export: Export, _ family: AddressFamily, to neighbor: NeighborState, autonomousSystem: UInt32
    ) -> PathAttributes {
        guard let basis = export.basis else {
            return ownAttributes(of: export.vrf, family, to: neighbor, autonomousSystem: autonomousSystem)
        }
        var contents = basis.contents
        contents.asPath = contents.asPath.prepending(autonomousSystem)
        contents.nextHop = nextHop(family, to: neighbor)
        // RFC 4271 §5.1.4: not propagated to other neighboring AS. One that is there behind a route map was set by it.
        if export.changedAttributes == nil { contents.multiExitDiscriminator = nil }
        contents.localPreference = nil
        contents.originatorIdentifier = nil
        contents.clusterList = []
        neighbor.inputs.attributePolicy.clean(&contents)
        contents.extendedCommunities += targets(of: export.vrf)
        return PathAttributes(contents)
    }

    private static func ownAttributes(
        of vrf: VRFState, _ family: AddressFamily, to neighbor: NeighborState, autonomousSystem: UInt32
    ) -> PathAttributes {
        let key = AdjRIBOut.OwnRoutesKey(routeDistinguisher: vrf.inputs.routeDistinguisher, family: family)
        return neighbor.advertised.ownAttributes(key) {
            var contents = Export.ownAttributes.contents
            contents.asPath = ASPath(sequence: [autonomousSystem])
            contents.nextHop = nextHop(family, to: neighbor)
            contents.extendedCommunities = targets(of: vrf)
            return PathAttributes(contents)
        }
    }

    private static func targets(of vrf: VRFState) -> [ExtendedCommunity] {
        vrf.inputs.exportTargets.sorted().map { ExtendedCommunity($0) }
    }

    /// Our address on the NNI; for VPN-IPv6 over an IPv4 session its IPv4-mapped form (RFC 4659 §3.2.1.2).
    private static func nextHop(_ family: AddressFamily, to neighbor: NeighborState) -> BGPNextHop {
        if family == .ipv6, case .ipv4(let address) = neighbor.inputs.localAddress {
            return BGPNextHop(.ipv6(IPv6Address(mapping: address)))
        }
        return BGPNextHop(neighbor.inputs.localAddress)
    }
}

extension PathAttributes {
    /// RFC 1997: NO_EXPORT, NO_ADVERTISE and NO_EXPORT_SUBCONFED keep a route from external peers. RFC 9494 §4.3: a
    /// route that is stale for long goes to those only who offer long-lived graceful restart, which is not read here.
    fileprivate var mayLeaveTheAS: Bool {
        !self.communities.contains {
            (0xFFFF_FF01...0xFFFF_FF03).contains($0.rawValue) || $0 == .longLivedStale
        }
    }
}
