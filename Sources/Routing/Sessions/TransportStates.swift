import Addressing

/// Whether transports lead to the PEs that internal neighbors' routes name as next hops. What transport it is, routing does
/// not know.
final class TransportStates {
    private(set) var providers: [IPAddress: NextHopState] = [:]

    /// Until something is said of a PE there is no transport.
    subscript(provider: IPAddress) -> NextHopState { providers[provider] ?? .unreachable }

    /// Notes that a route names a PE; `false`: that was known.
    /// - Parameter assumed: what holds until something is said of it.
    func note(_ provider: IPAddress, as assumed: NextHopState) -> Bool {
        guard providers[provider] == nil else { return false }
        providers[provider] = assumed
        return true
    }

    /// `false`: that was known, or no route names the PE.
    func set(_ provider: IPAddress, to state: NextHopState) -> Bool {
        guard let former = providers[provider], former != state else { return false }
        providers[provider] = state
        return true
    }

    /// Forgets PEs that no route names any more.
    func keep(_ named: Set<IPAddress>) { providers = providers.filter { named.contains($0.key) } }
}
