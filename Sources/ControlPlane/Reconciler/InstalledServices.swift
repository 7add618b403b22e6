import CTableLayout
import ForwardingTables

/// The customers' services in the tables: what is current, and what something reachable still leads to.
///
/// Lists, classes and services records are never changed: what is configured otherwise gets new ones, interfaces are
/// brought to them, and what nothing reaches any more is swept away.
struct InstalledServices {
    /// A services record and what it names.
    struct Record {
        let octets: [UInt8]
        let lists: Set<UInt32>
        /// The first class of each policy.
        let policies: Set<UInt32>
        /// The first entry of each route map.
        let routeMaps: Set<UInt32>
    }

    /// The classes of one attached policy, and what they name.
    struct Policy {
        let octets: [UInt8]
        let count: Int
        let criteria: [(first: UInt32, count: Int)]
        let lists: Set<UInt32>
        let tableMaps: Set<UInt32>
    }

    /// By index in the tables.
    var records: [UInt32: Record] = [:]
    /// By the index of the first class.
    var policies: [UInt32: Policy] = [:]
    /// By the index of the first entry.
    var routeMaps: [UInt32: InstalledRouteMap] = [:]
    var lists: [UInt32: AccessListPlan] = [:]
    var tableMaps: [UInt32: TableMapPlan] = [:]

    // What is configured, and where it is. What has no place yet could not be installed.
    var currentRecords: [ServicesPlan: UInt32] = [:]
    var currentPolicies: [[PolicyClassPlan]: UInt32] = [:]
    var currentRouteMaps: [RouteMapPlan: UInt32] = [:]
    var currentLists: [AccessListKey: UInt32] = [:]
    var currentTableMaps: [TableMapPlan: UInt32] = [:]

    /// Lists that take their places when the data plane has compiled them.
    var waitingLists: [AccessListKey: WaitingList] = [:]

    /// The record that refuses all packets, made before any other.
    var refusing: UInt32?
    /// Whether something may have become unreachable since the last sweep.
    var isSweepDue = false
    /// Whether something did not fit, and is to be tried again when the old has gone.
    var isIncomplete = false

    // What the control process last saw.
    var now = Duration.zero
    /// How far the data plane has compiled lists; `nil`: there is none that does.
    var compiledSequence: UInt64?
}

extension InstalledServices {
    /// Whether every list that the services look at is in the tables: a list 0 would be one that takes all packets.
    func hasLists(of plan: ServicesPlan) -> Bool { plan.accessLists.allSatisfy { currentLists[$0] != nil } }
}

extension InstalledTables {
    /// How much of services the tables hold.
    var serviceLimits: ServiceLimits { ServiceLimits(writer.reader.header.pointee) }

    /// Writes what the plan's services need and the tables do not have. Nothing leads to it yet.
    ///
    /// - Returns: the interfaces whose services are in another place now.
    func installServices() -> [String] {
        let wanted = plan.usersOfServices.keys
        guard !wanted.isEmpty || !services.currentRecords.isEmpty else { return [] }
        services.isIncomplete = false
        services.isSweepDue = true
        installRefusingRecord()
        installAccessLists()
        var policies: [[PolicyClassPlan]: UInt32] = [:]
        var routeMaps: [RouteMapPlan: UInt32] = [:]
        var records: [ServicesPlan: UInt32] = [:]
        for wanted in wanted {
            let found: UInt32?? = attempt("services") { () throws(TablesError) -> UInt32? in
                guard services.hasLists(of: wanted) else { return services.refusing }
                for classes in [wanted.inputClasses, wanted.outputClasses] where !classes.isEmpty {
                    policies[classes] = try policyIndex(of: classes)
                }
                for map in wanted.routeMaps.values where routeMaps[map] == nil {
                    routeMaps[map] = try routeMapIndex(of: map)
                }
                return try recordIndex(of: wanted, policies: policies, routeMaps: routeMaps)
            }
            if found == nil { services.isIncomplete = true }
            records[wanted] = (found ?? nil) ?? services.refusing
        }
        services.currentPolicies = policies
        services.currentRouteMaps = routeMaps
        let before = services.currentRecords
        services.currentRecords = records
        services.currentTableMaps = services.currentTableMaps.filter { map in
            policies.values.contains { services.policies[$0]?.tableMaps.contains(map.value) == true }
        }
        return wanted.filter { before[$0] != records[$0] }.flatMap { plan.usersOfServices[$0] ?? [] }
    }

    /// Where an interface's services are; `nil` if they could not be installed, and then it must not be reachable.
    func installedServices(of interface: InterfacePlan) -> (index: UInt32, ingress: UInt8, egress: UInt8)? {
        let plan = interface.services
        guard !plan.isEmpty, interface.kind != .nni else { return (0, 0, 0) }
        guard let index = services.currentRecords[plan] else { return nil }
        guard index == services.refusing else { return (index, plan.ingressFeatures, plan.egressFeatures) }
        let refusing = ServicesPlan.refusing
        return (index, refusing.ingressFeatures, refusing.egressFeatures)
    }

    // MARK: Records

    private func recordIndex(
        of plan: ServicesPlan, policies: [[PolicyClassPlan]: UInt32], routeMaps: [RouteMapPlan: UInt32]
    ) throws(TablesError) -> UInt32? {
        guard !plan.refusesAll else { return services.refusing }
        var record = plan.record
        func list(_ key: AccessListKey?) -> UInt32 { key.flatMap { services.currentLists[$0] } ?? 0 }
        record.access_list_in_ipv4 = list(plan.inputLists[.ipv4])
        record.access_list_in_ipv6 = list(plan.inputLists[.ipv6])
        record.access_list_out_ipv4 = list(plan.outputLists[.ipv4])
        record.access_list_out_ipv6 = list(plan.outputLists[.ipv6])
        record.classes_in_first = policies[plan.inputClasses] ?? 0
        record.classes_out_first = policies[plan.outputClasses] ?? 0
        record.route_maps_in = plan.routeMapRecord(.input) { routeMaps[$0] }
        record.route_maps_out = plan.routeMapRecord(.output) { routeMaps[$0] }
        let wanted = octets(of: record)
        if let current = services.currentRecords[plan], services.records[current]?.octets == wanted { return current }
        let index = try writer.services.add(record)
        let lists = [plan.inputLists, plan.outputLists].flatMap(\.values).map(list)
        services.records[index] = InstalledServices.Record(
            octets: wanted, lists: Set(lists),
            policies: Set([record.classes_in_first, record.classes_out_first]).subtracting([0]),
            routeMaps: Set(plan.routeMaps.values.compactMap { routeMaps[$0] }))
        return index
    }

    /// The record of an interface whose services do not fit: lists of nothing but the deny at the end. It is there
    /// before it is needed, since then there may be no room.
    private func installRefusingRecord() {
        guard services.refusing == nil else { return }
        services.refusing = attempt("services") { () throws(TablesError) in
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

    // MARK: Policies

    private func policyIndex(of classes: [PolicyClassPlan]) throws(TablesError) -> UInt32 {
        let current = services.currentPolicies[classes]
        // Criteria name lists and so have to be written anew exactly when a list has taken another's place.
        let lists = Set(classes.flatMap(\.accessLists).compactMap { services.currentLists[$0] })
        if let current, services.policies[current]?.lists == lists { return current }
        var added: [(first: UInt32, count: Int)] = []
        do throws(TablesError) {
            var records: [stile_policy_class] = []
            var tableMaps: Set<UInt32> = []
            for plan in classes {
                var record = stile_policy_class()
                record.match = try classMap(plan.match, &added)
                record.instance = plan.instance
                record.dscp = plan.dscp ?? UInt8(STILE_UNMARKED)
                record.traffic_class = plan.trafficClass ?? UInt8(STILE_UNMARKED)
                record.dscp_table = try tableMapIndex(of: plan.dscpTable, &tableMaps)
                record.traffic_class_table = try tableMapIndex(of: plan.trafficClassTable, &tableMaps)
                if let policer = plan.policer {
                    record.policer = policer.record
                    record.policer.conform_colour = try classMap(policer.colours?.conform, &added)
                    record.policer.exceed_colour = try classMap(policer.colours?.exceed, &added)
                }
                records.append(record)
            }
            let first = try writer.policyClasses.add(records)
            services.policies[first] = InstalledServices.Policy(
                octets: records.flatMap { octets(of: $0) }, count: records.count, criteria: added, lists: lists,
                tableMaps: tableMaps)
            return first
        } catch {
            for criteria in added { writer.criteria.retire(first: criteria.first, count: criteria.count) }
            throw error
        }
    }

    func classMap(
        _ plan: ClassMapPlan?, _ added: inout [(first: UInt32, count: Int)]
    ) throws(TablesError) -> stile_class_map {
        var record = stile_class_map()
        guard let plan, !plan.criteria.isEmpty else { return record }
        record.first_criterion = try writer.criteria.add(
            plan.criteria.map { $0.record { services.currentLists[$0] ?? 0 } })
        added.append((record.first_criterion, plan.criteria.count))
        record.criterion_count = UInt16(clamping: plan.criteria.count)
        record.requires_all = plan.requiresAll ? 1 : 0
        return record
    }

    private func tableMapIndex(of plan: TableMapPlan?, _ used: inout Set<UInt32>) throws(TablesError) -> UInt16 {
        guard let plan else { return 0 }
        let index: UInt32
        if let current = services.currentTableMaps[plan] {
            index = current
        } else {
            index = try writer.tableMaps.add(plan.record)
            services.currentTableMaps[plan] = index
            services.tableMaps[index] = plan
        }
        used.insert(index)
        return UInt16(truncatingIfNeeded: index)
    }

    // MARK: Sweeping

    /// Gives back what no interface or label leads to any more, and nothing waits for.
    func sweepServices() {
        guard services.isSweepDue else { return }
        services.isSweepDue = false
        var live = Set(records.values.map(\.services)).union(labels.all.values.map(\.record.services))
        live.formUnion(services.currentRecords.values)
        for index in services.records.keys where !live.contains(index) {
            services.records[index] = nil
            writer.services.retire(index)
        }
        let policies = Set(services.records.values.flatMap(\.policies))
        for (first, policy) in services.policies where !policies.contains(first) {
            services.policies[first] = nil
            writer.policyClasses.retire(first: first, count: policy.count)
            for criteria in policy.criteria { writer.criteria.retire(first: criteria.first, count: criteria.count) }
        }
        sweepRouteMaps()
        let tableMaps = Set(services.policies.values.flatMap(\.tableMaps)).union(services.currentTableMaps.values)
        for index in services.tableMaps.keys where !tableMaps.contains(index) {
            services.tableMaps[index] = nil
            writer.tableMaps.retire(index)
        }
        sweepAccessLists()
    }
}
