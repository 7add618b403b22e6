import Addressing

/// Answer to `show.vrfs`.
public struct VRFsResult: ControlResult {
    public static let schemaIdentifier = "stile.show.vrfs/1"
    public private(set) var schema = VRFsResult.schemaIdentifier

    /// In the order of the names.
    public let vrfs: [VRFStatus]

    public init(vrfs: [VRFStatus]) {
        self.vrfs = vrfs
    }
}

/// One VRF with what makes it eligible and how much it holds.
public struct VRFStatus: Codable, Hashable, Sendable {
    public let name: String
    /// The VRF's number in the tables.
    public let number: Int
    public let routeDistinguisher: RouteDistinguisher?
    public let importRouteTargets: [RouteTarget]
    public let exportRouteTargets: [RouteTarget]
    /// The labels of the VRF, one for each neighbor that it is eligible on.
    public let labels: [MPLSLabel]
    /// Whether packets may cross from NNI to NNI in it.
    public let isTransit: Bool
    /// The Option E neighbors on which it is eligible.
    public let eligibleNeighbors: [IPAddress]
    /// Attachment circuits and configured units.
    public let interfaces: [String]
    public let ipv4Routes: Int
    public let ipv6Routes: Int

    public init(
        name: String, number: Int, routeDistinguisher: RouteDistinguisher? = nil, importRouteTargets: [RouteTarget],
        exportRouteTargets: [RouteTarget], labels: [MPLSLabel] = [], isTransit: Bool, eligibleNeighbors: [IPAddress],
        interfaces: [String], ipv4Routes: Int, ipv6Routes: Int
    ) {
        self.name = name
        self.number = number
        self.routeDistinguisher = routeDistinguisher
        self.importRouteTargets = importRouteTargets
        self.exportRouteTargets = exportRouteTargets
        self.labels = labels
        self.isTransit = isTransit
        self.eligibleNeighbors = eligibleNeighbors
        self.interfaces = interfaces
        self.ipv4Routes = ipv4Routes
        self.ipv6Routes = ipv6Routes
    }
}
