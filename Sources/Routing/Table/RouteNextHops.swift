import Addressing

/// Whether packets can be sent to the next hops of routes: the neighbor, or the PE that an internal neighbor names.
struct RouteNextHops {
    let context: RoutingContext
    let transports: TransportStates

    func state(of route: AdjRIBInTable.Route, from neighbor: NeighborState) -> NextHopState {
        guard neighbor.isInternal else { return neighbor.nextHop }
        guard let provider = route.usedAttributes.nextHop?.resolvedAddress else { return .unreachable }
        context.noteProvider(provider)
        return state(of: provider)
    }

    /// Whether a transport leads to a PE.
    func state(of provider: IPAddress) -> NextHopState {
        // While the tables of the process before go on, nothing is lost by a PE that nothing leads to; a route that is missed
        // when they change over would be.
        let assumed = context.isConverged ? NextHopState.unreachable : .unresolved
        if transports.note(provider, as: assumed) { context.add(.transportWanted(provider: provider)) }
        return transports[provider]
    }
}
