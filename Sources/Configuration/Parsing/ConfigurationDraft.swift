import Addressing

/// What the statements of a text say, each with its place, before anything is compared with anything else.
struct ConfigurationDraft {
    var hostname: Located<String>?
    var dataplane = DataplaneDraft()
    var labelRange: Located<ClosedRange<UInt32>>?
    var commonBlock: Located<ClosedRange<UInt32>>?
    var labelSpaces: [String: LabelSpaceDraft] = [:]
    var labelQuarantineSeconds: Located<UInt32>?
    var labelWithdrawalSeconds: Located<UInt32>?
    var accessListLogThresholds: [AddressFamily: Located<UInt32>] = [:]
    var propagatesTTL: Located<Bool>?
    var ports: [PortName: PortDraft] = [:]
    var vrfs: [String: VRFDraft] = [:]
    var interfaces: [InterfaceName: InterfaceDraft] = [:]
    var objectGroups: [String: ObjectGroupDraft] = [:]
    var ipv4AccessLists: [String: AccessListDraft] = [:]
    var ipv6AccessLists: [String: AccessListDraft] = [:]
    var resequencings: [Resequencing] = []
    var prefixLists: [PrefixListKey: PrefixListDraft] = [:]
    var communityLists: [String: RoutePolicyListDraft<Set<Community>>] = [:]
    var largeCommunityLists: [String: RoutePolicyListDraft<Set<LargeCommunity>>] = [:]
    var asPathLists: [String: RoutePolicyListDraft<ASPathPattern>] = [:]
    var extendedCommunityLists: [String: RoutePolicyListDraft<Set<RouteTarget>>] = [:]
    var classMaps: [String: ClassMapDraft] = [:]
    var policyMaps: [String: PolicyMapDraft] = [:]
    var flowExporters: [String: FlowExporterDraft] = [:]
    var flowMonitors: [String: FlowMonitorDraft] = [:]
    var tableMaps: [String: TableMapDraft] = [:]
    var routeMaps: [String: RouteMapDraft] = [:]
    var bgp = BGPDraft()
    var staticRoutes: [StaticRouteDraft] = []
    var loopback: LoopbackDraft?
    var defaultTableRoutes: [DefaultTableRouteDraft] = []
    var staticBindings: [StaticBindingDraft] = []
    var multipointBranches: [MultipointBranchDraft] = []
    var udpTransports: [UDPTransportDraft] = []
    var nniMark: Located<LargeCommunity>?
    var routingEngine = RoutingEngineDraft()
    var metrics: Located<MetricsDraft>?
    /// With the places of their addresses.
    var logCollectors: [Located<LogCollectorSettings>] = []
    /// The blocks with a line that could not be read: that something is missing in them is not worth a word.
    var damaged: Set<Mode> = []
}

struct LabelSpaceDraft {
    let declared: SourceRange
    var contextLabel: Located<MPLSLabel>?
    var block: Located<ClosedRange<UInt32>>?
}

struct RoutingEngineDraft {
    var port: Located<UInt16>?
    var holdTimeSeconds: Located<UInt32>?
    var refreshTimeSeconds: Located<UInt32>?
    var implicitNull: [Located<IPPrefix>] = []

    /// What has no effect without a port.
    var withoutPort: SourceRange? {
        holdTimeSeconds?.range ?? refreshTimeSeconds?.range ?? implicitNull.first?.range
    }
}

/// `metrics`, which is said once.
enum MetricsDraft: Equatable {
    case off
    case listen(Located<IPAddress>, port: UInt16)
}

struct DataplaneDraft {
    var declared: SourceRange?
    var workers: Located<UInt16>?
    var cores: Located<[UInt16]>?
    var polling: Located<PollingMode>?
    var packetMemoryMebibytes: Located<UInt32>?
    var tableMemoryMebibytes: Located<UInt32>?
}

struct PortDraft {
    let declared: SourceRange
    var device: Located<PortDevice>?
    var receiveQueues: Located<UInt16>?
    var mtuOctets: Located<UInt16>?
    var macAddress: Located<MACAddress>?
}

struct VRFDraft {
    let name: String
    let declared: SourceRange
    var description: Located<String>?
    var routeDistinguisher: Located<RouteDistinguisher>?
    var targets = RouteTargetPolicy()
    var sideTargets: [RouteTargetSide: RouteTargetPolicy] = [:]
    /// A line `optE` without addresses.
    var everyNeighbor: SourceRange?
    /// The addresses of all lines `optE A.B.C.D …`.
    var neighbors: [Located<IPAddress>] = []
    var transit: SourceRange?
    /// The same of Option B.
    var everyRelayNeighbor: SourceRange?
    var relayNeighbors: [Located<IPAddress>] = []
    /// `optAB`.
    var circuitNeighbors: [CircuitNeighborDraft] = []
    /// `optE accept-connected`.
    var acceptsConnectedSubnets: SourceRange?
    var loopbacks: [AddressFamily: Located<IPAddress>] = [:]
    var addressFamilies: Set<AddressFamily> = []
    var propagatesTTL: Located<Bool>?
    var labelMode: Located<LabelMode>?
    var commonLabel: Located<ProvisionedLabel>?
    /// The place of the space's name in that line.
    var commonLabelSpace: SourceRange?
    var fallbackLabel: SourceRange?
    var maximumRoutes: Located<MaximumPrefixes>?
    var maximumLabels: Located<UInt32>?
    var reservedMemoryMebibytes: Located<UInt32>?
    var flowMonitor: Located<String>?
    var policyRouteSources: [Located<String>] = []
    var prefixLists: [AddressFamily: PolicyNamesDraft] = [:]
    /// A line without a family stands in both.
    var routeMaps: [AddressFamily: PolicyNamesDraft] = [:]
}

/// `optAB A.B.C.D next-hop …`.
struct CircuitNeighborDraft {
    let line: SourceRange
    let neighbor: Located<IPAddress>
    /// The far end's addresses on circuits of the VRF, one of a family.
    var nextHops: [AddressFamily: Located<IPAddress>] = [:]
}

extension VRFDraft {
    /// Both where none is said.
    var carriedFamilies: Set<AddressFamily> {
        addressFamilies.isEmpty ? Set(AddressFamily.allCases) : addressFamilies
    }
}

struct InterfaceDraft {
    let declared: SourceRange
    var description: Located<String>?
    var isShutdown: Located<Bool>?
    var mtuOctets: Located<UInt16>?
    /// `encap mpls optE`.
    var optionE: SourceRange?
    /// `encap mpls optB`.
    var optionB: SourceRange?
    /// `encap mpls optC`.
    var optionC: SourceRange?
    /// `encap mpls core`.
    var core: SourceRange?
    /// `encap mpls csc`.
    var carrierCircuit: SourceRange?
    var hostDevice: Located<String>?
    var encapsulation: Located<VLANEncapsulation>?
    var vrf: Located<String>?
    var primaryAddress: Located<InterfaceAddress>?
    /// All IPv4 addresses but the primary one.
    var secondaryAddresses: [Located<InterfaceAddress>] = []
    var ipv6Addresses: [Located<InterfaceAddress>] = []
    var binding: Located<InterfaceName>?
    /// `optE source-mac`.
    var checksSourceMAC: SourceRange?
    var accessGroups: [AttachmentPlace: Located<String>] = [:]
    var servicePolicies: [TrafficDirection: Located<String>] = [:]
    var sourceChecks: [AddressFamily: Located<SourceCheck>] = [:]
    var diffServMode: Located<DiffServMode>?
    var routeMaps: [AttachmentPlace: Located<String>] = [:]
}

extension InterfaceDraft {
    /// What makes it an NNI.
    var nniLine: SourceRange? { optionE ?? optionB ?? optionC }

    /// The line that makes it an NNI of an option.
    func line(_ option: NNIOption) -> SourceRange? {
        switch option {
        case .optionE: optionE
        case .optionB: optionB
        case .optionC: optionC
        }
    }

    /// What makes it a link with labels: an NNI or a core interface.
    var labelledLine: SourceRange? { nniLine ?? core }
}

extension InterfaceDraft {
    /// In the order of the model: the primary IPv4 address, the other IPv4 addresses, the IPv6 addresses.
    var addresses: [Located<InterfaceAddress>] {
        (primaryAddress.map { [$0] } ?? []) + secondaryAddresses + ipv6Addresses
    }
}

struct ObjectGroupDraft {
    let declared: SourceRange
    var members: ObjectGroup.Members
}

/// `ip access-list resequence NAME START STEP`.
struct Resequencing {
    let name: Located<String>
    let family: AddressFamily
    let start: UInt32
    let step: UInt32
}

/// The name of an object group in an access list, with what it has to hold.
struct GroupReference {
    let name: Located<String>
    /// `nil`: ports.
    let family: AddressFamily?
}

struct AccessListDraft {
    let declared: SourceRange
    let family: AddressFamily
    let kind: AccessListKind
    var entries: [Located<AccessListEntry>] = []
    var groups: [GroupReference] = []
    /// 0 for a list without entries.
    var highestSequence: UInt32 = 0
    /// The number in front of the line that is being read.
    var announcedSequence: UInt32?
}

struct ClassMapDraft {
    let declared: SourceRange
    let requiresAll: Bool
    var criteria: [Located<ClassCriterion>] = []
}

struct PolicyMapDraft {
    let name: String
    let declared: SourceRange
    var classOrder: [Located<String>] = []
    var classes: [String: PolicyClassDraft] = [:]
}

struct PolicyClassDraft {
    var policer: Located<Policer>?
    var markedDSCP: Located<UInt8>?
    var markedTrafficClass: Located<UInt8>?
    var dscpTable: Located<String>?
    var trafficClassTable: Located<String>?
}

struct TableMapDraft {
    let declared: SourceRange
    var entries: [UInt8: Located<UInt8>] = [:]
    var otherwise: Located<TableMap.Otherwise>?
}

struct RouteMapDraft {
    let declared: SourceRange
    var entries: [UInt16: RouteMapEntryDraft] = [:]
}

struct RouteMapEntryDraft {
    let declared: SourceRange
    let permits: Bool
    var description: Located<String>?
    var accessLists: [AddressFamily: [Located<String>]] = [:]
    var lengths: Located<ClosedRange<UInt16>>?
    var nextHops: [AddressFamily: [Located<IPAddress>]] = [:]
    var recursiveNextHops: [AddressFamily: Located<IPAddress>] = [:]
    var vrf: Located<String>?
    /// `set interface null0`.
    var discard: SourceRange?
    var markedDSCP: Located<UInt8>?
    var policy = RouteMapPolicyDraft()
}

/// What an entry of a route map says about routes.
struct RouteMapPolicyDraft {
    /// The first line of it.
    var firstLine: SourceRange?
    /// The first line that writes something.
    var firstSet: SourceRange?
    var prefixLists: [AddressFamily: [Located<String>]] = [:]
    var communityLists: [Located<String>] = []
    var matchesCommunitiesExactly: Located<Bool>?
    var largeCommunityLists: [Located<String>] = []
    var matchesLargeCommunitiesExactly: Located<Bool>?
    var asPathLists: [Located<String>] = []
    var extendedCommunityLists: [Located<String>] = []
    var routeTargets: Located<RouteMapPolicy.Communities<RouteTarget>>?
    var deletedCommunities: Located<String>?
    var communities: Located<RouteMapPolicy.Communities<Community>>?
    var largeCommunities: Located<RouteMapPolicy.Communities<LargeCommunity>>?
    var localPreference: Located<UInt32>?
    var metric: Located<UInt32>?
    var prependedSystems: Located<[UInt32]>?
}

struct RoutePolicyListDraft<Value: Hashable & Sendable> {
    /// By their sequence numbers.
    var entries: [UInt32: Located<RoutePolicyList<Value>.Entry>] = [:]
}

struct FlowExporterDraft {
    struct Transport: Equatable {
        let transport: FlowExporterSettings.Transport
        let port: UInt16
    }

    let declared: SourceRange
    var description: Located<String>?
    var destination: Located<IPAddress>?
    var source: Located<IPAddress>?
    var transport: Located<Transport>?
    var templateIntervalSeconds: Located<UInt32>?
}

struct FlowMonitorDraft {
    let declared: SourceRange
    var description: Located<String>?
    var exporter: Located<String>?
    var activeTimeoutSeconds: Located<UInt32>?
    var inactiveTimeoutSeconds: Located<UInt32>?
    var cacheEntries: Located<UInt32>?
    var samplingInterval: Located<UInt32>?
}

struct LoopbackDraft {
    let declared: SourceRange
    var description: Located<String>?
    var addresses: [AddressFamily: Located<IPAddress>] = [:]
}

struct DefaultTableRouteDraft {
    let route: DefaultTableRoute
    let declared: SourceRange
    let nextHop: SourceRange
}

struct StaticBindingDraft {
    let binding: StaticBinding
    let declared: SourceRange
    let nextHop: SourceRange
}

/// One line of a label that leads to several.
struct MultipointBranchDraft {
    let label: Located<MPLSLabel>
    let source: Located<IPAddress>
    let innerLabels: UInt8
    let branch: Located<MultipointLabel.Branch>
    let declared: SourceRange
}

struct UDPTransportDraft {
    let transport: UDPTransport
    let declared: SourceRange
}

struct StaticRouteDraft {
    let route: StaticRoute
    let declared: SourceRange
    let vrf: SourceRange
    let nextHop: SourceRange
}

struct BGPDraft {
    var autonomousSystem: Located<UInt32>?
    var routerID: Located<IPv4Address>?
    var clusterID: Located<IPv4Address>?
    var isGracefulRestartOn: Located<Bool>?
    var restartTimeSeconds: Located<UInt16>?
    var stalePathSeconds: Located<UInt16>?
    var endsSessionsWithLink: Located<Bool>?
    var keepsRoutesWithoutImport = false
    var relaxesMultipathASPath = false
    /// Peer groups, and the neighbors in no VRF.
    var peers: [PeerKey: PeerDraft] = [:]
    var vrfs: [String: BGPVRFDraft] = [:]
}

extension BGPDraft {
    /// Peer groups and all neighbors, in the order in which they are mentioned first.
    var allPeers: [(key: PeerKey, peer: PeerDraft)] {
        let inVRFs = vrfs.flatMap { vrf, draft in
            draft.peers.map { (key: PeerKey.neighbor(NeighborName(vrf: vrf, address: $0.key)), peer: $0.value) }
        }
        return (peers.map { (key: $0.key, peer: $0.value) } + inVRFs)
            .sorted { $0.peer.firstMention.line < $1.peer.firstMention.line }
    }

    /// The group that a neighbor is a member of, if there is one.
    func group(of peer: PeerDraft) -> PeerDraft? { peer.membership.flatMap { peers[.group($0.value)] } }
}

/// Whom lines about a neighbor are about: the neighbor, or all members of a peer group.
enum PeerKey: Hashable {
    case neighbor(NeighborName)
    case group(String)
}

struct PeerDraft {
    /// The first line that names it.
    let firstMention: SourceRange
    /// `neighbor NAME peer-group`.
    var groupDefinition: SourceRange?
    var membership: Located<String>?
    /// The circuit that a link-local address is on.
    var interface: Located<InterfaceName>?
    var remoteAS: Located<UInt32>?
    var description: Located<String>?
    var password: Located<String>?
    var ttlSecurityHops: Located<UInt8>?
    var timers: Located<BGPTimers>?
    var connectionMode: Located<BGPConnectionMode>?
    var minimumHoldSeconds: Located<UInt16>?
    var shutdown: SourceRange?
    var shutdownMessage: Located<String>?
    var maximumPrefixes: Located<MaximumPrefixes>?
    var attributeMemoryMebibytes: Located<UInt16>?
    var maximumLabels: Located<UInt32>?
    /// `update-source loopback0`.
    var updateSource: SourceRange?
    var passedAttributes: Located<Set<UInt8>>?
    var acceptsMartians: SourceRange?
    var acceptsASSets: SourceRange?
    var offersExtendedMessages: SourceRange?
    var sourceAddresses: [Located<MACAddress>] = []
    var families: [SessionFamily: PeerFamilyDraft] = [:]
}

extension PeerDraft {
    /// What makes a family of a neighbor in a VRF active: `activate`, and in the family of its own address also the line
    /// that says whom the session is with.
    func activation(of family: AddressFamily, inVRFAt address: IPAddress) -> SourceRange? {
        let draft = families[SessionFamily(unicast: family)]
        return draft?.activation ?? (family == address.family ? draft?.introduction : nil)
    }
}

/// IPv4 and IPv6 prefix lists have name spaces of their own.
struct PrefixListKey: Hashable {
    let family: AddressFamily
    let name: String
}

struct PrefixListDraft {
    let declared: SourceRange
    /// By their sequence numbers.
    var entries: [UInt32: Located<PrefixListEntry>] = [:]
}

struct PolicyNamesDraft {
    var imported: Located<String>?
    var exported: Located<String>?

    var all: [Located<String>] { [imported, exported].compactMap { $0 } }
    var names: PolicyNames { PolicyNames(imported: imported?.value, exported: exported?.value) }
}

struct RelayDraft {
    var imported: [RouteTarget: Located<RouteTarget>] = [:]
    var exported: [RouteTarget: Located<RouteTarget>] = [:]
    var distinguishers: [Located<RouteDistinguisher>] = []
    var labelPerPrefix: SourceRange?
    var transit: SourceRange?
    var segmentation: SourceRange?
}

extension RelayDraft {
    /// The first line of it.
    var place: SourceRange? {
        let all =
            imported.values.map(\.range) + exported.values.map(\.range) + distinguishers.map(\.range)
            + [labelPerPrefix, transit, segmentation].compactMap { $0 }
        return all.min { $0.line < $1.line }
    }

    var policy: RelayPolicy {
        var policy = RelayPolicy()
        policy.imported = imported.mapValues(\.value)
        policy.exported = exported.mapValues(\.value)
        policy.routeDistinguishers = Set(distinguishers.map(\.value))
        policy.hasLabelPerPrefix = labelPerPrefix != nil
        policy.allowsTransit = transit != nil
        policy.isSegmented = segmentation != nil
        return policy
    }
}

struct PeerFamilyDraft {
    var prefixLists = PolicyNamesDraft()
    /// Those of labelled unicast with a depth.
    var depthLists: [LabelledDepth: PolicyNamesDraft] = [:]
    var routeMaps = PolicyNamesDraft()
    var optionE: SourceRange?
    var optionB: SourceRange?
    var optionC: SourceRange?
    var relay = RelayDraft()
    var activation: SourceRange?
    /// In a VRF: a line of the family's block that says whom the session is with.
    var introduction: SourceRange?
    var maximumPrefixes: Located<MaximumPrefixes>?
    var overridesAS: SourceRange?
    var allowedOwnAS: Located<UInt8>?
    var siteOfOrigin: Located<SiteOfOrigin>?
    var originatesDefault: SourceRange?
    /// `send-label`.
    var sendsLabels: SourceRange?
    var reflectorClient: SourceRange?
    var explicitNull: SourceRange?
}

extension PeerFamilyDraft {
    /// The line that makes the neighbor one of an option.
    func line(_ option: NNIOption) -> SourceRange? {
        switch option {
        case .optionE: optionE
        case .optionB: optionB
        case .optionC: optionC
        }
    }

    /// All prefix lists that it names.
    var allPrefixLists: [Located<String>] { prefixLists.all + depthLists.values.flatMap(\.all) }
}

/// What both address families of a VRF say in `router bgp`: a neighbor is one session for both.
struct BGPVRFDraft {
    var families: [AddressFamily: VRFFamilyDraft] = [:]
    var peers: [IPAddress: PeerDraft] = [:]
}

struct VRFFamilyDraft {
    let declared: SourceRange
    let vrf: SourceRange
    var redistributesConnected = false
    var redistributesStatic = false
    var externalPaths: Located<UInt8>?
    var internalPaths: Located<UInt8>?
    var mixedPaths: Located<UInt8>?

    var settings: VRFFamilySettings {
        var settings = VRFFamilySettings()
        settings.connected = redistributesConnected
        settings.staticRoutes = redistributesStatic
        settings.externalPaths = externalPaths?.value
        settings.internalPaths = internalPaths?.value
        settings.mixedPaths = mixedPaths?.value
        return settings
    }
}
