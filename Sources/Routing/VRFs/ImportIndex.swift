import Addressing
import BGP

/// Which VRFs import a route: those with one of its targets that are eligible on the neighbor it came from.
///
/// It holds the inputs as they were when it was made, so that an old index tells where routes are and a new one where
/// they belong.
struct ImportIndex {
    private struct Importer {
        let vrf: VRFState
        let eligibleNeighbors: Set<PeerAddress>
        let families: Set<AddressFamily>
        /// Where the target holds; `nil`: everywhere.
        let side: RouteTargetSide?
    }

    private var importers: [RouteTarget: [Importer]] = [:]
    private var filters: [FilterKey: PrefixFilter] = [:]

    private struct FilterKey: Hashable {
        let vrf: ObjectIdentifier
        let family: AddressFamily
    }

    init() {}

    /// The VRFs are taken in the order of their names, which makes the order of effects repeatable.
    init(_ vrfs: some Collection<VRFState>) {
        for vrf in vrfs.sorted(by: { $0.name < $1.name }) {
            func add(_ targets: Set<RouteTarget>, _ side: RouteTargetSide?) {
                let importer = Importer(
                    vrf: vrf, eligibleNeighbors: vrf.inputs.eligibleNeighbors, families: vrf.inputs.families,
                    side: side)
                for target in targets { importers[target, default: []].append(importer) }
            }
            add(vrf.inputs.importTargets, nil)
            for (side, policy) in vrf.inputs.sideTargets { add(policy.imported, side) }
            for (family, filter) in vrf.inputs.importFilters {
                filters[FilterKey(vrf: ObjectIdentifier(vrf), family: family)] = filter
            }
        }
    }

    /// Those of the VRFs whose prefix lists let a prefix in.
    func permitting(_ prefix: IPPrefix, _ vrfs: [VRFState]) -> [VRFState] {
        guard !filters.isEmpty else { return vrfs }
        return vrfs.filter { vrf in
            filters[FilterKey(vrf: ObjectIdentifier(vrf), family: prefix.family)].permits(prefix)
        }
    }

    /// The VRFs that a route of `neighbor` enters by its targets, each once.
    func vrfs(
        importing attributes: PathAttributes, from neighbor: NeighborInputs, _ family: AddressFamily
    ) -> [VRFState] {
        var found: [VRFState] = []
        for target in attributes.routeTargets {
            for importer in importers[target] ?? []
            where importer.families.contains(family) && importer.eligibleNeighbors.contains(neighbor.peer)
                && importer.side.map(neighbor.isOn) ?? true
                && !found.contains(where: { $0 === importer.vrf })
            {
                found.append(importer.vrf)
            }
        }
        return found
    }
}
