import ForwardingTables

/// The records of VRFs in the tables, as the plan has them, and their parts of what the tables hold.
struct InstalledVRFs {
    let context: TablesContext
    /// How they share next hops, and the links to their circuits' neighbors.
    let shares: [TableShares]

    /// Brings the records from the old plan to the new one.
    func set(_ changes: PlanChanges, old: [String: VRFPlan]) {
        for name in changes.vrfs {
            guard let vrf = context.plan.vrfs[name] else { continue }
            let before = old[name]
            if before?.flags != vrf.flags || before?.number != vrf.number { setFlags(of: vrf) }
            guard before?.flowMetering != vrf.flowMetering || before?.number != vrf.number else { continue }
            _ = context.attempt(.vrfs, "flow monitor of vrf \(name)") { () throws(TablesError) in
                try context.writer.flows.setMetering(vrf.flowMetering, ofVRF: vrf.number.rawValue)
            }
        }
    }

    func setFlags(of vrf: VRFPlan) {
        _ = context.attempt(.vrfs, "vrf \(vrf.identity.name)") { () throws(TablesError) in
            try context.writer.vrfs.setFlags(vrf.flags, ofVRF: vrf.number.rawValue)
        }
    }

    /// Half of what the tables hold of routes and next hops is the VRFs' in equal parts, the other half anybody's. A
    /// VRF with a `memory reserve` has that part of the memory instead.
    func setShares() {
        let vrfs = context.plan.vrfs
        let memory = context.writer.routes.memory
        let reserved = vrfs.values.filter { $0.reservedRouteBytes > 0 }
        // What is configured is for the tables that are asked for; those on hugepages may have become smaller.
        let asked = max(reserved.reduce(0) { $0 + $1.reservedRouteBytes }, 1)
        let given = min(asked, memory.capacity)
        let others = vrfs.count - reserved.count
        let part = (memory.capacity - (reserved.isEmpty ? 0 : given)) / 2 / max(others, 1)
        var parts: [UInt16: Int] = [:]
        for vrf in vrfs.values {
            parts[vrf.number.rawValue] =
                vrf.reservedRouteBytes > 0
                ? Int(Double(vrf.reservedRouteBytes) * Double(given) / Double(asked)) : part
        }
        memory.setParts(parts)
        for shares in shares {
            let part = shares.capacity / 2 / max(vrfs.count, 1)
            shares.setParts(Dictionary(uniqueKeysWithValues: vrfs.values.map { ($0.number.rawValue, part) }))
        }
    }
}
