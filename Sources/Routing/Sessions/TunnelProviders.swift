import Addressing

/// The PEs of which routes of internal neighbors say that they take MPLS over UDP.
final class TunnelProviders {
    private let context: RoutingContext
    private let neighbors: RoutingNeighbors
    private var providers: Set<IPAddress> = []

    init(_ context: RoutingContext, _ neighbors: RoutingNeighbors) {
        self.context = context
        self.neighbors = neighbors
    }

    /// Passes on what an event has changed.
    /// - Parameter areNeighborsChanged: whether there are others, or others are internal.
    func follow(areNeighborsChanged: Bool) {
        var hasChanged = areNeighborsChanged
        for neighbor in neighbors.all where neighbor.received.takeTunnelChange() { hasChanged = true }
        guard hasChanged else { return }
        var found: Set<IPAddress> = []
        for neighbor in neighbors.all where neighbor.isInternal { found.formUnion(neighbor.received.tunnelProviders) }
        guard found != providers else { return }
        providers = found
        context.add(.tunnelsOffered(found))
    }
}
