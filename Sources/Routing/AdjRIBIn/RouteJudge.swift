import Addressing
import BGP

/// Judges received routes: whether one may be used, and why not. What is wrong with a route is said by the neighbor's role, by its
/// distinguisher where that belongs to the own network, and by the neighbor's prefix list and route map, in this order.
struct RouteJudge {
    private let context: RoutingContext
    private let relay: RouteRelay

    init(_ context: RoutingContext, _ relay: RouteRelay) {
        self.context = context
        self.relay = relay
    }

    /// What is wrong with the attributes of routes of `neighbor`, who is `role`; `nil` if nothing.
    func rejection(
        of attributes: PathAttributes, from neighbor: NeighborState, _ role: NeighborRole,
        _ settings: NeighborInputs.Family
    ) -> RouteRejection? {
        role.rejection(
            of: attributes, from: neighbor.inputs, settings, autonomousSystem: context.inputs.autonomousSystem)
    }

    /// What is wrong by the neighbor's role with a route that is held; `nil` if nothing.
    func rejection(
        of nlri: NLRI, _ route: AdjRIBInTable.Route, from neighbor: NeighborState, _ role: NeighborRole,
        _ settings: NeighborInputs.Family
    ) -> RouteRejection? {
        role.rejection(of: nlri, route.labels.stack, from: neighbor.inputs, mayHaveSeveralLabels: true)
            ?? rejectionOfSignalled(nlri, route.attributes, from: neighbor, role, settings)
            ?? rejection(of: route.attributes, from: neighbor, role, settings)
    }

    /// What is wrong with an MVPN or EVPN route of an Option B neighbor; `nil` if nothing.
    func rejectionOfSignalled(
        _ nlri: NLRI, _ attributes: PathAttributes, from neighbor: NeighborState, _ role: NeighborRole,
        _ settings: NeighborInputs.Family
    ) -> RouteRejection? {
        guard role == .optionBSignalling else { return nil }
        return OptionBSignallingRole.rejection(of: nlri, attributes, from: neighbor.inputs, settings)
    }

    /// Whether an Option B neighbor's route has a distinguisher that only routes of the own network may have.
    func isOfOwnNetwork(_ nlri: NLRI, _ role: NeighborRole, _ settings: NeighborInputs.Family) -> Bool {
        // Who answers a route of the own network says whose that is.
        guard role.isRelayed, !nlri.isAnswer, let distinguisher = nlri.routeDistinguisher,
            !settings.relay.acceptedDistinguishers.contains(distinguisher)
        else { return false }
        return distinguisher.isAdministered(by: context.inputs.autonomousSystem)
            || context.vrfDistinguishers.contains(distinguisher) || relay.distinguishers.isOfCore(distinguisher)
    }
}

/// The verdicts on the routes of one UPDATE. They share their attributes, on which a family's role has one verdict for all.
struct UpdateJudgement {
    enum Verdict {
        /// - Parameter changed: what the neighbor's route map made of the attributes; `nil`: nothing else.
        case permitted(changed: PathAttributes?)
        case rejected(RouteRejection)
    }

    private let judge: RouteJudge
    private let neighbor: NeighborState
    private let session: SessionParameters
    private let attributes: PathAttributes
    /// On the attributes, in the family that was asked for last.
    private var verdict: (family: SessionFamily, rejection: RouteRejection?)?
    /// What the attributes say of a tunnel's label; `nil` as long as nobody has asked.
    private var isLabelContradictory: Bool?

    init(
        _ judge: RouteJudge, of attributes: PathAttributes, from neighbor: NeighborState, _ session: SessionParameters
    ) {
        self.judge = judge
        self.neighbor = neighbor
        self.session = session
        self.attributes = attributes
    }

    /// The verdict on a route of `family`.
    mutating func verdict(on route: AnnouncedRoute, _ family: SessionFamily) -> Verdict {
        guard let role = neighbor.role(in: family), let settings = neighbor.inputs.families[family],
            role.takesRoutes(by: settings)
        else { return .rejected(.noPolicy) }
        let nlri = route.nlri
        if let rejection = rejectionOfAttributes(family, role, settings)
            ?? role.rejection(
                of: nlri, route.labels, from: neighbor.inputs,
                mayHaveSeveralLabels: session.multipleLabels.contains(family))
            ?? judge.rejectionOfSignalled(nlri, attributes, from: neighbor, role, settings)
        {
            return .rejected(rejection)
        }
        if isContradictory(nlri) { return .rejected(.dcbAndLabelSpace) }
        guard !judge.isOfOwnNetwork(nlri, role, settings) else { return .rejected(.ownDistinguisher) }
        guard settings.importFilter.permits(nlri.prefix) else { return .rejected(.neighborPrefixList) }
        guard let policy = neighbor.importPolicy(in: family) else { return .permitted(changed: nil) }
        guard case .permitted(let changed, _) = policy.verdict(on: nlri.prefix, attributes) else {
            return .rejected(.neighborRouteMap)
        }
        return .permitted(changed: changed == attributes ? nil : changed)
    }

    /// RFC 9573 §4.2: whether the label of a route's tunnel is said to be of the common block and of a label space. Who receives it does not
    /// matter: it does not go on.
    private mutating func isContradictory(_ nlri: NLRI) -> Bool {
        guard nlri.announcesTunnel else { return false }
        if let isLabelContradictory { return isLabelContradictory }
        let contents = attributes.contents
        let isContradictory = contents.hasLabelOfRoot && contents.labelOrigin == .contradictory
        isLabelContradictory = isContradictory
        return isContradictory
    }

    private mutating func rejectionOfAttributes(
        _ family: SessionFamily, _ role: NeighborRole, _ settings: NeighborInputs.Family
    ) -> RouteRejection? {
        if let verdict, verdict.family == family { return verdict.rejection }
        let rejection = judge.rejection(of: attributes, from: neighbor, role, settings)
        verdict = (family, rejection)
        return rejection
    }
}
