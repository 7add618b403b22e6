import CTableLayout
import ForwardingTables

/// The entries of one attached route map in the tables, and what they name.
struct InstalledRouteMap {
    let count: Int
    let criteria: [(first: UInt32, count: Int)]
    let lists: Set<UInt32>
    let nextHops: [UInt32]
    /// Next hops that are left out, since the ports of their circuits carry nothing.
    let withoutPort: Set<NextHopKey>
    /// The numbers of the VRFs that packets are given to.
    let targets: [String: UInt16]
}

extension InstalledTables {
    /// The first of a route map's entries in the tables, which are written if they are not there or name something else
    /// than they should.
    func routeMapIndex(of plan: RouteMapPlan) throws(TablesError) -> UInt32 {
        let lists = Set(plan.accessLists.compactMap { services.currentLists[$0] })
        var targets: [String: UInt16] = [:]
        for name in plan.targets { targets[name] = self.plan.vrfs[name]?.number }
        let withoutPort = Set(plan.entries.flatMap(\.nextHops).filter { !hasUsablePort($0) })
        if let current = services.currentRouteMaps[plan], let installed = services.routeMaps[current],
            installed.lists == lists, installed.targets == targets, installed.withoutPort == withoutPort
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
                for key in entry.nextHops {
                    guard !withoutPort.contains(key) else {
                        // Next hop 0 leads nowhere.
                        numbers.append(0)
                        continue
                    }
                    guard let number = acquire(key) else { throw .sectionFull(.nextHops) }
                    numbers.append(number)
                    nextHops.append(number)
                }
                records.append(entry.record(match: match, nextHops: numbers) { targets[$0] })
            }
            let first = try writer.addRouteMapEntries(records)
            services.routeMaps[first] = InstalledRouteMap(
                count: records.count, criteria: criteria, lists: lists, nextHops: nextHops,
                withoutPort: withoutPort, targets: targets)
            return first
        } catch {
            for criteria in criteria { writer.retireCriteria(first: criteria.first, count: criteria.count) }
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

    private func hasUsablePort(_ key: NextHopKey) -> Bool {
        guard case .gateway(_, let circuit, _) = key, let interface = plan.interfaces[circuit] else { return false }
        return !unusablePorts.contains(interface.port)
    }

    /// Gives back the entries that no services record names, and then their next hops.
    func sweepRouteMaps() {
        let live = Set(services.records.values.flatMap(\.routeMaps))
        for (first, map) in services.routeMaps where !live.contains(first) {
            services.routeMaps[first] = nil
            writer.retireRouteMapEntries(first: first, count: map.count)
            for criteria in map.criteria { writer.retireCriteria(first: criteria.first, count: criteria.count) }
            for number in map.nextHops { release(number) }
        }
    }
}
