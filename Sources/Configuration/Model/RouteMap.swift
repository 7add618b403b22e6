import Addressing

/// A `route-map`: where packets go that are not to go by their destination, or which routes of BGP are taken and given, and
/// with what attributes. Where it is used its entries speak of the one only.
public struct RouteMap: Equatable, Sendable {
    public let name: String
    /// In ascending order of their sequence numbers, which are unique; the first one that a packet meets decides. What
    /// meets none goes by its destination. At least one.
    public var entries: [RouteMapEntry]

    public init(name: String, entries: [RouteMapEntry] = []) {
        self.name = name
        self.entries = entries
    }
}

/// One `route-map NAME permit|deny SEQUENCE` block. A packet meets it if it meets each kind of `match` line.
public struct RouteMapEntry: Equatable, Sendable {
    /// 1 to 65,535.
    public let sequence: UInt16
    /// Whether packets go where the entry says; otherwise (`deny`) by their destination.
    public var permits: Bool
    public var description: String?
    /// The access lists of which one has to permit the packet, by name, in the order of the text. With lists of the
    /// other family only, no packet meets the entry.
    public var accessLists: [AddressFamily: [String]] = [:]
    /// The length of the IP packet in octets.
    public var lengths: ClosedRange<UInt16>?
    /// Neighbors of which the first that is resolved takes the packet, 1 to ``mostNextHops``.
    public var nextHops: [AddressFamily: [IPAddress]] = [:]
    /// The address whose route in the packet's VRF takes what no next hop takes, by a circuit or by an NNI.
    public var recursiveNextHops: [AddressFamily: IPAddress] = [:]
    /// What becomes of a packet that no next hop takes.
    public var otherwise = Otherwise.lookup
    /// The code point that is written into packets, 0 to 63.
    public var markedDSCP: UInt8?
    /// What it says about routes.
    public var policy = RouteMapPolicy()

    public enum Otherwise: Equatable, Sendable {
        /// By its destination.
        case lookup
        /// By its destination in another VRF, which allows it: see ``VRF/policyRouteSources``. Never with next hops.
        case vrf(String)
        case discard
    }

    public static let mostNextHops = 8
    public static let mostNextHopsBesideRecursive = 4

    public init(sequence: UInt16, permits: Bool) {
        self.sequence = sequence
        self.permits = permits
    }
}
