import Addressing

/// What can be said of a neighbor or of a peer group; `nil` where nothing is said.
public struct BGPPeerSettings: Equatable, Sendable {
    public var remoteAS: UInt32?
    /// The circuit that a neighbor with a link-local address is on; in VRFs only.
    public var interface: InterfaceName?
    public var description: String?
    /// The TCP MD5 key (RFC 2385): 1 to 80 octets of printable ASCII.
    public var password: String?
    /// Packets from further away are ignored (RFC 5082): 1 to 254 hops.
    public var ttlSecurityHops: UInt8?
    public var timers: BGPTimers?
    public var connectionMode: BGPConnectionMode?
    /// The shortest hold time that the neighbor may offer, 3 to 65535 seconds.
    public var minimumHoldSeconds: UInt16?
    /// Administratively down; a group's word holds for all its members.
    public var isShutdown = false
    /// What the neighbor's operator is told then (RFC 9003): 1 to 255 octets.
    public var shutdownMessage: String?
    /// How many routes the neighbor may announce in each family that has no limit of its own.
    public var maximumPrefixes: MaximumPrefixes?
    /// How much memory the large ones among the attributes of its routes may take: 1 to 65535 MiB.
    public var attributeMemoryMebibytes: UInt16?
    /// Whether the session is from the loopback's address; a group's word holds for all its members.
    public var isFromLoopback = false
    /// How many labels its routes may have together, in ``maximumLabelsRange``.
    public var maximumLabels: UInt32?
    /// Path attributes of other operators, by type code, that go on to the neighbor though they are not read here.
    public var passedAttributes: Set<UInt8>?
    /// Whether routes to martian and multicast prefixes are taken; a group's word holds for all its members.
    public var acceptsMartians = false
    /// Whether routes with an AS_SET in their path are taken (RFC 9774); likewise.
    public var acceptsASSets = false
    /// Whether messages of up to 65,535 octets are offered (RFC 8654); likewise.
    public var offersExtendedMessages = false
    /// Ethernet addresses that the neighbor sends labelled packets from besides the one that its own resolves to.
    public var sourceAddresses: Set<MACAddress> = []
    public var families: [SessionFamily: BGPPeerFamily] = [:]

    /// Up to the label space.
    public static let maximumLabelsRange: ClosedRange<UInt32> = 1...(1 << 20)
    /// RFC 9003 §2.
    public static let longestShutdownMessageOctets = 255

    public init() {}
}

/// What can be said of a neighbor or a peer group in one address family.
public struct BGPPeerFamily: Equatable, Sendable {
    /// `optE`: the eligible VRFs' routes, and only those, cross; it implies activation.
    public var isOptionE = false
    /// `optB`: routes are relayed by what ``relay`` lists; it implies activation.
    public var isOptionB = false
    /// `optC`: the ways to PEs are exchanged by prefix lists; it implies activation.
    public var isOptionC = false
    /// What is relayed from and to it.
    public var relay = RelayPolicy()
    /// `activate`; in a VRF also the neighbor's AS or peer group, said in the block of the address's own family.
    public var isActivated = false
    public var maximumPrefixes: MaximumPrefixes?
    /// `prefix-list NAME in` and `out`.
    public var prefixLists = PolicyNames()
    /// `prefix-list NAME in depth N` and `out depth N`: labelled unicast alone, and without ``LabelledDepth/two``, which is
    /// ``prefixLists``.
    public var depthLists: [LabelledDepth: PolicyNames] = [:]
    /// `route-map NAME in` and `out`.
    public var routeMaps = PolicyNames()
    /// `as-override`: in paths towards the neighbor its own AS is replaced by ours.
    public var overridesAS = false
    /// `allowas-in`: how often our own AS may stand in the path of a route that is taken, 1 to 10.
    public var allowedOwnAS: UInt8?
    /// `soo`: where the neighbor's routes began; routes that began there are not given to it.
    public var siteOfOrigin: SiteOfOrigin?
    /// `default-originate`: the neighbor is given a default route whether there is one or not. In VRFs only.
    public var originatesDefault = false
    /// `send-label`: the routes are exchanged with labels, as with a customer that is a carrier itself (RFC 4364 §9). In VRFs only.
    public var sendsLabels = false

    /// `route-reflector-client`: a neighbor in the own network that gets what others there have sent (RFC 4456).
    public var isReflectorClient = false
    /// `explicit-null`: it is told the loopback with label 0 or 2. In labelled unicast only.
    public var isToldExplicitNull = false

    /// Where `allowas-in` has no number.
    public static let usualAllowedOwnAS: UInt8 = 3

    public init() {}
}

/// RFC 4271 §4.2, §4.4.
public struct BGPTimers: Equatable, Sendable {
    /// 0 for none, otherwise 1 to 21845 seconds.
    public var keepaliveSeconds: UInt16
    /// 0 for never, otherwise 3 to 65535 seconds.
    public var holdSeconds: UInt16

    public init(keepaliveSeconds: UInt16, holdSeconds: UInt16) {
        self.keepaliveSeconds = keepaliveSeconds
        self.holdSeconds = holdSeconds
    }

    /// The values RFC 4271 §10 suggests.
    public static let suggested = BGPTimers(keepaliveSeconds: 30, holdSeconds: 90)
}

/// Who opens the TCP connection.
public enum BGPConnectionMode: String, Hashable, Sendable, CaseIterable {
    /// Either side.
    case both
    /// This side alone.
    case active
    /// The far end alone.
    case passive
}

/// A peer group: settings that its members take over where they have none of their own.
public struct BGPPeerGroup: Equatable, Sendable {
    public let name: String
    public var settings: BGPPeerSettings

    public init(name: String, settings: BGPPeerSettings = BGPPeerSettings()) {
        self.name = name
        self.settings = settings
    }
}

/// A neighbor with its own settings; ``BGPConfiguration/session(with:)`` adds those of its group.
public struct BGPNeighbor: Equatable, Sendable {
    public let name: NeighborName
    /// The peer group by name. Membership holds for the whole neighbor, also where it is said in an address family. What
    /// the group says of VPN families does not hold in a VRF.
    public var peerGroup: String?
    public var settings: BGPPeerSettings

    public init(name: NeighborName, peerGroup: String? = nil, settings: BGPPeerSettings = BGPPeerSettings()) {
        self.name = name
        self.peerGroup = peerGroup
        self.settings = settings
    }
}
