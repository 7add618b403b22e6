import Addressing
import ForwardingTables
import Routing

/// One generation of the tables with what is in it and why: brings them to what plan, routes, labels and neighbors ask
/// for, and leaves alone what is as it should be. First start, change and restart go the same way.
///
/// Every change is made before break: new records are written and reached by one store; what they replace is retired
/// afterwards and reused when no worker can see it. What changes the tables goes by the methods here, which call the
/// parts in the order that this needs; who only looks reads the parts. A part knows those that are made before it.
final class InstalledTables {
    /// What found no room is tried again after this, even if nothing has come free that one could see.
    private static let longestApplyPause = Duration.seconds(30)

    private let context: TablesContext
    private let ports: InstalledPorts
    private let vrfs: InstalledVRFs
    let services: InstalledServices
    let interfaces: InstalledInterfaces
    let links: InstalledLinks
    private let groups: InstalledGroups
    let nextHops: InstalledNextHops
    let routes: InstalledRoutes
    private let sources: InstalledSources
    let swaps: InstalledSwaps
    let copies: InstalledCopies
    let labels: InstalledLabels
    let replications: InstalledReplications
    /// How often the tables had got something back when the plan was last applied.
    private var givenBackAtLastApply: UInt64 = 0
    /// When that was.
    private var appliedAt = Duration.zero

    /// - Parameter neighborEntry: is called while the tables change and must not call back.
    init(
        writer: TablesWriter, transports: CoreTransports, neighborEntry: @escaping (NeighborKey) -> NeighborEntry?
    ) {
        context = TablesContext(writer: writer, transports: transports, neighborEntry: neighborEntry)
        ports = InstalledPorts(context: context)
        let lists = InstalledAccessLists(context)
        let records = InstalledServiceRecords(context, lists: lists)
        interfaces = InstalledInterfaces(context, services: records)
        links = InstalledLinks(context)
        groups = InstalledGroups(context, links: links)
        nextHops = InstalledNextHops(context, interfaces: interfaces, links: links, groups: groups)
        services = InstalledServices(context, lists: lists, records: records, nextHops: nextHops)
        routes = InstalledRoutes(context, nextHops: nextHops)
        sources = InstalledSources(context)
        swaps = InstalledSwaps(nextHops: nextHops)
        let replicationLists = ReplicationLists(context, nextHops: nextHops)
        copies = InstalledCopies(lists: replicationLists)
        labels = InstalledLabels(
            context, interfaces: interfaces, nextHops: nextHops, sources: sources, swaps: swaps,
            copies: copies, pops: InstalledPops(nextHops: nextHops))
        replications = InstalledReplications(context, lists: replicationLists, labels: labels)
        vrfs = InstalledVRFs(context: context, shares: [nextHops.shares, groups.shares, links.shares])
    }

    var writer: TablesWriter { context.writer }
    var plan: ForwardingPlan { context.plan }
    /// How many records, next hops, links and label entries have been compared with what they should be.
    var comparisons: UInt64 { context.comparisons }
    /// How much of services the tables hold.
    var serviceLimits: ServiceLimits { ServiceLimits(writer.reader.header.pointee) }

    // MARK: The plan

    /// Brings ports, VRFs and interfaces to the plan. A label whose unit the plan no longer has stays as it is until
    /// routing takes it back, which it does once the withdrawals have left.
    func apply(_ new: ForwardingPlan) { apply(new, PlanChanges(from: plan, to: new)) }

    /// The same with what is otherwise in the plan, if that is known: nothing else is looked at, unless something found no
    /// room before.
    func apply(_ new: ForwardingPlan, _ known: PlanChanges) {
        let old = context.adopt(new)
        givenBackAtLastApply = writer.givenBackCount
        appliedAt = context.now
        let unwritten = context.takeUnwrittenParts()
        let changes = !unwritten.isEmpty || services.isIncomplete ? .everything(from: old, to: new) : known
        if changes.isEverything || !changes.vrfs.isEmpty { vrfs.setShares() }
        removeReplacedVRFs(old: old.vrfs, changes)
        ports.set(old: unwritten.contains(.ports) ? [:] : old.ports)
        vrfs.set(changes, old: unwritten.contains(.vrfs) ? [:] : old.vrfs)
        var names = changes.interfaces
        if changes.hasOtherServices { names.formUnion(services.install()) }
        var superseded = interfaces.replaceRecords(of: names)
        routes.removeLeftHostRoutes(of: names, old: old)
        nextHops.refresh(of: names, changes, old: old)
        interfaces.setPositions(of: names, old: changes.isEverything ? nil : old)
        superseded += labels.repoint(toUnits: names, old: old)
        replications.apply()
        for (_, record) in Dictionary(superseded.map { ($0.index, $0) }, uniquingKeysWith: { first, _ in first }) {
            interfaces.retire(record)
        }
        sweepServices()
        removeVRFs(old: old.vrfs, changes)
    }

    /// Whether parts of the plan are to be written again: they found no room, and some has come free since. Memory of the
    /// file system can come free unseen.
    var isToBeAppliedAgain: Bool {
        guard services.isIncomplete || !unwrittenParts.isEmpty else { return false }
        return writer.givenBackCount != givenBackAtLastApply || context.now - appliedAt >= Self.longestApplyPause
    }

    /// Parts of the plan that have found no room.
    var unwrittenParts: Set<PlanPart> { context.unwrittenParts }

    /// What could not be done since this was last called, for the log.
    func takeFailures() -> [String] { context.takeFailures() }

    /// One that another has replaced under its name is gone before anything leads to that.
    private func removeReplacedVRFs(old: [String: VRFPlan], _ changes: PlanChanges) {
        for name in changes.vrfs {
            guard let vrf = old[name], let other = plan.vrfs[name], other.number != vrf.number else { continue }
            routes.removeVRF(vrf)
        }
    }

    private func removeVRFs(old: [String: VRFPlan], _ changes: PlanChanges) {
        for name in changes.vrfs where plan.vrfs[name] == nil {
            if let vrf = old[name] { routes.removeVRF(vrf) }
        }
    }

    // MARK: Services

    /// Gives back what of services no interface or label leads to any more, and nothing waits for.
    func sweepServices() {
        guard services.records.isSweepDue else { return }
        let records = interfaces.records.values.map(\.services)
        services.sweep(reached: Set(records).union(labels.all.values.compactMap(\.record?.services)))
    }

    /// Puts the lists in their places that have been compiled meanwhile, or have waited for long enough.
    ///
    /// - Parameters:
    ///   - now: the time since the process began.
    ///   - compiled: the sequence number of the tables whose lists the data plane has compiled; `nil` without one.
    /// - Returns: whether the tables have changed.
    func attachCompiledLists(now: Duration, compiled: UInt64?) -> Bool {
        context.setTime(now)
        guard services.lists.placeCompiled(compiled) else { return false }
        apply(plan, .ofServices)
        return true
    }

    /// Says which ports carry nothing: their neighbors count as resolved until they have been asked in vain, which takes
    /// longer than packets should be lost.
    func setUnusablePorts(_ ports: Set<UInt16>) {
        guard ports != context.unusablePorts else { return }
        context.setUnusablePorts(ports)
        groups.followAll()
        if services.hasRouteMaps { apply(plan, .ofServices) }
    }

    // MARK: Labels

    /// Makes a label valid on its NNI; `false` if the plan has no unit for it there, or the tables are full.
    func install(_ binding: LabelBinding) -> Bool { labels.install(binding) }

    /// Where a relay's label leads from now on; `false`: there is no room for that, and it leads nowhere until it is installed
    /// again.
    func setSwap(_ binding: LabelBinding, _ target: SwapTarget) -> Bool { labels.setSwap(binding, target) }

    /// To whom copies of a label's packets go from now on; as ``setSwap(_:_:)``.
    func setCopies(_ binding: LabelBinding, _ targets: [SwapTarget]) -> Bool { labels.setCopies(binding, targets) }

    /// Where a VRF's label leads from now on, or that its packets are looked up; as ``setSwap(_:_:)``.
    func setWay(_ binding: LabelBinding, _ way: VRFWay?) -> Bool { labels.setWay(binding, way) }

    /// Makes a label invalid on its NNI.
    func remove(_ binding: LabelBinding) { labels.remove(binding) }

    // MARK: Routes

    /// Puts a prefix into a VRF's FIB, or gives it another next hop.
    func setRoute(vrf: VRFNumber, prefix: IPPrefix, _ action: ForwardingAction) {
        routes.set(vrf: vrf, prefix: prefix, action)
    }

    /// Takes a prefix out of a VRF's FIB; a neighbor's own route that stood back takes its place.
    func removeRoute(vrf: VRFNumber, prefix: IPPrefix) { routes.remove(vrf: vrf, prefix: prefix) }

    /// Takes all prefixes out of a VRF's FIB.
    func removeAllRoutes(vrf: VRFNumber) {
        guard let vrf = plan.vrf(numbered: vrf) else { return }
        routes.removeVRF(vrf)
        vrfs.setFlags(of: vrf)
    }

    /// Tries routes and links again that have found no room, a bounded portion of them.
    ///
    /// - Parameter action: what a VRF does with a prefix now; `nil`: routing has no route for it.
    /// - Returns: whether there is more to be tried at once.
    func retryWaitingRoutes(_ action: (_ vrf: VRFNumber, IPPrefix) -> ForwardingAction?) -> Bool {
        let waitingLinks = links.waiting
        links.refreshWaiting()
        groups.follow(links: waitingLinks)
        return routes.retryWaiting(action)
    }

    // MARK: Neighbors

    /// A neighbor has been resolved, has changed its address, has failed or is forgotten.
    func neighborChanged(_ key: NeighborKey) {
        routes.setHostRoute(key)
        sources.refresh(key)
        withGroups(following: links.numbers(to: key)) { links.refresh(to: key) }
    }

    /// Groups leave a neighbor before its links say that it has no address, and come back behind that.
    private func withGroups(following links: Set<UInt32>, _ change: () -> Void) {
        groups.follow(links: links)
        change()
        groups.follow(links: links)
    }

    /// Brings the links to PEs to what is known of the ways there: one store for each that is reached otherwise.
    ///
    /// - Returns: those PEs.
    func followTransports() -> Set<IPAddress> {
        let changed = context.transports.takeChanges()
        withGroups(following: links.numbers(to: changed)) { links.refreshTransports(to: changed) }
        return changed
    }

    /// Neighbors that have come to be needed by routes, route maps and labels (`true`), or are no longer (`false`), since this was
    /// last called.
    func takeChangedNeeds() -> [NeighborKey: Bool] {
        Dictionary(uniqueKeysWithValues: context.takeChangedNeeds().map { ($0, needs($0)) })
    }

    /// Whether routes, route maps, transports or the labels of an NNI need the neighbor, its own route not counted.
    func needs(_ key: NeighborKey) -> Bool { sources.need(key) || routes.need(key) || links.need(key) }
}
