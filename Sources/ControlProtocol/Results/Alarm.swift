/// Something that is not as it should be, shown by `show status` for as long as it lasts.
public struct Alarm: Codable, Hashable, Sendable {
    public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
        case routesWithoutRoom = "routes_without_room"
        case nextHopsWithoutRoom = "next_hops_without_room"
        case labelsWithoutRoom = "labels_without_room"
        case interfacesWithoutRoom = "interfaces_without_room"
        case servicesWithoutRoom = "services_without_room"
        case neighborsWithoutRoom = "neighbors_without_room"
        case strictReversePath = "strict_reverse_path"
        case maximumRoutesReached = "maximum_routes_reached"
        case maximumRoutesNear = "maximum_routes_near"
        case commitsUnreadable = "commits_unreadable"
        case configurationFileChanged = "configuration_file_changed"
        case metricsNotServed = "metrics_not_served"
    }

    public let kind: Kind
    public let since: Timestamp
    /// How many of them there are now.
    public let count: Int
    /// Whose they are: the first names in order.
    public let subjects: [String]
    public let help: String

    public init(kind: Kind, since: Timestamp, count: Int, subjects: [String]) {
        self.kind = kind
        self.since = since
        self.count = count
        self.subjects = subjects
        help = kind.help
    }
}

extension Alarm.Kind {
    /// One sentence for people.
    public var help: String {
        switch self {
        case .routesWithoutRoom: "routes for which the tables have no room: their packets go by another route or none"
        case .nextHopsWithoutRoom: "next hops for which the tables have no room: they refuse packets"
        case .labelsWithoutRoom: "labels for which there is no number or no room: they are not advertised"
        case .interfacesWithoutRoom: "parts of the configuration for which the tables have no room: they carry nothing"
        case .servicesWithoutRoom: "services for which the tables have no room: their interfaces refuse packets"
        case .strictReversePath:
            "links of VRFs where the kernel checks reverse paths strictly (rp_filter): it drops BGP where addresses are equal"
        case .neighborsWithoutRoom: "link neighbors for which the tables have no room: a restart asks for them anew"
        case .maximumRoutesReached: "VRFs that refuse routes because of 'maximum routes'"
        case .maximumRoutesNear: "VRFs that are near to their 'maximum routes'"
        case .commitsUnreadable: "commits that could not be read: the box started with the last one before them"
        case .configurationFileChanged:
            "configuration files that are others than when they were taken: 'commit FILE' puts one into force"
        case .metricsNotServed: "addresses where metrics cannot be served: the log says why"
        }
    }
}
