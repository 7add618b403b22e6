import Addressing

/// A complete and consistent configuration of one box.
///
/// Every name that one object uses for another is defined, and every rule of `Checking/` holds: a `Configuration` is
/// only made by `ConfigurationParser`, or by hand in a test. Where each object came from in the text is not part of it
/// (two texts with the same meaning give equal configurations); see ``LoadedConfiguration/sources``.
public struct Configuration: Equatable, Sendable {
    public var hostname: String?
    public var dataplane = DataplaneSettings()
    public var mpls = MPLSSettings()
    /// The physical or virtual devices. An interface whose port is not here is absent: configured, but down.
    public var ports: [PortName: Port] = [:]
    public var vrfs: [String: VRF] = [:]
    /// Context-specific label spaces by name.
    public var labelSpaces: [String: LabelSpace] = [:]
    public var interfaces: [InterfaceName: Interface] = [:]
    /// What access lists call by one name: networks of either family, and ports.
    public var objectGroups: [String: ObjectGroup] = [:]
    /// IPv4 access lists by name. IPv4 and IPv6 lists have name spaces of their own.
    public var ipv4AccessLists: [String: AccessList] = [:]
    /// IPv6 access lists by name.
    public var ipv6AccessLists: [String: AccessList] = [:]
    /// After how many packets of a flow that access lists of a family log it is logged again, before the time for that
    /// has come; not in it: never.
    public var accessListLogThresholds: [AddressFamily: UInt32] = [:]
    /// Prefix lists by name, each family in a name space of its own.
    public var prefixLists: [AddressFamily: [String: PrefixList]] = [:]
    public var communityLists: [String: CommunityList] = [:]
    public var largeCommunityLists: [String: LargeCommunityList] = [:]
    public var extendedCommunityLists: [String: ExtendedCommunityList] = [:]
    public var asPathLists: [String: ASPathList] = [:]
    public var classMaps: [String: ClassMap] = [:]
    public var policyMaps: [String: PolicyMap] = [:]
    public var flowExporters: [String: FlowExporterSettings] = [:]
    public var flowMonitors: [String: FlowMonitorSettings] = [:]
    public var tableMaps: [String: TableMap] = [:]
    public var routeMaps: [String: RouteMap] = [:]
    /// `nil` if the text has no `router bgp`.
    public var bgp: BGPConfiguration?
    /// In ascending order, each at most once.
    public var staticRoutes: [StaticRoute] = []
    /// `nil` if the text has no `interface loopback0`.
    public var loopback: Loopback?
    /// In ascending order, one for a prefix.
    public var defaultTableRoutes: [DefaultTableRoute] = []
    /// In ascending order, one for a prefix.
    public var staticBindings: [StaticBinding] = []
    /// In ascending order of their labels.
    public var multipointLabels: [MultipointLabel] = []
    public var udpTransports: [UDPTransport] = []
    /// `nil`: there is no IGP or LDP engine beside the box.
    public var routingEngine: RoutingEngineSettings?
    /// `nil`: counters are shown to no Prometheus server.
    public var metrics: MetricsSettings? = MetricsSettings()
    /// In ascending order, each at most once.
    public var logCollectors: [LogCollectorSettings] = []

    public init() {}
}

extension Configuration {
    /// Whether it says nothing at all.
    public var isEmpty: Bool { self == Configuration() }

    /// The interfaces in ascending order of their names.
    public var interfacesInOrder: [Interface] {
        // Names are smaller to move about than interfaces.
        interfaces.keys.sorted().compactMap { interfaces[$0] }
    }

    /// The VRFs in ascending order of their names.
    public var vrfsInOrder: [VRF] { vrfs.values.sorted { $0.name < $1.name } }

    /// Whether the TTL of a customer's packet is carried over into the label and back (RFC 3443 §3, the uniform model);
    /// otherwise the pipe model holds. It does unless `no mpls ip propagate-ttl` is said for the box or for this VRF.
    public func propagatesTTL(inVRF name: String) -> Bool {
        mpls.propagatesTTL && (vrfs[name]?.propagatesTTL ?? true)
    }

    /// What is asked of it again and again; to be made once for many questions.
    public var index: ConfigurationIndex { ConfigurationIndex(self) }

    /// Whether a VRF's configuration lets a route map give it the packets of another VRF.
    public func allowsPolicyRoute(to target: String, from source: String) -> Bool {
        target == source || vrfs[target]?.policyRouteSources.contains(source) == true
    }
}
