import Addressing
import BGP

/// The routes of one VRF.
final class VRFState {
    /// What a prefix is used for.
    enum Selection {
        case none
        case local(LocalRoute)
        /// The best path, and those that are used beside it.
        case path(Path, beside: [Path])

        var action: ForwardingAction? {
            switch self {
            case .none: nil
            case .local(let route): route.action
            case .path(let path, let beside): Multipath.action(of: path, beside: beside)
            }
        }

        /// That of the best alone, whatever shares packets with it.
        var bestAction: ForwardingAction? {
            switch self {
            case .none: nil
            case .local(let route): route.action
            case .path(let path, _): path.action
            }
        }

        var isLocal: Bool {
            if case .local = self { return true }
            return false
        }

        /// Whether a neighbor inside the VRF has sent it.
        var isCustomers: Bool {
            if case .path(let path, _) = self { return path.isCustomers }
            return false
        }
    }

    private(set) var inputs: VRFInputs
    private(set) var locals: [IPPrefix: LocalRoute] = [:]
    private(set) var paths: [IPPrefix: PathSet] = [:]
    /// Inside these no path is used.
    private(set) var connectedSubnets = ConnectedSubnets()
    /// How many paths of a prefix are used at the same time; of a family without limits, one.
    private(set) var maximumPaths: [AddressFamily: MultipathLimits] = [:]
    /// Whether another operator's may stand beside an own one: with transit.
    private(set) var mixesOperators = false
    /// Whether imported routes were refused because of `maximum routes`.
    private(set) var hasRefusedRoutes = false
    /// When to try again to import what was refused: there is room.
    private(set) var admissionRetryAt: Instant?
    /// Whether the refusal has been reported.
    private var hasReportedMaximum = false
    private var routeWarnings = RejectionCount()
    /// The route maps of each family, as the inputs have them, each with its memory.
    private var importPolicies: [AddressFamily: AppliedRoutePolicy] = [:]
    private var exportPolicies: [AddressFamily: AppliedRoutePolicy] = [:]
    /// By which packets go in place of their neighbors' NNIs.
    private(set) var circuitWays = CircuitWays()
    /// The large ones among the attributes that the import map has made.
    private var changedAttributes = LargeAttributes()

    init(_ inputs: VRFInputs) {
        self.inputs = inputs
        applyPolicies(unlike: nil)
        circuitWays.configure(inputs)
    }

    func configure(_ inputs: VRFInputs) {
        let former = self.inputs
        self.inputs = inputs
        applyPolicies(unlike: former)
        if former.circuitGateways != inputs.circuitGateways { circuitWays.configure(inputs) }
    }

    private func applyPolicies(unlike former: VRFInputs?) {
        if former?.importPolicies != inputs.importPolicies {
            importPolicies = inputs.importPolicies.compactMapValues { AppliedRoutePolicy($0) }
        }
        if former?.exportPolicies != inputs.exportPolicies {
            exportPolicies = inputs.exportPolicies.compactMapValues { AppliedRoutePolicy($0) }
        }
    }

    /// What routes of NNIs and the core meet; `nil`: all are taken as they are.
    func importPolicy(for family: AddressFamily) -> AppliedRoutePolicy? { importPolicies[family] }

    /// What meets the routes that NNIs and the core are given; `nil`: they go as they are.
    func exportPolicy(for family: AddressFamily) -> AppliedRoutePolicy? { exportPolicies[family] }

    var name: String { inputs.name }
    var number: VRFNumber { inputs.number }
    /// What `maximum routes` limits; a prefix that is both local and imported counts twice.
    var routeCount: Int { locals.count + paths.count }
    var hasRoom: Bool { inputs.maximumRoutes.map { routeCount < $0 } ?? true }

    func selection(for prefix: IPPrefix) -> Selection {
        guard let set = paths[prefix], case let path = set.best, path.nextHop != .unreachable,
            !connectedSubnets.cover(prefix)
        else {
            return locals[prefix].map(Selection.local) ?? .none
        }
        if let local = locals[prefix],
            local.distance <= (path.isInternal ? LocalRoute.internalBGPDistance : LocalRoute.externalBGPDistance)
                || path.nextHop == .unresolved
        {
            return .local(local)
        }
        guard !set.others.isEmpty, let limits = maximumPaths[prefix.family] else {
            return .path(path, beside: [])
        }
        return .path(
            path, beside: Multipath.paths(beside: path, among: set.others, limits, allowsTransit: mixesOperators))
    }

    /// Where a label of a single route leads: by its next hop, or to a lookup where it has none, or is gone.
    func target(of prefix: IPPrefix) -> LabelTarget {
        let selection = selection(for: prefix)
        if inputs.servesCarrier, case .path(let path, _) = selection, let target = circuitTarget(of: path) {
            return .swap(target)
        }
        guard let action = selection.bestAction, action.isNextHop else { return .lookup }
        return .way(VRFWay(family: prefix.family, action: action))
    }

    /// What a label of a route is to mean that has not got that of the VRF, and where it leads; `nil` for one that has.
    func labelSource(of prefix: IPPrefix, in mode: LabelMode) -> (subject: LabelSubject, target: LabelTarget)? {
        switch mode {
        case .perVRF: return nil
        case .perPrefix: return (.prefix(inputs.identity, prefix), target(of: prefix))
        case .perNextHop:
            guard let nextHop = nextHop(of: selection(for: prefix)) else { return nil }
            return (.nextHop(inputs.identity, prefix.family, nextHop), target(of: prefix))
        }
    }

    /// What a customer carrier's label of a route is to mean, and where it leads; `nil` for a route that no label leads along from
    /// here: the LSP would end.
    func circuitLabelSource(of prefix: IPPrefix) -> (subject: LabelSubject, target: LabelTarget)? {
        guard case .path(let path, _) = selection(for: prefix), let target = circuitTarget(of: path) else { return nil }
        return (.circuitPrefix(inputs.identity, prefix), .swap(target))
    }

    /// Where an LSP of a customer carrier goes on that leads along a path: by the label that its next hop gave. Of one that ends at
    /// the customer's router (implicit null) only what is below goes on.
    func circuitTarget(of path: Path) -> SwapTarget? {
        guard path.circuitWay == nil, path.isOfCarrier || !path.isCustomers, let target = SwapTarget(path) else {
            return nil
        }
        return SwapTarget(
            way: target.way, labels: path.labels.isImplicitNull ? [] : target.labels, under: .labels)
    }

    /// The next hop that a label can be about; `nil`: packets have to be looked up.
    private func nextHop(of selection: Selection) -> VRFNextHop? {
        if case .gateway(let circuit, let address)? = selection.bestAction {
            return .gateway(circuit: inputs.circuitName(circuit), address)
        }
        guard case .path(let path, _) = selection, !path.isCustomers, let target = SwapTarget(path) else { return nil }
        return path.isInternal && path.isMarked ? .marked(target) : .labelled(target)
    }

    /// Whether a route of the VRF's own is brought into BGP.
    func redistributes(_ route: LocalRoute, _ family: AddressFamily) -> Bool {
        route.source.map { inputs.redistributed[family]?.contains($0) == true } ?? false
    }

    /// The attributes of the path in use; `nil` where there is none.
    func learntAttributes(of prefix: IPPrefix) -> PathAttributes? {
        if case .path(let path, _) = selection(for: prefix) { return path.attributes }
        return nil
    }

    /// Takes up how many paths are used at the same time, and whose, as the inputs have it.
    func followMultipathInputs() {
        maximumPaths = inputs.maximumPaths
        mixesOperators = inputs.allowsTransit
    }

    func setLocal(_ route: LocalRoute?, for prefix: IPPrefix) { locals[prefix] = route }

    func setConnectedSubnets(_ subnets: ConnectedSubnets) { connectedSubnets = subnets }

    /// The same attributes as they are held for other paths that the import map has changed, or `attributes`.
    func held(_ attributes: PathAttributes) -> PathAttributes { changedAttributes.held(attributes) }

    func path(
        of neighbor: NeighborState, _ routeDistinguisher: RouteDistinguisher?, for prefix: IPPrefix
    ) -> Path? {
        paths[prefix]?.path(of: neighbor, routeDistinguisher)
    }

    /// A path is about to be replaced or to go.
    private func forget(_ neighbor: NeighborState, _ routeDistinguisher: RouteDistinguisher?, for prefix: IPPrefix) {
        guard changedAttributes.octets > 0, let former = path(of: neighbor, routeDistinguisher, for: prefix),
            former.isChanged
        else { return }
        changedAttributes.remove(former.attributes)
    }

    func insert(_ path: Path, for prefix: IPPrefix) {
        forget(path.neighbor, path.routeDistinguisher, for: prefix)
        if path.isChanged { changedAttributes.add(path.attributes) }
        if paths[prefix]?.insert(path) == nil { paths[prefix] = PathSet(path) }
    }

    func remove(_ neighbor: NeighborState, _ routeDistinguisher: RouteDistinguisher?, for prefix: IPPrefix) {
        forget(neighbor, routeDistinguisher, for: prefix)
        if paths[prefix]?.remove(neighbor, routeDistinguisher) == false { paths[prefix] = nil }
    }

    /// Whether a path has a next hop in another state, or another way.
    func isNextHopOther(
        of neighbor: NeighborState, _ routeDistinguisher: RouteDistinguisher?, for prefix: IPPrefix,
        than state: NextHopState
    ) -> Bool {
        guard let path = path(of: neighbor, routeDistinguisher, for: prefix) else { return false }
        let way = circuitWays.way(to: neighbor.peer, prefix.family)
        return path.circuitWay !== way || path.nextHop != way?.state ?? state
    }

    func followNextHop(
        of neighbor: NeighborState, _ routeDistinguisher: RouteDistinguisher?, for prefix: IPPrefix,
        to state: NextHopState
    ) {
        paths[prefix]?.followNextHop(
            of: neighbor, routeDistinguisher, to: state, by: circuitWays.way(to: neighbor.peer, prefix.family))
    }

    /// Whether a gateway answers; `false`: that was known.
    func setCircuitGateway(_ gateway: CircuitGateway, isSilent: Bool) -> Bool {
        circuitWays.set(gateway, isSilent: isSilent, inputs)
    }

    func removeAll(for prefix: IPPrefix) {
        if let former = paths[prefix] {
            for path in former.all where path.isChanged { changedAttributes.remove(path.attributes) }
        }
        paths[prefix] = nil
    }

    func contains(_ neighbor: NeighborState, _ routeDistinguisher: RouteDistinguisher?, for prefix: IPPrefix) -> Bool {
        paths[prefix]?.contains(neighbor, routeDistinguisher) ?? false
    }

    // MARK: `maximum routes`

    /// Imported routes have been refused; whether that is to be reported.
    func noteRefusal() -> Bool {
        hasRefusedRoutes = true
        guard !hasReportedMaximum, inputs.maximumRoutes != nil else { return false }
        hasReportedMaximum = true
        return true
    }

    /// What was refused is about to be tried again.
    func beginAdmission() {
        admissionRetryAt = nil
        hasRefusedRoutes = false
    }

    /// Whether it is to be reported that all routes fit again.
    func endAdmission() -> Bool {
        guard hasReportedMaximum, !hasRefusedRoutes else { return false }
        hasReportedMaximum = false
        return true
    }

    /// There may be room for what was refused.
    func retryAdmission(at moment: Instant) {
        if hasRefusedRoutes, hasRoom, admissionRetryAt == nil { admissionRetryAt = moment }
    }

    /// Whether it is due for the log that there are as many routes as the warning threshold, one more than before.
    func isWarningDue(now: Instant) -> Bool {
        guard let warning = inputs.warningRoutes, routeCount == Int(warning) else { return false }
        return routeWarnings.add(now: now) != nil
    }
}
