import CTableLayout
import Configuration

/// How much of the customers' services the tables hold. Half of a section is for what is configured, and half for the
/// old beside the new while they change places.
struct ServiceLimits {
    let accessHits: Int
    let accessLists: Int
    let accessRules: Int
    let policyClasses: Int
    let criteria: Int
    let routeMapEntries: Int

    init(_ header: stile_tables_header) {
        // Number 0 of each stands for none.
        accessHits = Int(STILE_MAX_ACCESS_HITS) - 1
        accessLists = Int(header.access_lists.count) / 2 - 1
        accessRules = Int(header.access_rules.count) / 2 - 1
        policyClasses = min(Int(STILE_MAX_CLASS_INSTANCES), Int(header.policy_classes.count) / 2) - 1
        criteria = Int(header.criteria.count) / 2 - 1
        routeMapEntries = Int(header.route_map_entries.count) / 2 - 1
    }
}

/// Something that is configured and does not fit.
struct ServiceRefusal: Hashable, Sendable {
    /// What the line to be shown belongs to.
    let object: ConfigurationObject
    let message: String
}
