import ForwardingTables

/// The customers' services in the tables.
///
/// Lists, policies, route maps and services records are never changed: what is configured otherwise gets new ones,
/// interfaces are brought to them, and what nothing reaches any more is swept away.
final class InstalledServices {
    private let context: TablesContext
    let lists: InstalledAccessLists
    let records: InstalledServiceRecords
    private let policies: InstalledPolicies
    private let routeMaps: InstalledRouteMaps
    /// Whether something did not fit, and is to be tried again when the old has gone.
    private(set) var isIncomplete = false

    init(
        _ context: TablesContext, lists: InstalledAccessLists, records: InstalledServiceRecords,
        nextHops: InstalledNextHops
    ) {
        self.context = context
        self.lists = lists
        self.records = records
        policies = InstalledPolicies(context, lists: lists)
        routeMaps = InstalledRouteMaps(context, lists: lists, nextHops: nextHops)
    }

    var hasRouteMaps: Bool { !routeMaps.isEmpty }

    /// Writes what the plan's services need and the tables do not have. Nothing leads to it yet.
    ///
    /// - Returns: the interfaces whose services are in another place now.
    func install() -> [String] {
        let plans = context.plan.usersOfServices
        let former = records.current
        guard !plans.isEmpty || !former.isEmpty else { return [] }
        records.noteDisuse()
        records.installRefusing()
        isIncomplete = !lists.install()
        var policies: [[PolicyClassPlan]: UInt32] = [:]
        var routeMaps: [RouteMapPlan: UInt32] = [:]
        var current: [ServicesPlan: UInt32] = [:]
        for wanted in plans.keys {
            let found: UInt32?? = context.attempt("services") { () throws(TablesError) -> UInt32? in
                guard hasLists(of: wanted) else { return records.refusing }
                for classes in [wanted.inputClasses, wanted.outputClasses] where !classes.isEmpty {
                    policies[classes] = try self.policies.index(of: classes)
                }
                for map in wanted.routeMaps.values where routeMaps[map] == nil {
                    routeMaps[map] = try self.routeMaps.index(of: map)
                }
                return try records.index(of: wanted, policies: policies, routeMaps: routeMaps)
            }
            if found == nil { isIncomplete = true }
            current[wanted] = (found ?? nil) ?? records.refusing
        }
        self.policies.setCurrent(policies)
        self.routeMaps.setCurrent(routeMaps)
        records.setCurrent(current)
        return plans.keys.filter { former[$0] != current[$0] }.flatMap { plans[$0] ?? [] }
    }

    /// Whether every list that the services look at is in the tables: a list 0 would be one that takes all packets.
    private func hasLists(of plan: ServicesPlan) -> Bool {
        plan.accessLists.allSatisfy { lists.current[$0] != nil }
    }

    /// Gives back what no interface or label leads to any more, and nothing waits for.
    ///
    /// - Parameter reached: the services records that interfaces and labels lead to.
    func sweep(reached: Set<UInt32>) {
        records.sweep(reached: reached)
        policies.sweep(named: records.namedPolicies)
        routeMaps.sweep(named: records.namedRouteMaps)
        lists.sweep(named: records.namedLists.union(policies.namedLists).union(routeMaps.namedLists))
    }
}
