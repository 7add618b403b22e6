import Addressing

/// `show.vrfs`: VRFs, their targets, eligibility and size.
public struct ShowVRFs: ParameterlessRequest {
    public typealias Answer = VRFsResult
    public static let method = "show.vrfs"

    public init() {}
}

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

/// How a VRF stands to its `maximum routes`.
public enum RouteLimitState: String, Codable, Hashable, Sendable, CaseIterable {
    /// Below the warning threshold.
    case within
    /// At the warning threshold or above it.
    case near
    /// Above the limit, by the VRF's own routes or because it only warns.
    case exceeded
    /// Imported routes have been refused, and do not fit yet.
    case refusing
}

/// One VRF with what makes it eligible and how much it holds.
public struct VRFStatus: Codable, Hashable, Sendable {
    public let name: String
    /// The VRF's number in the tables.
    public let number: Int
    public let routeDistinguisher: RouteDistinguisher?
    public let importRouteTargets: [RouteTarget]
    public let exportRouteTargets: [RouteTarget]
    /// Those that hold on one side alone; `nil`: there are none.
    public let sideRouteTargets: [SideRouteTargets]?
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
    /// Routes for which the tables have no room: they are tried again until they are there.
    public let waitingRoutes: Int
    /// `nil`: no limit.
    public let maximumRoutes: UInt32?
    /// How many routes count against the limit: a prefix that is both the VRF's own and imported counts twice. `nil` without
    /// a limit.
    public let countedRoutes: Int?
    /// `nil`: no limit.
    public let maximumRoutesState: RouteLimitState?
    /// How many labels the VRF's routes take up, in use and in quarantine; `nil` where they have none of their own (`label mode`).
    public let routeLabels: Int?
    /// The most that they may take up; `nil` where they have none of their own.
    public let maximumLabels: Int?
    /// Memory that the VRF's routes take, in octets.
    public let routeMemoryBytes: Int
    /// What of the memory for routes is kept for the VRF, in octets; beyond it it takes what nobody's part needs.
    public let reservedRouteMemoryBytes: Int

    public init(
        name: String, number: Int, routeDistinguisher: RouteDistinguisher? = nil, importRouteTargets: [RouteTarget],
        exportRouteTargets: [RouteTarget], sideRouteTargets: [SideRouteTargets]? = nil, labels: [MPLSLabel] = [],
        isTransit: Bool, eligibleNeighbors: [IPAddress],
        interfaces: [String], ipv4Routes: Int, ipv6Routes: Int, waitingRoutes: Int = 0,
        maximumRoutes: UInt32? = nil, countedRoutes: Int? = nil, maximumRoutesState: RouteLimitState? = nil,
        routeLabels: Int? = nil, maximumLabels: Int? = nil, routeMemoryBytes: Int = 0, reservedRouteMemoryBytes: Int = 0
    ) {
        self.name = name
        self.number = number
        self.routeDistinguisher = routeDistinguisher
        self.importRouteTargets = importRouteTargets
        self.exportRouteTargets = exportRouteTargets
        self.sideRouteTargets = sideRouteTargets
        self.labels = labels
        self.isTransit = isTransit
        self.eligibleNeighbors = eligibleNeighbors
        self.interfaces = interfaces
        self.ipv4Routes = ipv4Routes
        self.ipv6Routes = ipv6Routes
        self.waitingRoutes = waitingRoutes
        self.maximumRoutes = maximumRoutes
        self.countedRoutes = countedRoutes
        self.maximumRoutesState = maximumRoutesState
        self.routeLabels = routeLabels
        self.maximumLabels = maximumLabels
        self.routeMemoryBytes = routeMemoryBytes
        self.reservedRouteMemoryBytes = reservedRouteMemoryBytes
    }
}

/// A VRF's route targets that hold on one side alone.
public struct SideRouteTargets: Codable, Hashable, Sendable {
    /// `core`, `nni` or `nni A.B.C.D`.
    public let side: String
    public let importRouteTargets: [RouteTarget]
    public let exportRouteTargets: [RouteTarget]

    public init(side: String, importRouteTargets: [RouteTarget], exportRouteTargets: [RouteTarget]) {
        self.side = side
        self.importRouteTargets = importRouteTargets
        self.exportRouteTargets = exportRouteTargets
    }
}

extension VRFStatus {
    /// Whether its routes have all labels that they may.
    fileprivate var hasAllLabels: Bool { routeLabels.map { $0 >= maximumLabels ?? .max } ?? false }

    /// What holds everywhere, and what holds somewhere with where.
    fileprivate func targets(
        _ everywhere: [RouteTarget], _ list: KeyPath<SideRouteTargets, [RouteTarget]>
    ) -> [String] {
        everywhere.map(\.description)
            + (sideRouteTargets ?? []).flatMap { side in side[keyPath: list].map { "\($0) (\(side.side))" } }
    }
}

extension VRFsResult: TabularResult {
    public func table() -> TextTable {
        var table = TextTable(
            [
                .name("VRF"), .name("RD"), .name("IMPORT"), .name("EXPORT"), .number("LABEL"), .name("TRANSIT"),
                .number("IPV4 ROUTES"), .number("IPV6 ROUTES"), .number("NO ROOM"), .number("COUNTED"),
                .number("MAXIMUM"), .name("LIMIT"), .number("ROUTE LABELS"), .number("MAXIMUM LABELS"),
                .number("MEMORY KIB"), .number("RESERVED KIB"),
                .name("ELIGIBLE ON"), .name("INTERFACES"),
            ], emptyText: "no VRFs")
        for vrf in vrfs {
            table.append([
                TextTable.Cell(vrf.name), TextTable.Cell(vrf.routeDistinguisher),
                TextTable.Cell(list: vrf.targets(vrf.importRouteTargets, \.importRouteTargets)),
                TextTable.Cell(list: vrf.targets(vrf.exportRouteTargets, \.exportRouteTargets)),
                TextTable.Cell(list: vrf.labels), TextTable.Cell(vrf.isTransit ? "yes" : "no"),
                TextTable.Cell(vrf.ipv4Routes), TextTable.Cell(vrf.ipv6Routes),
                TextTable.Cell(vrf.waitingRoutes, vrf.waitingRoutes == 0 ? .none : .bad),
                TextTable.Cell(vrf.countedRoutes), TextTable.Cell(vrf.maximumRoutes),
                TextTable.Cell(vrf.maximumRoutesState?.rawValue, vrf.maximumRoutesState?.emphasis ?? .none),
                TextTable.Cell(vrf.routeLabels, vrf.hasAllLabels ? .bad : .none), TextTable.Cell(vrf.maximumLabels),
                TextTable.Cell((vrf.routeMemoryBytes + 1023) / 1024),
                TextTable.Cell(vrf.reservedRouteMemoryBytes / 1024),
                TextTable.Cell(list: vrf.eligibleNeighbors), TextTable.Cell(list: vrf.interfaces),
            ])
        }
        return table
    }
}

extension RouteLimitState {
    fileprivate var emphasis: Emphasis {
        switch self {
        case .within: .none
        case .near: .warning
        case .exceeded, .refusing: .bad
        }
    }
}
