import Addressing
import Routing

extension ForwardingAction {
    /// The next hop that the action means in a VRF.
    func nextHop(vrf: VRFNumber, family: AddressFamily) -> NextHopKey {
        switch self {
        case .receive: .receive(vrf: vrf)
        case .connected(let circuit): .subnet(vrf: vrf, circuit: circuit, family)
        case .gateway(let circuit, let address): .gateway(vrf: vrf, circuit: circuit, address, family)
        case .labelled(let neighbor, let label, let outer):
            .labelled(vrf: vrf, neighbor: neighbor, label: label, under: outer)
        case .overCore(let provider, let label, let isMarked):
            .overCore(vrf: vrf, provider: provider, label: label, isMarked: isMarked)
        case .discard: .discard(vrf: vrf)
        case .multipath(let members): .group(vrf: vrf, members.map { $0.nextHop(vrf: vrf, family: family) })
        }
    }
}
