import Addressing
import BGP

/// What `show` asks for. Lists come in ascending order a page at a time: the last key of a page is the `after` of the
/// next. A page costs one pass over the table.
extension RoutingTable {
    /// The most entries of a page, whatever is asked for.
    private static let longestPage = 100_000

    /// The state of a neighbor's session and the numbers of its routes, by family; `nil` if there is no such neighbor.
    public func neighborSummary(_ address: PeerAddress) -> NeighborSummary? {
        guard let neighbor = neighbors[address] else { return nil }
        let families = SessionFamily.allCases.filter { neighbor.inputs.families[$0] != nil }.map { family in
            let table = neighbor.received[family]
            let rejected = RouteRejection.allCases.map { ($0, table.rejections[$0]?.total ?? 0) }
            return (
                family,
                NeighborSummary.Family(
                    isOptionE: neighbor.inputs.role(in: family) == .optionE,
                    isNegotiated: neighbor.session?.families.contains(family) ?? false,
                    receivedCount: table.routes.count, importedCount: table.importedCount,
                    advertisedCount: neighbor.advertised[family].routes.count, notKeptCount: table.notKeptCount,
                    rejectedCount: Dictionary(uniqueKeysWithValues: rejected),
                    prefixLimit: neighbor.inputs.families[family]?.prefixLimit,
                    holdsStaleRoutes: table.holdsStaleRoutes)
            )
        }
        return NeighborSummary(
            peer: address, isEstablished: neighbor.session != nil,
            attributeMemoryOctets: neighbor.received.holdings.attributes.octets,
            attributeMemoryLimitOctets: neighbor.inputs.attributeMemoryOctets,
            labelCount: neighbor.received.holdings.labelCount, maximumLabels: neighbor.inputs.maximumLabels,
            pendingCount: neighbor.advertised.pendingCount,
            families: Dictionary(uniqueKeysWithValues: families))
    }

    /// The PEs that internal neighbors' routes name, and whether transports lead there.
    public var transportStates: [IPAddress: NextHopState] { transports.providers }

    /// How the next hop of a neighbor's routes is; `nil` if there is no such neighbor.
    public func nextHopState(of neighbor: PeerAddress) -> NextHopState? { neighbors[neighbor]?.nextHop }

    /// The far ends of Option AB neighbors on circuits of each VRF, and whether they are known not to answer.
    public var circuitGateways: [(vrf: VRFNumber, gateway: CircuitGateway, isSilent: Bool)] {
        vrfs.inOrder.flatMap { vrf in
            Set(vrf.inputs.circuitGateways.values.flatMap(\.values)).map {
                (vrf.number, $0, vrf.circuitWays.isSilent($0))
            }
        }
    }

    /// Whether packets of a family can be exchanged with an Option AB neighbor on a circuit of a VRF.
    public func hasCircuitGateway(inVRF name: String, towards neighbor: PeerAddress, _ family: AddressFamily) -> Bool {
        context.inputs.vrfs[name]?.circuitGateways[neighbor]?[family] != nil
    }

    /// The routes that a neighbor has sent and that are kept, with the VRFs that have imported them; none if there is no
    /// such neighbor.
    /// - Parameters:
    ///   - prefix: only routes to it, whatever their route distinguisher.
    ///   - onlyImported: only routes that a VRF has imported.
    ///   - limit: the most routes that are returned; 100 000 if it is more.
    public func receivedRoutes(
        from address: PeerAddress, family: SessionFamily, prefix: IPPrefix? = nil, onlyImported: Bool = false,
        after: NLRI? = nil, limit: Int
    ) -> [ReceivedRoute] {
        guard let neighbor = neighbors[address] else { return [] }
        let wanted = neighbor.received[family].routes.lazy.compactMap { nlri, route -> NLRI? in
            guard prefix == nil || nlri.prefix == prefix,
                !onlyImported || !self.importers(of: nlri, route.usedAttributes, from: neighbor).isEmpty
            else { return nil }
            return nlri
        }
        return receivedRoutes(from: address, family: family, among: lowest(limit, of: wanted, after: after))
    }

    /// The routes that a neighbor has been told of and that have not been withdrawn from it; none if there is no such
    /// neighbor.
    /// - Parameters:
    ///   - prefix: only routes to it, whatever their route distinguisher.
    ///   - limit: the most routes that are returned; 100 000 if it is more.
    public func advertisedRoutes(
        to address: PeerAddress, family: SessionFamily, prefix: IPPrefix? = nil, after: NLRI? = nil, limit: Int
    ) -> [AdvertisedRoute] {
        guard let table = neighbors[address]?.advertised[family] else { return [] }
        let wanted = table.routes.keys.lazy.filter { prefix == nil || $0.prefix == prefix }
        return advertisedRoutes(to: address, family: family, among: lowest(limit, of: wanted, after: after))
    }

    /// The routes of a VRF in one family, those in the FIB all of them.
    /// - Parameter wanted: only the route to this prefix, which is found without a pass over the table.
    public func routes(
        inVRF name: String, family: AddressFamily, prefix wanted: IPPrefix? = nil, after: IPPrefix? = nil, limit: Int
    ) -> [RouteWithCandidates] {
        guard let vrf = vrfs[name] else { return [] }
        if let wanted {
            let isInPage = wanted.family == family && limit > 0 && (after.map { $0 < wanted } ?? true)
            return isInPage ? [route(for: wanted, in: vrf)].compactMap { $0 } : []
        }
        let locals = lowest(limit, of: vrf.locals.keys.lazy.filter { $0.family == family }, after: after)
        let imported = lowest(
            limit, of: vrf.paths.keys.lazy.filter { $0.family == family && vrf.locals[$0] == nil }, after: after)
        return lowest(limit, of: locals + imported, after: nil).compactMap { route(for: $0, in: vrf) }
    }

    /// What a VRF's FIB is to do with a prefix; `nil`: there is no route for exactly that.
    public func action(for prefix: IPPrefix, in vrf: VRFNumber) -> ForwardingAction? {
        vrfs[vrf]?.selection(for: prefix).action
    }

    /// VRFs that have no label since all are in use, by name.
    public var vrfsWithoutFreeLabel: Set<String> {
        Set(labelling.giving.ownersWithoutLabel.vrfs.map(\.name))
    }

    /// How many labels the routes of a VRF have taken up, in use and in quarantine, and the most that they may; `nil` if its
    /// labels are the VRF's.
    public func routeLabels(inVRF name: String) -> (count: Int, most: Int)? {
        guard let vrf = vrfs[name]?.inputs else { return nil }
        let count = labels.count(ofRoutesIn: vrf.identity)
        guard vrf.labelMode != .perVRF || count > 0 else { return nil }
        return (count, context.inputs.maximumLabels(ofVRF: name))
    }

    /// How many routes count against a VRF's `maximum routes`, and whether more were refused because of it; `nil` if there
    /// is no such VRF.
    public func countedRoutes(inVRF name: String) -> (count: Int, hasRefused: Bool)? {
        vrfs[name].map { ($0.routeCount, $0.hasRefusedRoutes) }
    }

    /// The number of routes in a VRF's FIB; `nil` if there is no such VRF.
    public func routeCount(inVRF name: String) -> Int? {
        vrfs[name].map { vrf in vrf.paths.count + vrf.locals.keys.count { vrf.paths[$0] == nil } }
    }

    /// All labels in use and in quarantine, ascending.
    public func labelStatus() -> [LabelStatus] {
        let inUse = labels.labels.map { owner, label in
            LabelStatus(
                label: label, owner: owner,
                state: labelling.states[owner].map { .inUse($0.state.shown, since: $0.since) } ?? .idle)
        }
        let quarantined = labels.allQuarantined.map { label, entry in
            LabelStatus(label: label, owner: entry.owner, state: .quarantined(until: entry.until))
        }
        return (inUse + quarantined).sorted { a, b in
            guard a.label == b.label, let first = a.owner, let second = b.owner else { return a.label < b.label }
            return first < second
        }
    }

    /// Since when the owner's label is valid; `nil` if it is not.
    public func labelIsValid(since owner: LabelOwner) -> Instant? { labelling.states[owner]?.since }

    /// The labels that are allocated to a VRF's name, by the neighbor that is told them.
    public func labels(ofVRF name: String) -> [PeerAddress: MPLSLabel] {
        guard let vrf = context.inputs.vrfs[name] else { return [:] }
        var found: [PeerAddress: MPLSLabel] = [:]
        for address in vrf.eligibleNeighbors {
            guard let neighbor = context.inputs.neighbors[address], let identity = neighbor.identity else { continue }
            let subject = labelling.meanings.subject(of: vrf, to: neighbor)
            found[address] = labels.labels[LabelOwner(subject, neighbor: identity)]
        }
        return found
    }

    private func route(for prefix: IPPrefix, in vrf: VRFState) -> RouteWithCandidates? {
        let selection = vrf.selection(for: prefix)
        guard let action = selection.action else { return nil }
        let source: RouteWithCandidates.Source =
            switch selection {
            case .local(let route) where route.source == .staticRoutes: .staticRoute(distance: route.distance)
            case .local, .none: .connected
            case .path: .bgp
            }
        let candidates = (vrf.paths[prefix]?.all ?? []).enumerated().map { index, path in
            RouteWithCandidates.Candidate(
                neighbor: path.neighbor.peer,
                route: path.routeDistinguisher.map { .vpn(VPNPrefix(routeDistinguisher: $0, prefix: prefix)) }
                    ?? (path.isOfCarrier ? .labeledUnicast(prefix) : .unicast(prefix)),
                label: path.isCustomers && !path.isOfCarrier ? nil : path.label,
                attributes: path.attributes, learnedAt: path.learnedAt, isBest: index == 0)
        }
        return RouteWithCandidates(prefix: prefix, source: source, action: action, candidates: candidates)
    }

    /// The `limit` lowest keys above `after`, ascending, in memory for twice as many.
    private func lowest<Key: Comparable>(_ limit: Int, of keys: some Sequence<Key>, after: Key?) -> [Key] {
        guard limit > 0 else { return [] }
        let limit = min(limit, Self.longestPage)
        var page: [Key] = []
        // What lies above it is not in the page.
        var highest: Key?
        for key in keys {
            if let after, key <= after { continue }
            if let highest, key >= highest { continue }
            page.append(key)
            if page.count >= 2 * limit {
                page.sort()
                page.removeLast(page.count - limit)
                highest = page.last
            }
        }
        return Array(page.sorted().prefix(limit))
    }
}

extension LabelBindings.State {
    fileprivate var shown: LabelStatus.InstallationState {
        switch self {
        case .installing: .installing
        case .installed: .installed
        case .withdrawing: .withdrawing
        case .removing: .removing
        }
    }
}
