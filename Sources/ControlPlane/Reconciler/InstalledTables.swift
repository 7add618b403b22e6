import Addressing
import CTableLayout
import ForwardingTables
import Routing

/// One generation of the tables with what is in it and why: brings them to what plan, routes, labels and neighbors ask
/// for, and leaves alone what is as it should be. First start, change and restart go the same way.
///
/// Every change is made before break: new records are written and reached by one store; what they replace is retired
/// afterwards and reused when no worker can see it.
final class InstalledTables {
    let writer: TablesWriter
    /// What is known of neighbors; asked whenever a link is worked out.
    let neighborEntry: (NeighborKey) -> NeighborEntry?
    private(set) var plan = ForwardingPlan()

    // The parts of the tables; the extensions in this folder own one each.
    var records: [String: InstalledRecord] = [:]
    var positions: [InterfacePosition: UInt32] = [:]
    var labels = InstalledLabels()
    var labelTables: [String: InstalledLabelTable] = [:]
    var sources = InstalledSources()
    var nextHopNumbers: [NextHopKey: UInt32] = [:]
    var nextHops: [UInt32: InstalledNextHop] = [:]
    var nextHopsOfVRF = NumberedTable<VRFNumber, Set<UInt32>>()
    var links = InstalledLinks()
    /// The next hops that lead to each neighbor.
    var dependents: [NeighborKey: Set<UInt32>] = [:]
    /// The routes that neighbors have for being there, whether or not routing has one of its own in their place.
    var hosts = NumberedTable<VRFNumber, [IPPrefix: NextHopKey]>()
    /// Prefixes of full length that routing has set: a neighbor's own route gives way to them.
    var routedHosts = NumberedTable<VRFNumber, Set<IPPrefix>>()
    /// Next hops whose neighbor is to be resolved, or no longer, since this was last taken.
    var changedNeeds: Set<NeighborKey> = []
    /// Ports that carry nothing.
    var unusablePorts: Set<UInt16> = []
    /// The customers' services.
    var services = InstalledServices()
    /// What found no room.
    var waiting = WaitingChanges()
    /// How the VRFs share the next hops, and the links to their circuits' neighbors. Some adjacencies are nobody's part: a
    /// neighbor's new address takes a new one before the old is free.
    let nextHopShares: TableShares
    let linkShares: TableShares
    /// How often the tables had got something back when the plan was last applied.
    private(set) var givenBackAtLastApply: UInt64 = 0
    /// When that was.
    private(set) var appliedAt = Duration.zero
    private(set) var failures: [String] = []
    /// How many records, next hops, links and label entries have been compared with what they should be.
    var comparisons: UInt64 = 0

    /// - Parameter neighborEntry: is called while the tables change and must not call back.
    init(writer: TablesWriter, neighborEntry: @escaping (NeighborKey) -> NeighborEntry?) {
        self.writer = writer
        self.neighborEntry = neighborEntry
        let capacities = writer.capacities
        nextHopShares = TableShares(capacity: capacities.nextHops - 1)
        let adjacencies = capacities.adjacencies - Int(STILE_ADJACENCY_FIRST.rawValue)
        linkShares = TableShares(capacity: min(capacities.links - 1, adjacencies - adjacencies / 16))
    }

    /// Brings ports, VRFs and interfaces to the plan. A label whose unit the plan no longer has stays as it is until
    /// routing takes it back, which it does once the withdrawals have left.
    func apply(_ new: ForwardingPlan) { apply(new, PlanChanges(from: plan, to: new)) }

    /// The same with what is otherwise in the plan, if that is known: nothing else is looked at, unless something found no
    /// room before.
    func apply(_ new: ForwardingPlan, _ known: PlanChanges) {
        let old = plan
        plan = new
        givenBackAtLastApply = writer.givenBackCount
        appliedAt = services.now
        let unwritten = waiting.parts
        waiting.parts = []
        let changes = !unwritten.isEmpty || services.isIncomplete ? .everything(from: old, to: new) : known
        if changes.isEverything || !changes.vrfs.isEmpty { shareTables() }
        removeReplacedVRFs(old: old.vrfs, changes)
        setPorts(old: unwritten.contains(.ports) ? [:] : old.ports)
        setVRFs(changes, old: unwritten.contains(.vrfs) ? [:] : old.vrfs)
        var interfaces = changes.interfaces
        if changes.hasOtherServices { interfaces.formUnion(installServices()) }
        var superseded = replaceRecords(of: interfaces)
        removeLeftHostRoutes(of: interfaces, old: old)
        refreshNextHops(of: interfaces, changes, old: old)
        setPositions(of: interfaces, old: changes.isEverything ? nil : old)
        superseded += repointLabels(of: interfaces, old: old)
        for (_, record) in Dictionary(superseded.map { ($0.index, $0) }, uniquingKeysWith: { first, _ in first }) {
            retire(record)
        }
        sweepServices()
        removeVRFs(old: old.vrfs, changes)
    }

    /// What could not be done since this was last called, for the log.
    func takeFailures() -> [String] {
        defer { failures = [] }
        return failures
    }

    /// Runs a change that can find a section full, and notes it if it does.
    func attempt<Value>(_ what: @autoclosure () -> String, _ body: () throws(TablesError) -> Value) -> Value? {
        do throws(TablesError) {
            return try body()
        } catch {
            // One line of a kind is enough to see that memory is short; a million routes would be a million lines.
            if failures.count < 20 { failures.append("\(what()): \(error)") }
            return nil
        }
    }

    /// As ``attempt(_:_:)``, for a part of the plan, which is then to be written again.
    func attempt<Value>(
        _ part: WaitingChanges.Part, _ what: @autoclosure () -> String, _ body: () throws(TablesError) -> Value
    ) -> Value? {
        let value = attempt(what(), body)
        if value == nil { waiting.parts.insert(part) }
        return value
    }

    // MARK: Ports and VRFs

    /// Half of what the tables hold of routes and next hops is the VRFs' in equal parts, the other half anybody's. A
    /// VRF with a `memory reserve` has that part of the memory instead.
    private func shareTables() {
        let memory = writer.routes.memory
        let reserved = plan.vrfs.values.filter { $0.reservedRouteBytes > 0 }
        // What is configured is for the tables that are asked for; those on hugepages may have become smaller.
        let asked = max(reserved.reduce(0) { $0 + $1.reservedRouteBytes }, 1)
        let given = min(asked, memory.capacity)
        let others = plan.vrfs.count - reserved.count
        let part = (memory.capacity - (reserved.isEmpty ? 0 : given)) / 2 / max(others, 1)
        var parts: [UInt16: Int] = [:]
        for vrf in plan.vrfs.values {
            parts[vrf.number.rawValue] =
                vrf.reservedRouteBytes > 0
                ? Int(Double(vrf.reservedRouteBytes) * Double(given) / Double(asked)) : part
        }
        memory.setParts(parts)
        for shares in [nextHopShares, linkShares] {
            let part = shares.capacity / 2 / max(plan.vrfs.count, 1)
            shares.setParts(Dictionary(uniqueKeysWithValues: plan.vrfs.values.map { ($0.number.rawValue, part) }))
        }
    }

    private func setPorts(old: [UInt16: PortPlan]) {
        for (index, port) in plan.ports where old[index] != port {
            _ = attempt(.ports, "port \(port.name)") { () throws(TablesError) in
                try writer.vlans.setCounter(port.counter, ofPort: Int(index))
                try writer.ports.set(Int(index), to: port.record)
            }
        }
        for (index, port) in old where plan.ports[index] == nil {
            _ = attempt(.ports, "port \(port.name)") { () throws(TablesError) in
                try writer.ports.set(Int(index), to: stile_port())
                try writer.vlans.setCounter(0, ofPort: Int(index))
            }
        }
    }

    private func setVRFs(_ changes: PlanChanges, old: [String: VRFPlan]) {
        for name in changes.vrfs {
            guard let vrf = plan.vrfs[name] else { continue }
            let before = old[name]
            if before?.flags != vrf.flags || before?.number != vrf.number { setFlags(of: vrf) }
            guard before?.flowMetering != vrf.flowMetering || before?.number != vrf.number else { continue }
            _ = attempt(.vrfs, "flow monitor of vrf \(name)") { () throws(TablesError) in
                try writer.flows.setMetering(vrf.flowMetering, ofVRF: vrf.number.rawValue)
            }
        }
    }

    /// One that another has replaced under its name is gone before anything leads to that.
    private func removeReplacedVRFs(old: [String: VRFPlan], _ changes: PlanChanges) {
        for name in changes.vrfs {
            guard let vrf = old[name], let other = plan.vrfs[name], other.number != vrf.number else { continue }
            removeVRF(vrf)
        }
    }

    private func removeVRFs(old: [String: VRFPlan], _ changes: PlanChanges) {
        for name in changes.vrfs where plan.vrfs[name] == nil {
            if let vrf = old[name] { removeVRF(vrf) }
        }
    }

    func setFlags(of vrf: VRFPlan) {
        _ = attempt(.vrfs, "vrf \(vrf.identity.name)") { () throws(TablesError) in
            try writer.vrfs.setFlags(vrf.flags, ofVRF: vrf.number.rawValue)
        }
    }
}

/// An interface record in the tables.
struct InstalledRecord {
    /// Of the interface.
    let name: String
    let index: UInt32
    /// The record itself, for comparison.
    let octets: [UInt8]
    let localFirst: UInt16
    let localCount: UInt16
    /// The services record, and what of it is to be looked at of what comes in.
    let services: UInt32
    let ingressFeatures: UInt8
}

/// Where frames of an interface are found: a port and its tags.
struct InterfacePosition: Hashable {
    let port: UInt16
    let outer: UInt16?
    let inner: UInt16?

    init(_ interface: InterfacePlan) {
        port = interface.port
        switch interface.encapsulation {
        case .untagged: (outer, inner) = (nil, nil)
        case .dot1q(let identifier): (outer, inner) = (identifier, nil)
        case .qinq(let service, let customer): (outer, inner) = (service, customer)
        }
    }

    var tablePosition: VLANPosition { VLANPosition(port: port, outer: outer, inner: inner) }
}
