import Addressing
import CTableLayout
import ForwardingTables

/// The attached route maps in the tables. One is never changed: what is configured otherwise, or leads elsewhere, is
/// written anew.
final class InstalledRouteMaps {
    /// The entries of one attached route map, and what they name.
    private struct RouteMap {
        let count: Int
        let criteria: [(first: UInt32, count: Int)]
        let lists: Set<UInt32>
        let nextHops: [UInt32]
        /// What its next hops are; `nil` for those that are left out, since the ports of their circuits carry nothing.
        let keys: [NextHopKey?]
        /// The numbers of the VRFs that packets are given to.
        let targets: [String: VRFNumber]
    }

    private let context: TablesContext
    private let lists: InstalledAccessLists
    private let nextHops: InstalledNextHops
    /// By the index of the first entry.
    private var routeMaps: [UInt32: RouteMap] = [:]
    /// What is configured, and where it is. What has no place yet could not be installed.
    private var current: [RouteMapPlan: UInt32] = [:]

    init(_ context: TablesContext, lists: InstalledAccessLists, nextHops: InstalledNextHops) {
        self.context = context
        self.lists = lists
        self.nextHops = nextHops
    }

    var isEmpty: Bool { routeMaps.isEmpty }

    /// The access lists that route maps name.
    var namedLists: Set<UInt32> { Set(routeMaps.values.flatMap(\.lists)) }

    /// The first of a route map's entries in the tables, which are written if they are not there or name something else
    /// than they should.
    func index(of plan: RouteMapPlan) throws(TablesError) -> UInt32 {
        let named = Set(plan.accessLists.compactMap { lists.current[$0] })
        var targets: [String: VRFNumber] = [:]
        for name in plan.targets { targets[name] = context.plan.vrfs[name]?.number }
        let keys = plan.entries.flatMap(\.nextHops).map(usableKey)
        if let current = current[plan], let installed = routeMaps[current],
            installed.lists == named, installed.targets == targets, installed.keys == keys
        {
            return current
        }
        var criteria: [(first: UInt32, count: Int)] = []
        var acquired: [UInt32] = []
        do throws(TablesError) {
            var records: [stile_route_map_entry] = []
            for entry in plan.entries {
                let match = try lists.classMap(entry.match, &criteria)
                var numbers: [UInt32] = []
                for neighbor in entry.nextHops {
                    guard let key = usableKey(neighbor) else {
                        // Next hop 0 leads nowhere.
                        numbers.append(0)
                        continue
                    }
                    guard let number = nextHops.acquire(key) else { throw .sectionFull(.nextHops) }
                    numbers.append(number)
                    acquired.append(number)
                }
                records.append(entry.record(match: match, nextHops: numbers) { targets[$0]?.rawValue })
            }
            let first = try context.writer.routeMapEntries.add(records)
            routeMaps[first] = RouteMap(
                count: records.count, criteria: criteria, lists: named, nextHops: acquired, keys: keys,
                targets: targets)
            return first
        } catch {
            lists.retire(criteria)
            for number in acquired { nextHops.release(number) }
            throw error
        }
    }

    /// From now on these route maps are what is configured.
    func setCurrent(_ wanted: [RouteMapPlan: UInt32]) { current = wanted }

    /// Gives back the entries of those that are not among the named ones, and then their next hops.
    func sweep(named: Set<UInt32>) {
        for (first, map) in routeMaps where !named.contains(first) {
            routeMaps[first] = nil
            context.writer.routeMapEntries.retire(first: first, count: map.count)
            lists.retire(map.criteria)
            for number in map.nextHops { nextHops.release(number) }
        }
    }

    /// The next hop by a circuit's neighbor; `nil` where the circuit is not in the plan or its port carries nothing.
    private func usableKey(_ neighbor: CircuitNeighbor) -> NextHopKey? {
        let plan = context.plan
        guard let interface = plan.interfaces[neighbor.circuit], !context.unusablePorts.contains(interface.port),
            let vrf = plan.vrfs[neighbor.vrf]
        else { return nil }
        return .gateway(vrf: vrf.number, circuit: interface.number, neighbor.address, neighbor.address.family)
    }
}
