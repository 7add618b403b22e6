/// Why a change of the tables was not made. Nothing of it has been applied.
public enum TablesError: Error, Hashable, Sendable {
    /// No free entry, or no memory behind it.
    case sectionFull(TablesSection)
    /// No memory in the FIB arena for this update.
    case fibArenaFull
    /// An index or count that the section does not have.
    case outOfRange(TablesSection)
    /// Next hop 0 means "no route" and cannot be a route's.
    case noNextHop
}

/// The parts of the tables, in the order of the file.
public enum TablesSection: String, Hashable, Sendable, CaseIterable {
    case ports
    case vlanMaps = "vlan maps"
    case interfaces
    case labelEntries = "label entries"
    case labelSources = "label sources"
    case sourceSets = "source sets"
    case contextTables = "context tables"
    case localServices = "local services"
    case vrfs
    case ipv4Roots = "IPv4 roots"
    case ipv6Roots = "IPv6 roots"
    case nextHops = "next hops"
    case groups
    case replications = "replication lists"
    case links
    case adjacencies
    case neighbors
    case services
    case accessLists = "access lists"
    case accessRules = "access rules"
    case accessVectors = "compiled access lists"
    case policyClasses = "policy classes"
    case criteria = "class criteria"
    case tableMaps = "table maps"
    case routeMapEntries = "route map entries"
    case fib
}

extension TablesError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .sectionFull(let section): "no room for further \(section.rawValue)"
        case .fibArenaFull: "no memory left for routes in the forwarding tables"
        case .outOfRange(let section): "index out of range: \(section.rawValue)"
        case .noNextHop: "a route needs a next hop"
        }
    }
}
