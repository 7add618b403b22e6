import CTableLayout
import ForwardingTables

/// The attached policies in the tables, and their table maps. A policy is never changed: what is configured otherwise, or
/// looks at other lists, is written anew.
final class InstalledPolicies {
    /// The classes of one attached policy, and what they name.
    private struct Policy {
        let count: Int
        let criteria: [(first: UInt32, count: Int)]
        let lists: Set<UInt32>
        let tableMaps: Set<UInt32>
    }

    private let context: TablesContext
    private let lists: InstalledAccessLists
    /// By the index of the first class.
    private var policies: [UInt32: Policy] = [:]
    private var tableMaps: Set<UInt32> = []

    // What is configured, and where it is. What has no place yet could not be installed.
    private var current: [[PolicyClassPlan]: UInt32] = [:]
    private var currentTableMaps: [TableMapPlan: UInt32] = [:]

    init(_ context: TablesContext, lists: InstalledAccessLists) {
        self.context = context
        self.lists = lists
    }

    /// The access lists that policies name.
    var namedLists: Set<UInt32> { Set(policies.values.flatMap(\.lists)) }

    /// The first of a policy's classes in the tables, which are written if they are not there or look at other lists than
    /// they should.
    func index(of classes: [PolicyClassPlan]) throws(TablesError) -> UInt32 {
        // Criteria name lists and so have to be written anew exactly when a list has taken another's place.
        let named = Set(classes.flatMap(\.accessLists).compactMap { lists.current[$0] })
        if let current = current[classes], policies[current]?.lists == named { return current }
        var added: [(first: UInt32, count: Int)] = []
        do throws(TablesError) {
            var records: [stile_policy_class] = []
            var tableMaps: Set<UInt32> = []
            for plan in classes {
                var record = stile_policy_class()
                record.match = try lists.classMap(plan.match, &added)
                record.instance = plan.instance
                record.dscp = plan.dscp ?? UInt8(STILE_UNMARKED)
                record.traffic_class = plan.trafficClass ?? UInt8(STILE_UNMARKED)
                record.dscp_table = try tableMapIndex(of: plan.dscpTable, &tableMaps)
                record.traffic_class_table = try tableMapIndex(of: plan.trafficClassTable, &tableMaps)
                if let policer = plan.policer {
                    record.policer = policer.record
                    record.policer.conform_colour = try lists.classMap(policer.colours?.conform, &added)
                    record.policer.exceed_colour = try lists.classMap(policer.colours?.exceed, &added)
                }
                records.append(record)
            }
            let first = try context.writer.policyClasses.add(records)
            policies[first] = Policy(count: records.count, criteria: added, lists: named, tableMaps: tableMaps)
            return first
        } catch {
            lists.retire(added)
            throw error
        }
    }

    private func tableMapIndex(of plan: TableMapPlan?, _ used: inout Set<UInt32>) throws(TablesError) -> UInt16 {
        guard let plan else { return 0 }
        let index: UInt32
        if let current = currentTableMaps[plan] {
            index = current
        } else {
            index = try context.writer.tableMaps.add(plan.record)
            currentTableMaps[plan] = index
            tableMaps.insert(index)
        }
        used.insert(index)
        return UInt16(truncatingIfNeeded: index)
    }

    /// From now on these policies are what is configured.
    func setCurrent(_ wanted: [[PolicyClassPlan]: UInt32]) {
        current = wanted
        currentTableMaps = currentTableMaps.filter { map in
            wanted.values.contains { policies[$0]?.tableMaps.contains(map.value) == true }
        }
    }

    /// Gives back the policies that are not among those that are named, and what those alone had.
    func sweep(named: Set<UInt32>) {
        for (first, policy) in policies where !named.contains(first) {
            policies[first] = nil
            context.writer.policyClasses.retire(first: first, count: policy.count)
            lists.retire(policy.criteria)
        }
        let live = Set(policies.values.flatMap(\.tableMaps)).union(currentTableMaps.values)
        for index in tableMaps where !live.contains(index) {
            tableMaps.remove(index)
            context.writer.tableMaps.retire(index)
        }
    }
}
