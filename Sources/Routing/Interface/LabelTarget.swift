import Addressing

/// Where packets with a label go.
public enum LabelTarget: Hashable, Sendable {
    /// On, under other labels, of no VRF.
    case swap(SwapTarget)
    /// A copy to each, of no VRF: one to ``mostCopies``, in their order, each with one label.
    case copies([SwapTarget])
    /// Out of the label's VRF, without a lookup.
    case way(VRFWay)
    /// Where their destination leads in the label's VRF.
    case lookup

    /// So many get copies of a label's packets at most.
    public static let mostCopies = 64

    /// Whether packets go on under other labels.
    var isSwap: Bool {
        switch self {
        case .swap, .copies: true
        case .way, .lookup: false
        }
    }
}

/// A way out of a VRF for packets of one family.
public struct VRFWay: Hashable, Sendable {
    public let family: AddressFamily
    /// To a neighbor or PE.
    public let action: ForwardingAction

    public init(family: AddressFamily, action: ForwardingAction) {
        self.family = family
        self.action = action
    }
}

extension ForwardingAction {
    /// Whether it leads to a neighbor that is one for all packets: a label can stand for it.
    var isNextHop: Bool {
        switch self {
        case .gateway, .labelled, .overCore: true
        case .receive, .connected, .discard, .multipath: false
        }
    }
}
