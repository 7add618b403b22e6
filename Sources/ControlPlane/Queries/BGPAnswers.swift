import Addressing
import BGP
import Configuration
import ControlProtocol
import Routing

/// How many sessions are read in one turn of the event loop.
private let sessionsAtOnce = 100

extension ShowBGPSummary: AnsweredRequest {
    package func answer(by plane: ControlPlane) async throws(ControlError) -> BGPSummaryResult {
        let (bgp, identifier, sessions) = await plane.sessionsNow
        guard let bgp else { throw ControlError(.refused, "BGP is not configured") }
        var neighbors: [BGPNeighborSummary] = []
        for portion in sessions.portions(of: sessionsAtOnce) { neighbors += await plane.summaries(of: portion) }
        return BGPSummaryResult(
            localAutonomousSystem: bgp.autonomousSystem, routerIdentifier: identifier, neighbors: neighbors)
    }
}

extension ShowBGPNeighbors: PromptlyAnswered {
    func answer(in plane: isolated ControlPlane) throws(ControlError) -> BGPNeighborsResult {
        BGPNeighborsResult(
            neighbors: try plane.index.sessions(with: neighbor, inVRF: vrf).map(plane.sessionRows.detail))
    }
}

extension ClearBGPSession: PromptlyAnswered {
    func answer(in plane: isolated ControlPlane) throws(ControlError) -> BGPClearResult {
        let sessions = try plane.index.sessions(with: neighbor, inVRF: vrf)
        if let session = sessions.first(where: \.isShutdown) {
            throw ControlError(.refused, "neighbor \(session.address) is shut down: there is no session to clear")
        }
        if isSoft { return plane.refresh(sessions) }
        for peer in sessions.compactMap({ plane.plan.peer($0.name) }) {
            plane.sessions.clear(peer, communication: message ?? "")
            // Also of a neighbor that is away: without this its routes would go on forwarding.
            plane.handle(.staleRoutesFlushed(neighbor: peer))
        }
        return BGPClearResult(neighbors: sessions.map(\.address), isSoft: false)
    }
}

extension ControlPlane {
    fileprivate var sessionsNow: (BGPConfiguration?, IPv4Address, [BGPSession]) {
        (configuration.bgp, sessions.identifier ?? routerIdentifier(), index.sessions)
    }

    fileprivate func summaries(of sessions: ArraySlice<BGPSession>) -> [BGPNeighborSummary] {
        sessions.map(sessionRows.summary)
    }

    fileprivate var sessionRows: SessionRows {
        SessionRows(
            index: index, plan: plan, routing: routing, sessions: sessions, inputs: routingInputsCompiler,
            obstacles: sessionObstacles)
    }

    /// Asks for all routes of the sessions again and sends ours again, and says where that is not possible.
    fileprivate func refresh(_ cleared: [BGPSession]) -> BGPClearResult {
        var asked: [IPAddress] = []
        var notRefreshed: [BGPNotRefreshed] = []
        for session in cleared {
            guard let peer = plan.peer(session.name) else { continue }
            for family in session.families.keys.sorted() {
                if let reason = sessions.obstacle(toRefreshing: family.identifier, of: peer) {
                    notRefreshed.append(
                        BGPNotRefreshed(neighbor: session.address, family: BGPFamily(family), reason: reason))
                } else {
                    sessions.requestRefresh(of: peer, family.identifier)
                    if asked.last != session.address { asked.append(session.address) }
                }
                handle(.routeRefresh(neighbor: peer, family.identifier))
            }
        }
        return BGPClearResult(neighbors: asked, isSoft: true, notRefreshed: notRefreshed)
    }
}

extension BGPSessions {
    /// Why a neighbor cannot be asked for a family's routes again.
    fileprivate func obstacle(
        toRefreshing family: AddressFamilyIdentifier, of peer: PeerAddress
    ) -> BGPNotRefreshed.Reason? {
        guard let status = status(of: peer), let negotiated = status.negotiated else { return .sessionDown }
        guard negotiated.families.contains(family) else { return .notCarried }
        guard status.disabledFamilies[family] == nil else { return .disabled }
        return negotiated.routeRefresh ? nil : .noRouteRefresh
    }
}

/// The sessions as operators see them.
private struct SessionRows {
    let index: ConfigurationIndex
    let plan: ForwardingPlan
    let routing: RoutingTable
    let sessions: BGPSessions
    let inputs: RoutingInputsCompiler
    let obstacles: SessionObstacles

    private var configuration: Configuration { index.configuration }

    func summary(_ session: BGPSession) -> BGPNeighborSummary {
        let peer = plan.peer(session.name)
        let status = peer.flatMap(sessions.status)
        let routes = peer.flatMap(routing.neighborSummary)
        let families = session.families.sorted { $0.key < $1.key }.map { family, settings in
            let counts = routes?.families[family]
            let disabled = status?.disabledFamilies[family.identifier]
            let isCarried = status?.negotiated?.families.contains(family.identifier) == true
            return BGPFamilyCounts(
                family: BGPFamily(family), isOptionE: settings.isOptionE, isOptionB: settings.isOptionB,
                isOptionC: settings.isOptionC,
                state: disabled != nil ? .disabled : isCarried ? .carried : .notCarried,
                disabled: disabled.map {
                    BGPDisabledFamily(
                        reason: $0.fault.cause, since: Timestamp(of: $0.since), retryAt: Timestamp(of: $0.retryAt))
                },
                maximumPrefixes: settings.maximumPrefixes.map { Int($0.prefixes) },
                warningPrefixes: settings.maximumPrefixes.map { Int($0.warningPrefixes) },
                receivedRoutes: counts?.receivedCount ?? 0, importedRoutes: counts?.importedCount ?? 0,
                notKeptRoutes: counts?.notKeptCount ?? 0, advertisedRoutes: counts?.advertisedCount ?? 0)
        }
        let heldDown = status?.holdDown.map {
            BGPHeldDown(
                reason: "\($0.reason)", since: Timestamp(of: $0.since), until: $0.until.map { Timestamp(of: $0) })
        }
        return BGPNeighborSummary(
            address: session.address, description: session.description, vrf: session.vrf,
            remoteAutonomousSystem: session.remoteAS,
            state: session.isShutdown ? .shutdown : heldDown != nil ? .heldDown : BGPState(status?.state ?? .idle),
            heldDown: heldDown,
            stateChangedAt: peer.flatMap(sessions.history).map { Timestamp(secondsSince1970: $0.changedAt) },
            sessionsEstablished: status?.counters.establishedTransitions ?? 0,
            rxMessages: status?.counters.messagesReceived.values.reduce(0, &+) ?? 0,
            txMessages: status?.counters.messagesSent.values.reduce(0, &+) ?? 0, families: families)
    }

    func detail(_ session: BGPSession) -> BGPNeighborDetail {
        let peer = plan.peer(session.name)
        let status = peer.flatMap(sessions.status)
        let negotiated = status?.negotiated
        let history = peer.flatMap(sessions.history)
        let eligible = peer.map(inputs.eligibleVRFs) ?? []
        let routes = peer.flatMap(routing.neighborSummary)
        return BGPNeighborDetail(
            summary: summary(session), peerGroup: configuration.bgp?.neighbors[session.name]?.peerGroup,
            interface: peer.flatMap { plan.interfaceOfPeer[$0] },
            localAddress: status?.localAddress ?? ownAddress(towards: session),
            remoteIdentifier: negotiated?.peerIdentifier,
            holdTimeSeconds: negotiated.map { Int($0.holdTimeSeconds) },
            keepaliveSeconds: negotiated.map { Int($0.keepaliveSeconds) },
            capabilities: Self.capabilities(negotiated), eligibleVrfs: eligible,
            vrfsOnCircuits: session.vrf == nil
                ? ToldLabels(routing: routing, index: index).vrfs(towards: session.address) : [],
            lastDownReason: history?.lastDownReason,
            lastDownAt: history?.lastDownAt.map { Timestamp(secondsSince1970: $0) },
            stateSince: status?.stateSince.map(Timestamp.init(of:)),
            lastError: status?.lastError?.reason,
            lastErrorAt: (status?.lastError?.instant).map(Timestamp.init(of:)),
            nextAttemptAt: status?.nextAttempt.map(Timestamp.init(of:)),
            obstacle: session.isShutdown || status?.state == .established
                ? nil : peer.flatMap(obstacles.obstacle),
            routeErrors: routeErrors(routes, status),
            maximumPrefixes: session.families.values.compactMap(\.maximumPrefixes?.prefixes).max().map { Int($0) },
            attributeMemory: routes.map {
                BGPAttributeMemory(
                    octets: $0.attributeMemoryOctets, maximumOctets: $0.attributeMemoryLimitOctets)
            }, labels: session.vrf == nil ? routes?.labelCount : nil, maximumLabels: routes?.maximumLabels)
    }

    private func ownAddress(towards session: BGPSession) -> IPAddress? {
        session.address.isLinkLocal
            ? plan.peer(session.name).flatMap(plan.linkLocal) : index.place(of: session.name)?.address.address
    }

    private static func capabilities(_ session: NegotiatedSession?) -> [String] {
        guard let session else { return [] }
        let known: [(Bool, String)] = [
            (session.fourOctetAutonomousSystems, "four_octet_as"), (session.routeRefresh, "route_refresh"),
            (session.enhancedRouteRefresh, "enhanced_route_refresh"),
            (session.longestMessageOctets > 4096, "extended_message"),
            (!session.extendedNextHops.isEmpty, "extended_next_hop"),
            (!session.multipleLabels.isEmpty, "multiple_labels"),
            (session.peerGracefulRestart != nil, "graceful_restart"),
            (session.keepsRoutesOverNotifications, "graceful_notification"),
        ]
        return known.filter(\.0).map(\.1)
    }

    private func routeErrors(_ routes: NeighborSummary?, _ status: NeighborStatus?) -> [BGPErrorCount] {
        var counts: [String: UInt64] = [:]
        for family in routes?.families.values.map({ $0 }) ?? [] {
            for (reason, count) in family.rejectedCount where count > 0 { counts[reason.rawValue, default: 0] += count }
        }
        if let counters = status?.counters {
            let known = [
                ("update_treated_as_withdraw", counters.updatesTreatedAsWithdrawn),
                ("attribute_discarded", counters.attributesDiscarded), ("family_disabled", counters.familiesDisabled),
                ("route_treated_as_withdraw", counters.routesTreatedAsWithdrawn),
                ("route_discarded", counters.routesDiscarded),
                ("route_of_unknown_type", counters.routesOfUnknownType),
                ("update_of_other_family", counters.updatesOfOtherFamilies),
            ]
            for (reason, count) in known where count > 0 { counts[reason] = count }
        }
        return counts.sorted { $0.key < $1.key }.map { BGPErrorCount(reason: $0.key, routes: $0.value) }
    }
}

extension ConfigurationIndex {
    /// The session with a neighbor; without one all of a VRF, or without that too simply all.
    func sessions(with neighbor: IPAddress?, inVRF vrf: String?) throws(ControlError) -> [BGPSession] {
        if let vrf, configuration.vrfs[vrf] == nil { throw ControlError(.noSuchObject, "there is no VRF '\(vrf)'") }
        guard let neighbor else { return vrf == nil ? sessions : sessions(inVRF: vrf) }
        let found = sessions(inVRF: vrf).filter { $0.address == neighbor }
        guard !found.isEmpty else {
            let name = NeighborName(vrf: vrf, address: neighbor)
            throw ControlError(.noSuchObject, "there is no BGP neighbor \(name)")
        }
        return found
    }
}

extension BGPFamily {
    init(_ family: SessionFamily) {
        switch family {
        case .vpnv4: self = .vpnv4
        case .vpnv6: self = .vpnv6
        case .ipv4: self = .ipv4
        case .ipv6: self = .ipv6
        case .ipv4LabeledUnicast: self = .ipv4LabeledUnicast
        case .ipv6LabeledUnicast: self = .ipv6LabeledUnicast
        case .routeTargets: self = .routeTargets
        case .ipv4MVPN: self = .ipv4MVPN
        case .ipv6MVPN: self = .ipv6MVPN
        case .evpn: self = .evpn
        }
    }
}

extension Timestamp {
    /// The time of day at `instant`, as the clock stands now.
    init(of instant: ContinuousClock.Instant) {
        let seconds = ContinuousClock.now.duration(to: instant).components.seconds
        self.init(secondsSince1970: WallClock.secondsSince1970 + seconds)
    }
}

extension BGPState {
    init(_ state: SessionState) {
        switch state {
        case .idle: self = .idle
        case .connect: self = .connect
        case .active: self = .active
        case .openSent: self = .openSent
        case .openConfirm: self = .openConfirm
        case .established: self = .established
        }
    }
}
