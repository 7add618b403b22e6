import Addressing

/// A neighbor's identity: an address on an interface.
public struct NeighborKey: Hashable, Sendable, Comparable {
    /// ``NeighborInterface/number``.
    public let interface: InterfaceNumber
    public let address: IPAddress

    public init(interface: InterfaceNumber, address: IPAddress) {
        self.interface = interface
        self.address = address
    }

    public static func < (a: Self, b: Self) -> Bool { (a.interface, a.address) < (b.interface, b.address) }
}

/// How much is known of a neighbor (RFC 4861 §7.3.2; the same states serve ARP). The raw value is what the tables hold.
public enum ResolutionState: UInt8, Sendable, CaseIterable {
    /// Solicited, no answer so far; packets wait.
    case incomplete = 1
    /// Its address was confirmed a short while ago.
    case reachable = 2
    /// Its address was known; it is used until it is asked for again.
    case stale = 3
    /// It is being asked whether it is still there; its address is used meanwhile.
    case probe = 4
    /// It did not answer; packets to it are refused.
    case failed = 5

    /// Whether packets may be sent to the address that is known.
    public var isUsable: Bool { self == .reachable || self == .stale || self == .probe }
}

/// One neighbor.
public struct NeighborEntry: Hashable, Sendable {
    public internal(set) var state: ResolutionState
    /// Known in every state but `incomplete`; in `failed` it is the last one that was known, if any.
    public internal(set) var hardwareAddress: MACAddress?
    /// When the address was last confirmed, in the time that the table's owner counts.
    public internal(set) var confirmed: Duration
    /// Whether a route needs it: it is never forgotten and is asked for again and again.
    public internal(set) var isWanted: Bool
    /// When the next thing happens.
    var deadline: Duration
    /// When a packet for a failed neighbor is reason enough to ask again.
    var retry: Duration = .zero
    /// Solicitations that went unanswered.
    var solicitations = 0
    var held: [HeldPacket] = []

    /// How many packets wait for the address.
    public var waitingPackets: Int { held.count }
}

/// An IP packet that waits for the neighbor's address.
public struct HeldPacket: Hashable, Sendable {
    /// Where its destination is looked up.
    public let vrf: UInt16
    /// Where its sender is. A route map may have given the packet to another VRF.
    public let senderVRF: UInt16
    public let packet: [UInt8]
    /// The number of the interface that it came in by, or that came in by what it answers.
    public let interface: InterfaceNumber
    /// Where packets come in.
    public enum Side: Hashable, Sendable {
        case circuit
        case nni
        case core
    }

    /// Where it came in: from an NNI it may not leave by one without transit, from the core not to the core, whatever its route
    /// is when it is released.
    public let side: Side
    /// Whether the box itself says it.
    public let isOwn: Bool

    public init(
        vrf: UInt16, senderVRF: UInt16? = nil, packet: [UInt8], interface: InterfaceNumber = .none,
        side: Side = .circuit, isOwn: Bool = false
    ) {
        self.vrf = vrf
        self.senderVRF = senderVRF ?? vrf
        self.packet = packet
        self.interface = interface
        self.side = side
        self.isOwn = isOwn
    }
}
