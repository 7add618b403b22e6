import Addressing

/// Which next hop of a VRF's routes a label is about. If one of these is another it is another next hop, with another label: a far
/// end's label stays in it, since what that means is the far end's to say.
public enum VRFNextHop: Hashable, Sendable, Comparable {
    /// A neighbor on the circuit of this name.
    case gateway(circuit: String, IPAddress)
    /// A neighbor on an NNI or a PE, under the label that it gave.
    case labelled(SwapTarget)
    /// The same of a PE that is a border router and has its routes from an NNI.
    case marked(SwapTarget)
}

extension VRFNextHop: CustomStringConvertible {
    public var description: String {
        switch self {
        case .gateway(let circuit, let address): "\(address) on \(circuit)"
        case .labelled(let target), .marked(let target): "\(target)"
        }
    }
}
