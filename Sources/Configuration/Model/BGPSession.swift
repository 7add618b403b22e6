import Addressing

/// A neighbor as the control process runs it: its own settings, then its peer group's, then the defaults.
public struct BGPSession: Equatable, Sendable {
    public let name: NeighborName
    /// Always known in a checked configuration.
    public let remoteAS: UInt32
    /// The circuit that a link-local address is on.
    public let interface: InterfaceName?
    public let description: String?
    public let password: String?
    public let ttlSecurityHops: UInt8?
    public let timers: BGPTimers
    public let connectionMode: BGPConnectionMode
    /// The shortest hold time that the neighbor may offer, in seconds; `nil` for any, or none.
    public let minimumHoldSeconds: UInt16?
    public let isShutdown: Bool
    /// What the neighbor's operator is told when the session is shut down.
    public let shutdownMessage: String?
    /// How much memory the large ones among the attributes of its routes may take; `nil` for the standard.
    public let attributeMemoryMebibytes: UInt16?
    /// How many labels its routes may have together; `nil` for any number.
    public let maximumLabels: UInt32?
    /// Whether the session is from the loopback's address.
    public let isFromLoopback: Bool
    /// Path attributes, by type code, that go on to the neighbor though they are not read here.
    public let passedAttributes: Set<UInt8>
    /// Whether routes to martian and multicast prefixes are taken.
    public let acceptsMartians: Bool
    /// Whether routes with an AS_SET in their path are taken.
    public let acceptsASSets: Bool
    /// Whether messages of up to 65,535 octets are offered.
    public let offersExtendedMessages: Bool
    /// Ethernet addresses that the neighbor sends from besides the one that its own resolves to.
    public let sourceAddresses: Set<MACAddress>
    /// The active families.
    public let families: [SessionFamily: BGPSessionFamily]

    /// `nil` if neither the neighbor nor its group has a remote AS.
    init?(name: NeighborName, own: BGPPeerSettings, group: BGPPeerSettings) {
        guard let remoteAS = own.remoteAS ?? group.remoteAS else { return nil }
        self.name = name
        self.remoteAS = remoteAS
        interface = own.interface
        description = own.description ?? group.description
        password = own.password ?? group.password
        ttlSecurityHops = own.ttlSecurityHops ?? group.ttlSecurityHops
        timers = own.timers ?? group.timers ?? .suggested
        connectionMode = own.connectionMode ?? group.connectionMode ?? .both
        minimumHoldSeconds = own.minimumHoldSeconds ?? group.minimumHoldSeconds
        isShutdown = own.isShutdown || group.isShutdown
        shutdownMessage = own.shutdownMessage ?? group.shutdownMessage
        acceptsMartians = own.acceptsMartians || group.acceptsMartians
        acceptsASSets = own.acceptsASSets || group.acceptsASSets
        offersExtendedMessages = own.offersExtendedMessages || group.offersExtendedMessages
        attributeMemoryMebibytes = own.attributeMemoryMebibytes ?? group.attributeMemoryMebibytes
        maximumLabels = own.maximumLabels ?? group.maximumLabels
        isFromLoopback = own.isFromLoopback || group.isFromLoopback
        sourceAddresses = own.sourceAddresses
        passedAttributes = own.passedAttributes ?? group.passedAttributes ?? []
        let generalLimit = own.maximumPrefixes ?? group.maximumPrefixes
        var families: [SessionFamily: BGPSessionFamily] = [:]
        // A customer is given a VRF's routes, whatever its peer group has for others.
        for family in SessionFamily.allCases where name.vrf == nil || family.isOfVRFNeighbors {
            let ours = own.families[family] ?? BGPPeerFamily()
            let theirs = group.families[family] ?? BGPPeerFamily()
            let isOptionE = ours.isOptionE || theirs.isOptionE
            let isOptionB = ours.isOptionB || theirs.isOptionB
            let isOptionC = ours.isOptionC || theirs.isOptionC
            guard isOptionE || isOptionB || isOptionC || ours.isActivated || theirs.isActivated else { continue }
            // With labels it is another family on the wire.
            let exchanged =
                ours.sendsLabels && name.vrf != nil ? SessionFamily(labeledUnicast: family.addressFamily) : family
            families[exchanged] = BGPSessionFamily(
                isOptionE: isOptionE, isOptionB: isOptionB, isOptionC: isOptionC,
                relay: ours.relay.completed(by: theirs.relay),
                maximumPrefixes: ours.maximumPrefixes ?? theirs.maximumPrefixes ?? generalLimit,
                prefixLists: ours.prefixLists.completed(by: theirs.prefixLists),
                depthLists: ours.depthLists.merging(theirs.depthLists) { $0.completed(by: $1) },
                routeMaps: ours.routeMaps.completed(by: theirs.routeMaps),
                overridesAS: ours.overridesAS || theirs.overridesAS,
                allowedOwnAS: ours.allowedOwnAS ?? theirs.allowedOwnAS ?? 0,
                siteOfOrigin: ours.siteOfOrigin ?? theirs.siteOfOrigin, originatesDefault: ours.originatesDefault,
                isReflectorClient: ours.isReflectorClient || theirs.isReflectorClient,
                isToldExplicitNull: ours.isToldExplicitNull || theirs.isToldExplicitNull)
        }
        self.families = families
    }

    public var address: IPAddress { name.address }

    /// `nil` for a neighbor in no VRF.
    public var vrf: String? { name.vrf }

    /// Whether Option B is on in any family.
    public var isOptionB: Bool { families.values.contains { $0.isOptionB } }

    /// Whether Option C is on in any family.
    public var isOptionC: Bool { families.values.contains { $0.isOptionC } }

    /// Whether it is a customer that is a carrier itself.
    public var isCustomerCarrier: Bool { vrf != nil && families.keys.contains(where: \.isLabeledUnicast) }

    /// Whether it is of an option, and so on an NNI.
    public var hasOption: Bool { isOptionE || isOptionB || isOptionC }

    /// Whether Option E is on in any family.
    public var isOptionE: Bool { families.values.contains { $0.isOptionE } }
}

extension BGPSessionFamily {
    /// The names of the prefix lists of each depth, the least deep first.
    public var listsByDepth: [(depth: LabelledDepth, lists: PolicyNames)] {
        LabelledDepth.allCases.compactMap { depth in
            (depth == .two ? prefixLists : depthLists[depth]).map { (depth, $0) }
        }
    }
}

/// One active family of a session.
public struct BGPSessionFamily: Equatable, Sendable {
    public let isOptionE: Bool
    public let isOptionB: Bool
    public let isOptionC: Bool
    /// What is relayed from and to it.
    public let relay: RelayPolicy
    /// `nil` for no limit.
    public let maximumPrefixes: MaximumPrefixes?
    public let prefixLists: PolicyNames
    /// Those of labelled unicast with a depth.
    public let depthLists: [LabelledDepth: PolicyNames]
    public let routeMaps: PolicyNames
    /// Whether the neighbor's AS is replaced by ours in paths towards it.
    public let overridesAS: Bool
    /// How often our own AS may stand in the path of its routes.
    public let allowedOwnAS: UInt8
    /// Its routes get this community, and those that have it are not given to it.
    public let siteOfOrigin: SiteOfOrigin?
    /// Whether it is given a default route in any case.
    public let originatesDefault: Bool
    /// Whether this box is its route reflector.
    public let isReflectorClient: Bool
    /// Whether it is told the loopback with explicit null.
    public let isToldExplicitNull: Bool

    public init(
        isOptionE: Bool, isOptionB: Bool = false, isOptionC: Bool = false, relay: RelayPolicy = RelayPolicy(),
        maximumPrefixes: MaximumPrefixes?, prefixLists: PolicyNames = PolicyNames(),
        depthLists: [LabelledDepth: PolicyNames] = [:],
        routeMaps: PolicyNames = PolicyNames(), overridesAS: Bool = false, allowedOwnAS: UInt8 = 0,
        siteOfOrigin: SiteOfOrigin? = nil, originatesDefault: Bool = false,
        isReflectorClient: Bool = false, isToldExplicitNull: Bool = false
    ) {
        self.isOptionE = isOptionE
        self.isOptionB = isOptionB
        self.isOptionC = isOptionC
        self.relay = relay
        self.maximumPrefixes = maximumPrefixes
        self.prefixLists = prefixLists
        self.depthLists = depthLists
        self.routeMaps = routeMaps
        self.overridesAS = overridesAS
        self.allowedOwnAS = allowedOwnAS
        self.siteOfOrigin = siteOfOrigin
        self.originatesDefault = originatesDefault
        self.isReflectorClient = isReflectorClient
        self.isToldExplicitNull = isToldExplicitNull
    }
}
