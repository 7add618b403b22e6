import Addressing

/// A neighbor as the control process runs it: its own settings, then its peer group's, then the defaults.
public struct BGPSession: Equatable, Sendable {
    public let address: IPAddress
    /// Always known in a checked configuration.
    public let remoteAS: UInt32
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
    public let families: [VPNFamily: BGPSessionFamily]

    /// `nil` if neither the neighbor nor its group has a remote AS.
    init?(address: IPAddress, own: BGPPeerSettings, group: BGPPeerSettings) {
        guard let remoteAS = own.remoteAS ?? group.remoteAS else { return nil }
        self.address = address
        self.remoteAS = remoteAS
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
        sourceAddresses = own.sourceAddresses
        passedAttributes = own.passedAttributes ?? group.passedAttributes ?? []
        let generalLimit = own.maximumPrefixes ?? group.maximumPrefixes
        var families: [VPNFamily: BGPSessionFamily] = [:]
        for family in VPNFamily.allCases {
            let ours = own.families[family] ?? BGPPeerFamily()
            let theirs = group.families[family] ?? BGPPeerFamily()
            let isOptionE = ours.isOptionE || theirs.isOptionE
            guard isOptionE || ours.isActivated || theirs.isActivated else { continue }
            families[family] = BGPSessionFamily(
                isOptionE: isOptionE,
                maximumPrefixes: ours.maximumPrefixes ?? theirs.maximumPrefixes ?? generalLimit,
                prefixLists: ours.prefixLists.completed(by: theirs.prefixLists),
                routeMaps: ours.routeMaps.completed(by: theirs.routeMaps))
        }
        self.families = families
    }

    /// Whether Option E is on in any family.
    public var isOptionE: Bool { families.values.contains { $0.isOptionE } }
}

/// One active family of a session.
public struct BGPSessionFamily: Equatable, Sendable {
    public let isOptionE: Bool
    /// `nil` for no limit.
    public let maximumPrefixes: MaximumPrefixes?
    public let prefixLists: PolicyNames
    public let routeMaps: PolicyNames

    public init(
        isOptionE: Bool, maximumPrefixes: MaximumPrefixes?, prefixLists: PolicyNames = PolicyNames(),
        routeMaps: PolicyNames = PolicyNames()
    ) {
        self.isOptionE = isOptionE
        self.maximumPrefixes = maximumPrefixes
        self.prefixLists = prefixLists
        self.routeMaps = routeMaps
    }
}
