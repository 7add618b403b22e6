import Addressing
import BGP
import Configuration
import ControlProtocol
import Routing

extension ControlPlane {
    /// `show.bgp.summary`.
    func bgpSummary() throws(ControlError) -> BGPSummaryResult {
        guard let bgp = configuration.bgp else { throw ControlError(.refused, "BGP is not configured") }
        return BGPSummaryResult(
            localAutonomousSystem: bgp.autonomousSystem,
            routerIdentifier: speaker?.identifier
                ?? BGPNeighborCompiler(index: index, port: options.bgpPort).routerIdentifier(),
            neighbors: bgp.sessions.map(summary))
    }

    /// `show.bgp.neighbors`.
    func bgpNeighbors(_ query: BGPNeighborsQuery) throws(ControlError) -> BGPNeighborsResult {
        let sessions = try sessions(query.neighbor)
        return BGPNeighborsResult(neighbors: sessions.map(detail))
    }

    /// `bgp.clear`.
    func clear(_ order: BGPClearOrder) throws(ControlError) -> BGPClearResult {
        let sessions = try sessions(order.neighbor)
        for session in sessions {
            if order.isSoft {
                for family in session.families.keys.sorted() {
                    speaker?.send(RouteRefreshMessage(family: .vpn(family.addressFamily)), to: session.address)
                    handle(.routeRefresh(neighbor: session.address, .vpn(family.addressFamily)))
                }
            } else {
                speaker?.reset(session.address, .cease(.administrativeReset))
                // Also of a neighbor that is away: without this its routes would go on forwarding.
                handle(.staleRoutesFlushed(neighbor: session.address))
            }
        }
        return BGPClearResult(neighbors: sessions.map(\.address), isSoft: order.isSoft)
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
            return BGPFamilyCounts(
                family: family == .vpnv4 ? .vpnv4 : .vpnv6, isOptionE: settings.isOptionE,
                receivedRoutes: counts?.receivedCount ?? 0, importedRoutes: counts?.importedCount ?? 0,
                notKeptRoutes: counts?.notKeptCount ?? 0, advertisedRoutes: counts?.advertisedCount ?? 0)
        }
        return BGPNeighborSummary(
            address: session.address, description: session.description, remoteAutonomousSystem: session.remoteAS,
            state: session.isShutdown ? .shutdown : BGPState(status?.state ?? .idle),
            stateChangedAt: sessionHistory[session.address].map { Timestamp(secondsSince1970: $0.changedAt) },
            sessionsEstablished: status?.counters.establishedTransitions ?? 0,
            rxMessages: status?.counters.messagesReceived.values.reduce(0, &+) ?? 0,
            txMessages: status?.counters.messagesSent.values.reduce(0, &+) ?? 0, families: families)
    }

    private func detail(_ session: BGPSession) -> BGPNeighborDetail {
        let status = speaker?.status(of: session.address)
        let negotiated = status?.negotiated
        let history = sessionHistory[session.address]
        let eligible = routingInputs().vrfs.values.filter { $0.eligibleNeighbors.contains(session.address) }
        return BGPNeighborDetail(
            summary: summary(session), peerGroup: configuration.bgp?.neighbors[session.address]?.peerGroup,
            interface: plan.nniOfNeighbor[session.address],
            localAddress: status?.localAddress ?? index.nni(towards: session.address)?.address.address,
            remoteIdentifier: negotiated?.peerIdentifier,
            holdTimeSeconds: negotiated.map { Int($0.holdTimeSeconds) },
            keepaliveSeconds: negotiated.map { Int($0.keepaliveSeconds) },
            capabilities: Self.capabilities(negotiated), eligibleVrfs: eligible.map(\.name).sorted(),
            lastDownReason: history?.lastDownReason ?? status?.lastError,
            lastDownAt: history?.lastDownAt.map { Timestamp(secondsSince1970: $0) },
            routeErrors: routeErrors(of: session, status: status),
            maximumPrefixes: session.families.values.compactMap(\.maximumPrefixes).max().map { Int($0) })
    }

    private static func capabilities(_ session: NegotiatedSession?) -> [String] {
        guard let session else { return [] }
        let known: [(Bool, String)] = [
            (session.fourOctetAutonomousSystems, "four_octet_as"), (session.routeRefresh, "route_refresh"),
            (session.enhancedRouteRefresh, "enhanced_route_refresh"),
            (session.longestMessageOctets > 4096, "extended_message"),
            (session.peerGracefulRestart != nil, "graceful_restart"),
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
