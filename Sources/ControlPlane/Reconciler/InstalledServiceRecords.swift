import CTableLayout
import ForwardingTables

/// The services records in the tables, one for all interfaces with the same services: what is current, and what something
/// reachable still leads to.
final class InstalledServiceRecords {
    /// A services record and what it names.
    private struct Record {
        let octets: [UInt8]
        /// The first class of each policy.
        let policies: Set<UInt32>
        /// The first entry of each route map.
        let routeMaps: Set<UInt32>
        let lists: Set<UInt32>
    }

    private let context: TablesContext
    private let lists: InstalledAccessLists
    /// By index in the tables.
    private var records: [UInt32: Record] = [:]
    /// What is configured, and where it is. What has no place yet could not be installed.
    private(set) var current: [ServicesPlan: UInt32] = [:]
    /// The record that refuses all packets, made before any other.
    private(set) var refusing: UInt32?
    /// Whether something may have become unreachable since the last sweep.
    private(set) var isSweepDue = false

    init(_ context: TablesContext, lists: InstalledAccessLists) {
        self.context = context
        self.lists = lists
    }

    /// The first class of each policy that a record names.
    var namedPolicies: Set<UInt32> { Set(records.values.flatMap(\.policies)) }

    /// The first entry of each route map that a record names.
    var namedRouteMaps: Set<UInt32> { Set(records.values.flatMap(\.routeMaps)) }

    /// The access lists that records name.
    var namedLists: Set<UInt32> { Set(records.values.flatMap(\.lists)) }

    /// Where an interface's services are; `nil` if they could not be installed, and then it must not be reachable.
    func place(of interface: InterfacePlan) -> (index: UInt32, ingress: UInt8, egress: UInt8)? {
        let plan = interface.services
        guard !plan.isEmpty, interface.kind != .nni else { return (0, 0, 0) }
        guard let index = current[plan] else { return nil }
        guard index == refusing else { return (index, plan.ingressFeatures, plan.egressFeatures) }
        let refusing = ServicesPlan.refusing
        return (index, refusing.ingressFeatures, refusing.egressFeatures)
    }

    /// The record of some services, which is written if it is not there; `nil` if all packets are to be refused and not
    /// even the record for that is there.
    ///
    /// - Parameters:
    ///   - policies: where the policies are.
    ///   - routeMaps: where the route maps are.
    func index(
        of plan: ServicesPlan, policies: [[PolicyClassPlan]: UInt32], routeMaps: [RouteMapPlan: UInt32]
    ) throws(TablesError) -> UInt32? {
        guard !plan.refusesAll else { return refusing }
        var record = plan.record
        func list(_ key: AccessListKey?) -> UInt32 { key.flatMap { lists.current[$0] } ?? 0 }
        record.access_list_in_ipv4 = list(plan.inputLists[.ipv4])
        record.access_list_in_ipv6 = list(plan.inputLists[.ipv6])
        record.access_list_out_ipv4 = list(plan.outputLists[.ipv4])
        record.access_list_out_ipv6 = list(plan.outputLists[.ipv6])
        record.classes_in_first = policies[plan.inputClasses] ?? 0
        record.classes_out_first = policies[plan.outputClasses] ?? 0
        record.route_maps_in = plan.routeMapRecord(.input) { routeMaps[$0] }
        record.route_maps_out = plan.routeMapRecord(.output) { routeMaps[$0] }
        let wanted = octets(of: record)
        if let current = current[plan], records[current]?.octets == wanted { return current }
        let index = try context.writer.services.add(record)
        let named = [plan.inputLists, plan.outputLists].flatMap(\.values).map(list)
        records[index] = Record(
            octets: wanted, policies: Set([record.classes_in_first, record.classes_out_first]).subtracting([0]),
            routeMaps: Set(plan.routeMaps.values.compactMap { routeMaps[$0] }), lists: Set(named))
        return index
    }

    /// The record of an interface whose services do not fit: lists of nothing but the deny at the end. It is there
    /// before it is needed, since then there may be no room.
    func installRefusing() {
        guard refusing == nil else { return }
        let writer = context.writer
        refusing = context.attempt("services") { () throws(TablesError) in
            var record = stile_services()
            let deny = AccessRulePlan(permits: false, hits: 0, sequence: 0).record
            let lists = [
                try writer.accessLists.add(family: 4, rules: [deny]),
                try writer.accessLists.add(family: 6, rules: [deny]),
            ]
            (record.access_list_in_ipv4, record.access_list_in_ipv6) = (lists[0], lists[1])
            (record.access_list_out_ipv4, record.access_list_out_ipv6) = (lists[0], lists[1])
            return try writer.services.add(record)
        }
    }

    /// From now on these records are what is configured.
    func setCurrent(_ wanted: [ServicesPlan: UInt32]) { current = wanted }

    /// Notes that an interface's record has gone that led to services, or that something is configured otherwise.
    func noteDisuse() { isSweepDue = true }

    /// Gives back the records that are not current and not among those that are reached.
    func sweep(reached: Set<UInt32>) {
        isSweepDue = false
        let live = reached.union(current.values)
        for index in records.keys where !live.contains(index) {
            records[index] = nil
            context.writer.services.retire(index)
        }
    }
}
