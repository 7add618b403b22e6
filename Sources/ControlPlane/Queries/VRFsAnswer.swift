import Addressing
import Configuration
import ControlProtocol
import Routing

/// How many VRFs are read in one turn of the event loop.
private let vrfsAtOnce = 500

extension ShowVRFs: AnsweredRequest {
    package func answer(by plane: ControlPlane) async throws(ControlError) -> VRFsResult {
        let (index, plan) = await plane.planWithIndex
        let inputs = RoutingInputsCompiler(index: index, plan: plan) { _ in true }
        let interfaces = Dictionary(grouping: index.interfaces, by: \.vrf)
        var statuses: [VRFStatus] = []
        for portion in index.vrfs.filter({ plan.vrfs[$0.name] != nil }).portions(of: vrfsAtOnce) {
            let states = await plane.states(of: portion)
            for (vrf, state) in zip(portion, states) {
                statuses.append(
                    VRFStatus(
                        name: vrf.name, number: plan.vrfs[vrf.name].map { Int($0.number.rawValue) } ?? 0,
                        routeDistinguisher: vrf.routeDistinguisher,
                        importRouteTargets: vrf.importTargets.sorted(),
                        exportRouteTargets: vrf.exportTargets.sorted(),
                        sideRouteTargets: vrf.shownSideTargets, labels: state.labels,
                        isTransit: vrf.allowsTransit,
                        eligibleNeighbors: inputs.eligibleNeighbors(of: vrf).map(\.address).sorted(),
                        interfaces: (interfaces[vrf.name] ?? []).map(\.name.description),
                        ipv4Routes: state.ipv4Routes, ipv6Routes: state.ipv6Routes,
                        waitingRoutes: state.waitingRoutes, maximumRoutes: vrf.maximumRoutes?.prefixes,
                        countedRoutes: state.limit?.counted, maximumRoutesState: state.limit?.state,
                        routeLabels: state.routeLabels?.count, maximumLabels: state.routeLabels?.most,
                        routeMemoryBytes: state.routeMemory.used, reservedRouteMemoryBytes: state.routeMemory.part))
            }
        }
        return VRFsResult(vrfs: statuses)
    }
}

extension VRF {
    fileprivate var shownSideTargets: [SideRouteTargets]? {
        guard !sideTargets.isEmpty else { return nil }
        return sideTargets.sorted { $0.key < $1.key }.map { side, policy in
            SideRouteTargets(
                side: side.description, importRouteTargets: policy.imported.sorted(),
                exportRouteTargets: policy.exported.sorted())
        }
    }
}

/// What of a VRF changes without its configuration.
private struct VRFNow {
    let labels: [MPLSLabel]
    let ipv4Routes: Int
    let ipv6Routes: Int
    let waitingRoutes: Int
    let limit: (counted: Int, state: RouteLimitState)?
    let routeLabels: (count: Int, most: Int)?
    let routeMemory: (used: Int, part: Int)
}

/// What VRFs have now.
private struct VRFsNow {
    let plan: ForwardingPlan
    let routing: RoutingTable
    let tables: InstalledTables

    func state(of vrf: VRF) -> VRFNow {
        let number = plan.vrfs[vrf.name]?.number
        return VRFNow(
            labels: routing.labels(ofVRF: vrf.name).values.sorted(),
            ipv4Routes: number.map { tables.writer.routes.count(vrf: $0.rawValue, family: .ipv4) } ?? 0,
            ipv6Routes: number.map { tables.writer.routes.count(vrf: $0.rawValue, family: .ipv6) } ?? 0,
            waitingRoutes: number.flatMap { tables.routes.waiting.prefixes[$0]?.count } ?? 0,
            limit: routing.standing(of: vrf), routeLabels: routing.routeLabels(inVRF: vrf.name),
            routeMemory: number.map { tables.writer.routes.memory[$0.rawValue] }.map { ($0.used, $0.part) } ?? (0, 0))
    }
}

extension ControlPlane {
    fileprivate var planWithIndex: (ConfigurationIndex, ForwardingPlan) { (index, plan) }

    fileprivate func states(of vrfs: ArraySlice<VRF>) -> [VRFNow] {
        vrfs.map(VRFsNow(plan: plan, routing: routing, tables: tables).state)
    }
}
