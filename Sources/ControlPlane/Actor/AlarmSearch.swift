import Addressing
import Configuration
import ControlProtocol
import Routing

/// Looks for what is not as it should be: what found no room, and VRFs that are at their limit.
struct AlarmSearch {
    let index: ConfigurationIndex
    let tables: InstalledTables
    let routing: RoutingTable
    /// Labels that the tables have refused.
    let refusedLabels: Set<LabelBinding>
    /// How many neighbors found no room where a restarted process looks for them.
    let missingNeighbors: Int
    let kernel: KernelLinks

    private(set) var findings: [Alarm.Kind: StandingAlarms.Finding] = [:]

    init(
        index: ConfigurationIndex, tables: InstalledTables, routing: RoutingTable, refusedLabels: Set<LabelBinding>,
        missingNeighbors: Int, kernel: KernelLinks
    ) {
        self.index = index
        self.tables = tables
        self.routing = routing
        self.refusedLabels = refusedLabels
        self.missingNeighbors = missingNeighbors
        self.kernel = kernel
        lookForWhatFoundNoRoom()
        lookAtTheKernel()
        lookAtLimits()
    }

    private mutating func find(_ kind: Alarm.Kind, _ count: Int, of subjects: some Sequence<String>) {
        if count > 0 { findings[kind] = StandingAlarms.Finding(count: count, subjects: Array(subjects)) }
    }

    private mutating func lookForWhatFoundNoRoom() {
        let plan = tables.plan
        let waiting = tables.routes.waiting
        find(.routesWithoutRoom, waiting.count, of: waiting.prefixes.keys.compactMap { plan.vrfNames[$0.rawValue] })
        let refusing = tables.links.waiting
        find(
            .nextHopsWithoutRoom, refusing.count,
            of: Set(refusing.compactMap { tables.links.key(of: $0)?.address.description }))
        let withoutLabel = routing.vrfsWithoutFreeLabel
        find(
            .labelsWithoutRoom, refusedLabels.count + withoutLabel.count,
            of: Set(refusedLabels.map { $0.vrf ?? "\($0.owner.subject)" }).union(withoutLabel))
        find(.interfacesWithoutRoom, tables.unwrittenParts.count, of: tables.unwrittenParts.map { "\($0)" })
        find(
            .servicesWithoutRoom, plan.refusals.count + (tables.services.isIncomplete ? 1 : 0),
            of: plan.refusals.map(\.message))
        find(.neighborsWithoutRoom, missingNeighbors, of: [])
    }

    private mutating func lookAtTheKernel() {
        let strict = kernel.strictReversePathDevices
        find(.strictReversePath, strict.count, of: strict)
    }

    private mutating func lookAtLimits() {
        var full: [String] = []
        var near: [String] = []
        for vrf in index.vrfs {
            switch routing.standing(of: vrf)?.state {
            case .refusing: full.append(vrf.name)
            case .near, .exceeded: near.append(vrf.name)
            case .within, nil: continue
            }
        }
        find(.maximumRoutesReached, full.count, of: full)
        find(.maximumRoutesNear, near.count, of: near)
    }
}

extension RoutingTable {
    /// How many of a VRF's routes count against its `maximum routes`, and how it stands to it; `nil` without a limit.
    func standing(of vrf: VRF) -> (counted: Int, state: RouteLimitState)? {
        guard let limit = vrf.maximumRoutes, let routes = countedRoutes(inVRF: vrf.name) else { return nil }
        if routes.hasRefused { return (routes.count, .refusing) }
        if routes.count > Int(limit.prefixes) { return (routes.count, .exceeded) }
        return (routes.count, routes.count >= Int(limit.warningPrefixes) ? .near : .within)
    }
}
