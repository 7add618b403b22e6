import Addressing
import ControlProtocol
import Routing

extension ShowTransports: PromptlyAnswered {
    func answer(in plane: isolated ControlPlane) throws(ControlError) -> TransportsResult {
        let rows = TransportRows(plan: plane.plan, transports: plane.transports, neighbors: plane.neighbors)
        return TransportsResult(
            providers: plane.routing.transportStates.keys.sorted().map(rows.row), ways: rows.ways)
    }
}

/// What is known of ways into the core, as rows.
private struct TransportRows {
    let plan: ForwardingPlan
    let transports: CoreTransports
    let neighbors: LinkNeighbors

    func row(_ provider: IPAddress) -> ProviderTransport {
        switch transports.find(provider) {
        case .success(let transport):
            ProviderTransport(
                provider: provider, origin: TransportOrigin(transport.source), link: link(transport), obstacle: nil)
        case .failure(let obstacle):
            ProviderTransport(provider: provider, origin: nil, link: nil, obstacle: obstacle.description)
        }
    }

    var ways: [TransportWay] {
        transports.standingWays.map { known in
            let transport = try? known.found.get()
            return TransportWay(
                prefix: known.prefix, origin: TransportOrigin(known.source), nextHop: known.way?.nextHop,
                labels: known.way?.labels ?? [], link: transport.map(link), obstacle: known.obstacle?.description)
        }
    }

    private func link(_ transport: Transport) -> TransportLink {
        TransportLink(
            interface: plan.interface(numbered: transport.router.interface)?.name ?? "",
            router: transport.router.address, labels: transport.labels, tunnelSource: transport.tunnel?.source,
            isResolved: neighbors[transport.router]?.state.isUsable ?? false)
    }
}

extension TransportOrigin {
    fileprivate init(_ source: TransportSource) {
        switch source {
        case .connected: self = .connected
        case .staticBinding: self = .staticBinding
        case .labelledUnicast: self = .labelledUnicast
        case .frr: self = .frr
        case .udp: self = .udp
        }
    }
}
