/// What is done to an interface's packets beside forwarding.
public struct InterfaceServices: Codable, Hashable, Sendable {
    /// The interface that has the services: of an implied unit its NNI, otherwise the interface itself.
    public let attachedTo: String
    /// `strict`, `loose` or `feasible`, with ` allow-default` where a default route counts; `nil`: not checked.
    public let sourceCheckIpv4: String?
    public let sourceCheckIpv6: String?
    /// Names of access lists.
    public let accessListInIpv4: String?
    public let accessListInIpv6: String?
    public let accessListOutIpv4: String?
    public let accessListOutIpv6: String?
    /// Names of policy maps.
    public let policyIn: String?
    public let policyOut: String?
    /// Names of route maps, for what comes in and for what leaves.
    public let routeMapIpv4: String?
    public let routeMapIpv6: String?
    public let routeMapOutIpv4: String?
    public let routeMapOutIpv6: String?
    /// Whether no packet passes, since what is configured does not fit into the tables.
    public let isRefused: Bool

    public init(
        attachedTo: String, sourceCheckIpv4: String? = nil, sourceCheckIpv6: String? = nil,
        accessListInIpv4: String? = nil, accessListInIpv6: String? = nil, accessListOutIpv4: String? = nil,
        accessListOutIpv6: String? = nil, policyIn: String? = nil, policyOut: String? = nil,
        routeMapIpv4: String? = nil, routeMapIpv6: String? = nil, routeMapOutIpv4: String? = nil,
        routeMapOutIpv6: String? = nil, isRefused: Bool = false
    ) {
        self.attachedTo = attachedTo
        self.sourceCheckIpv4 = sourceCheckIpv4
        self.sourceCheckIpv6 = sourceCheckIpv6
        self.accessListInIpv4 = accessListInIpv4
        self.accessListInIpv6 = accessListInIpv6
        self.accessListOutIpv4 = accessListOutIpv4
        self.accessListOutIpv6 = accessListOutIpv6
        self.policyIn = policyIn
        self.policyOut = policyOut
        self.routeMapIpv4 = routeMapIpv4
        self.routeMapIpv6 = routeMapIpv6
        self.routeMapOutIpv4 = routeMapOutIpv4
        self.routeMapOutIpv6 = routeMapOutIpv6
        self.isRefused = isRefused
    }
}
