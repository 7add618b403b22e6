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
    private var demands: [DemandKey: Demand] = [:]

    /// What a VRF asks of routes that its targets call for.
    private struct Demand {
        let filter: PrefixFilter?
        let policy: AppliedRoutePolicy?
    }

    private struct DemandKey: Hashable {
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
            for family in AddressFamily.allCases {
                let demand = Demand(
                    filter: vrf.inputs.importFilters[family], policy: vrf.importPolicy(for: family))
                guard demand.filter != nil || demand.policy != nil else { continue }
                demands[DemandKey(vrf: ObjectIdentifier(vrf), family: family)] = demand
            }
        }
    }

    /// Whether any VRF asks for more than targets.
    var hasDemands: Bool { !demands.isEmpty }

    /// Why a route does not enter a VRF that its targets lead to; `nil`: it does.
    func rejection(of prefix: IPPrefix, _ attributes: PathAttributes, by vrf: VRFState) -> RouteRejection? {
        guard let demand = demands[DemandKey(vrf: ObjectIdentifier(vrf), family: prefix.family)] else { return nil }
        guard demand.filter.permits(prefix) else { return .vrfPrefixList }
        return demand.policy?.verdict(on: prefix, attributes) == .refused ? .vrfRouteMap : nil
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
