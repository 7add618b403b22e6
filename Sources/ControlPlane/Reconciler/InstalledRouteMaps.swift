import Addressing
import CTableLayout
import ForwardingTables

/// The entries of one attached route map in the tables, and what they name.
struct InstalledRouteMap {
    let count: Int
    let criteria: [(first: UInt32, count: Int)]
    let lists: Set<UInt32>
    let nextHops: [UInt32]
    /// What its next hops are; `nil` for those that are left out, since the ports of their circuits carry nothing.
    let keys: [NextHopKey?]
    /// The numbers of the VRFs that packets are given to.
    let targets: [String: VRFNumber]
}

extension InstalledTables {
    /// The first of a route map's entries in the tables, which are written if they are not there or name something else
    /// than they should.
    func routeMapIndex(of plan: RouteMapPlan) throws(TablesError) -> UInt32 {
        let lists = Set(plan.accessLists.compactMap { services.currentLists[$0] })
        var targets: [String: VRFNumber] = [:]
        for name in plan.targets { targets[name] = self.plan.vrfs[name]?.number }
        let keys = plan.entries.flatMap(\.nextHops).map(usableKey)
        if let current = services.currentRouteMaps[plan], let installed = services.routeMaps[current],
            installed.lists == lists, installed.targets == targets, installed.keys == keys
        {
            return current
        }
        var criteria: [(first: UInt32, count: Int)] = []
        var nextHops: [UInt32] = []
        do throws(TablesError) {
            var records: [stile_route_map_entry] = []
            for entry in plan.entries {
                let match = try classMap(entry.match, &criteria)
                var numbers: [UInt32] = []
                for neighbor in entry.nextHops {
                    guard let key = usableKey(neighbor) else {
                        // Next hop 0 leads nowhere.
                        numbers.append(0)
                        continue
                    }
                    guard let number = acquire(key) else { throw .sectionFull(.nextHops) }
                    numbers.append(number)
                    nextHops.append(number)
                }
                records.append(entry.record(match: match, nextHops: numbers) { targets[$0]?.rawValue })
            }
            let first = try writer.routeMapEntries.add(records)
            services.routeMaps[first] = InstalledRouteMap(
                count: records.count, criteria: criteria, lists: lists, nextHops: nextHops,
                keys: keys, targets: targets)
            return first
        } catch {
            for criteria in criteria { writer.criteria.retire(first: criteria.first, count: criteria.count) }
            for number in nextHops { release(number) }
            throw error
        }
    }

    /// Says which ports carry nothing: their neighbors count as resolved until they have been asked in vain, which takes
    /// longer than packets should be lost.
    func setUnusablePorts(_ ports: Set<UInt16>) {
        guard ports != unusablePorts else { return }
        unusablePorts = ports
        if !services.routeMaps.isEmpty { apply(plan, .ofServices) }
    }

    /// The next hop by a circuit's neighbor; `nil` where the circuit is not in the plan or its port carries nothing.
    private func usableKey(_ neighbor: CircuitNeighbor) -> NextHopKey? {
        guard let interface = plan.interfaces[neighbor.circuit], !unusablePorts.contains(interface.port),
            let vrf = plan.vrfs[neighbor.vrf]
        else { return nil }
        return .gateway(vrf: vrf.number, circuit: interface.number, neighbor.address)
    }

    /// Gives back the entries that no services record names, and then their next hops.
    func sweepRouteMaps() {
        let live = Set(services.records.values.flatMap(\.routeMaps))
        for (first, map) in services.routeMaps where !live.contains(first) {
            services.routeMaps[first] = nil
            writer.routeMapEntries.retire(first: first, count: map.count)
            for criteria in map.criteria { writer.criteria.retire(first: criteria.first, count: criteria.count) }
            for number in map.nextHops { release(number) }
        }
    }
}
