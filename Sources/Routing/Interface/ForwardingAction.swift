import Addressing

/// What the FIB of a VRF does with the packets of a prefix.
public enum ForwardingAction: Hashable, Sendable {
    /// An address of the box itself.
    case receive
    /// The destination is on the circuit's own subnet.
    case connected(circuit: InterfaceNumber)
    /// Through a next hop on the circuit's subnet.
    case gateway(circuit: InterfaceNumber, address: IPAddress)
    /// Out of the NNI of an Option E neighbor, with the label that it gave; `under`: below the one of a label space of its own, where
    /// it gave two (RFC 8277 §2.3).
    case labelled(neighbor: PeerAddress, label: MPLSLabel, under: MPLSLabel? = nil)
    /// By the transport to a PE of the operator's own network, with the label that it gave. `isMarked`: another border router
    /// has the route from an NNI, so that a VRF without transit sends nothing there that came in by one.
    case overCore(provider: IPAddress, label: MPLSLabel, isMarked: Bool)
    /// Dropped and counted.
    case discard
    /// One of several that lead to neighbors (`gateway`, `labelled`, `overCore`), by the packet's flow: two or more, each to
    /// another neighbor, in an order that does not depend on which is the best.
    case multipath([ForwardingAction])
}
