import Configuration
import ControlProtocol

extension ShowNeighbors: PromptlyAnswered {
    func answer(in plane: isolated ControlPlane) throws(ControlError) -> NeighborsResult {
        let (plan, clock) = (plane.plan, plane.clock)
        let now = WallClock.secondsSince1970
        let rows = plane.neighbors.all.sorted { $0.key < $1.key }.map { key, entry in
            let interface = plan.interface(numbered: key.interface)
            let state: LinkNeighbor.State =
                switch entry.state {
                case .incomplete: .incomplete
                case .reachable: .reachable
                case .stale: .stale
                case .probe: .probe
                case .failed: .failed
                }
            let age = (clock.now - entry.confirmed).components.seconds
            return LinkNeighbor(
                interface: interface?.name ?? "", vrf: interface?.vrf, address: key.address,
                macAddress: entry.hardwareAddress, state: state,
                confirmedAt: entry.hardwareAddress == nil ? nil : Timestamp(secondsSince1970: now - age),
                waitingPackets: entry.waitingPackets)
        }
        return NeighborsResult(neighbors: rows)
    }
}
