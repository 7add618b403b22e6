import Addressing
import Routing

/// What identifies a next hop of the FIB. Several prefixes share one; resolution of a neighbor or a new unit changes
/// what it leads to and touches no prefix.
enum NextHopKey: Hashable {
    /// One of the box's own addresses in the VRF.
    case receive(vrf: VRFNumber)
    case discard(vrf: VRFNumber)
    /// A circuit's subnet: each destination is a neighbor to be resolved.
    case subnet(vrf: VRFNumber, circuit: InterfaceNumber, AddressFamily)
    /// A neighbor on a circuit, for packets of a family.
    case gateway(vrf: VRFNumber, circuit: InterfaceNumber, IPAddress, AddressFamily)
    /// An Option E neighbor and the label that it gave, below the one of its label space where it gave two.
    case labelled(vrf: VRFNumber, neighbor: PeerAddress, label: MPLSLabel, under: MPLSLabel? = nil)
    /// A PE and the label that it gave. `isMarked`: for a route that another border router has from an NNI.
    case overCore(vrf: VRFNumber, provider: IPAddress, label: MPLSLabel, isMarked: Bool)
    /// Several of the above that lead to neighbors, by the packet's flow: two or more, none twice.
    case group(vrf: VRFNumber, [NextHopKey])
    /// Where packets go on whose labels are swapped: of no VRF, and of no route.
    case swap(SwapTarget)

    /// The VRF whose packets may use it. No VRF has the number 0.
    var vrf: VRFNumber {
        switch self {
        case .swap: VRFNumber(rawValue: 0)
        case .receive(let vrf), .discard(let vrf), .subnet(let vrf, _, _), .gateway(let vrf, _, _, _),
            .labelled(let vrf, _, _, _), .overCore(let vrf, _, _, _), .group(let vrf, _):
            vrf
        }
    }
}
