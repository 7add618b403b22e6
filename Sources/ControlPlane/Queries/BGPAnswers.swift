import Addressing
import BGP
import Configuration
import ControlProtocol
import Routing

extension ShowBGPSummary: PromptlyAnswered {
    func answer(in plane: isolated ControlPlane) throws(ControlError) -> BGPSummaryResult { try plane.bgpSummary() }
}

extension ShowBGPNeighbors: PromptlyAnswered {
    func answer(in plane: isolated ControlPlane) throws(ControlError) -> BGPNeighborsResult {
        BGPNeighborsResult(neighbors: try plane.sessions(neighbor).map(plane.detail))
    }
}

extension ClearBGPSession: PromptlyAnswered {
    func answer(in plane: isolated ControlPlane) throws(ControlError) -> BGPClearResult { try plane.clear(self) }
}

extension ControlPlane {
    fileprivate func bgpSummary() throws(ControlError) -> BGPSummaryResult {
        guard let bgp = configuration.bgp else { throw ControlError(.refused, "BGP is not configured") }
        return BGPSummaryResult(
            localAutonomousSystem: bgp.autonomousSystem,
            routerIdentifier: speaker?.identifier
                ?? BGPNeighborCompiler(index: index, port: options.bgpPort).routerIdentifier(),
            neighbors: bgp.sessions.map(summary))
    }

    fileprivate func clear(_ order: ClearBGPSession) throws(ControlError) -> BGPClearResult {
        let sessions = try sessions(order.neighbor)
        if let session = sessions.first(where: \.isShutdown) {
            throw ControlError(.refused, "neighbor \(session.address) is shut down: there is no session to clear")
        }
        if order.isSoft { return refresh(sessions) }
        for session in sessions {
            speaker?.reset(session.address, .cease(.administrativeReset, communication: order.message ?? ""))
            // Also of a neighbor that is away: without this its routes would go on forwarding.
            handle(.staleRoutesFlushed(neighbor: session.address))
        }
        return BGPClearResult(neighbors: sessions.map(\.address), isSoft: false)
    }

    /// Asks for all routes of the sessions again and sends ours again, and says where that is not possible.
    private func refresh(_ sessions: [BGPSession]) -> BGPClearResult {
        var asked: [IPAddress] = []
        var notRefreshed: [BGPNotRefreshed] = []
        for session in sessions {
            for family in session.families.keys.sorted() {
                if let reason = obstacle(toRefreshing: family, of: session) {
                    notRefreshed.append(
                        BGPNotRefreshed(neighbor: session.address, family: BGPFamily(family), reason: reason))
                } else {
                    speaker?.send(RouteRefreshMessage(family: .vpn(family.addressFamily)), to: session.address)
                    if asked.last != session.address { asked.append(session.address) }
                }
                handle(.routeRefresh(neighbor: session.address, .vpn(family.addressFamily)))
            }
        }
        return BGPClearResult(neighbors: asked, isSoft: true, notRefreshed: notRefreshed)
    }

    private func obstacle(toRefreshing family: VPNFamily, of session: BGPSession) -> BGPNotRefreshed.Reason? {
        guard let status = speaker?.status(of: session.address), let negotiated = status.negotiated else {
            return .sessionDown
        }
        let family = AddressFamilyIdentifier.vpn(family.addressFamily)
        guard negotiated.families.contains(family) else { return .notCarried }
        guard status.disabledFamilies[family] == nil else { return .disabled }
        return negotiated.routeRefresh ? nil : .noRouteRefresh
    }

    /// All sessions, or the one that is named.
    func sessions(_ neighbor: IPAddress?) throws(ControlError) -> [BGPSession] {
        let all = index.sessions
        guard let neighbor else { return all }
        let found = all.filter { $0.address == neighbor }
        guard !found.isEmpty else { throw ControlError(.noSuchObject, "there is no BGP neighbor \(neighbor)") }
        return found
    }

    private func summary(_ session: BGPSession) -> BGPNeighborSummary {
        let status = speaker?.status(of: session.address)
        let routes = routing.neighborSummary(session.address)
        let families = session.families.sorted { $0.key < $1.key }.map { family, settings in
            let counts = routes?.families[family.addressFamily]
            let disabled = status?.disabledFamilies[.vpn(family.addressFamily)]
            let isCarried = status?.negotiated?.families.contains(.vpn(family.addressFamily)) == true
            return BGPFamilyCounts(
                family: BGPFamily(family), isOptionE: settings.isOptionE,
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
            address: session.address, description: session.description, remoteAutonomousSystem: session.remoteAS,
            state: session.isShutdown ? .shutdown : heldDown != nil ? .heldDown : BGPState(status?.state ?? .idle),
            heldDown: heldDown,
            stateChangedAt: sessionHistory[session.address].map { Timestamp(secondsSince1970: $0.changedAt) },
            sessionsEstablished: status?.counters.establishedTransitions ?? 0,
            rxMessages: status?.counters.messagesReceived.values.reduce(0, &+) ?? 0,
            txMessages: status?.counters.messagesSent.values.reduce(0, &+) ?? 0, families: families)
    }

    fileprivate func detail(_ session: BGPSession) -> BGPNeighborDetail {
        let status = speaker?.status(of: session.address)
        let negotiated = status?.negotiated
        let history = sessionHistory[session.address]
        let eligible = routingInputsCompiler.eligibleVRFs(onNeighbor: session.address)
        let routes = routing.neighborSummary(session.address)
        return BGPNeighborDetail(
            summary: summary(session), peerGroup: configuration.bgp?.neighbors[session.address]?.peerGroup,
            interface: plan.nniOfNeighbor[session.address],
            localAddress: status?.localAddress ?? index.nni(towards: session.address)?.address.address,
            remoteIdentifier: negotiated?.peerIdentifier,
            holdTimeSeconds: negotiated.map { Int($0.holdTimeSeconds) },
            keepaliveSeconds: negotiated.map { Int($0.keepaliveSeconds) },
            capabilities: Self.capabilities(negotiated), eligibleVrfs: eligible,
            lastDownReason: history?.lastDownReason,
            lastDownAt: history?.lastDownAt.map { Timestamp(secondsSince1970: $0) },
            stateSince: status?.stateSince.map(Timestamp.init(of:)),
            lastError: status?.lastError?.reason,
            lastErrorAt: (status?.lastError?.instant).map(Timestamp.init(of:)),
            nextAttemptAt: status?.nextAttempt.map(Timestamp.init(of:)),
            obstacle: session.isShutdown || status?.state == .established ? nil : obstacle(towards: session.address),
            routeErrors: routeErrors(of: session, status: status),
            maximumPrefixes: session.families.values.compactMap(\.maximumPrefixes?.prefixes).max().map { Int($0) },
            attributeMemory: routes.map {
                BGPAttributeMemory(
                    octets: $0.attributeMemoryOctets, maximumOctets: $0.attributeMemoryLimitOctets)
            }, labels: routes?.labelCount, maximumLabels: routes?.maximumLabels)
    }

    private static func capabilities(_ session: NegotiatedSession?) -> [String] {
        guard let session else { return [] }
        let known: [(Bool, String)] = [
            (session.fourOctetAutonomousSystems, "four_octet_as"), (session.routeRefresh, "route_refresh"),
            (session.enhancedRouteRefresh, "enhanced_route_refresh"),
            (session.longestMessageOctets > 4096, "extended_message"),
            (session.peerGracefulRestart != nil, "graceful_restart"),
            (session.keepsRoutesOverNotifications, "graceful_notification"),
        ]
        return known.filter(\.0).map(\.1)
    }

    private func routeErrors(of session: BGPSession, status: NeighborStatus?) -> [BGPErrorCount] {
        var counts: [String: UInt64] = [:]
        for family in routing.neighborSummary(session.address)?.families.values.map({ $0 }) ?? [] {
            for (reason, count) in family.rejectedCount where count > 0 { counts[reason.rawValue, default: 0] += count }
        }
        if let counters = status?.counters {
            let known = [
                ("update_treated_as_withdraw", counters.updatesTreatedAsWithdrawn),
                ("attribute_discarded", counters.attributesDiscarded), ("family_disabled", counters.familiesDisabled),
                ("update_of_other_family", counters.updatesOfOtherFamilies),
            ]
            for (reason, count) in known where count > 0 { counts[reason] = count }
        }
        return counts.sorted { $0.key < $1.key }.map { BGPErrorCount(reason: $0.key, routes: $0.value) }
    }
}

extension BGPFamily {
    init(_ family: VPNFamily) {
        switch family {
        case .vpnv4: self = .vpnv4
        case .vpnv6: self = .vpnv6
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
