import Addressing

/// What the owner of a ``NeighborTable`` has to do, in this order.
public enum NeighborEffect: Hashable, Sendable {
    /// Send the frame by the interface.
    case transmit(interface: InterfaceNumber, frame: [UInt8])
    /// Packets can be sent to this address from now on; also when it has changed.
    case resolved(NeighborKey, MACAddress)
    /// The neighbor does not answer.
    case failed(NeighborKey)
    /// Nothing is known of the neighbor any more.
    case removed(NeighborKey)
    /// The packet may go; always after `resolved`.
    case release(NeighborKey, HeldPacket)
    /// The packet waited for a neighbor that did not answer; always after `failed`.
    case undeliverable(NeighborKey, HeldPacket)
    /// Packets were given up: the neighbor has failed, too many waited, or there are too many neighbors.
    case dropped(NeighborKey, packets: Int)
    /// Somebody else uses one of the box's own addresses (RFC 5227 §2.4); it has been defended.
    case conflict(interface: InterfaceNumber, address: IPAddress, with: MACAddress)
}
