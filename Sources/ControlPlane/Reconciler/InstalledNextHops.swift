import Addressing
import CTableLayout
import ForwardingTables

/// A next hop in the tables.
struct InstalledNextHop {
    let key: NextHopKey
    /// How many prefixes and entries of route maps have it.
    var users: Int
    var nextHop: NextHop
    /// Its link, and the neighbor there; 0 and `nil`: it leads to none.
    var link: UInt32
    var neighbor: NeighborKey?
    /// The share of its VRF, in which it counts; `nil` if the plan did not have the VRF.
    let share: TableShare?
}

/// Next hops, and the links that they lead by. A neighbor's state and address are its link's, and change no next hop.
extension InstalledTables {
    private var compiler: NextHopCompiler { NextHopCompiler(plan: plan, record: { self.records[$0] }) }

    // MARK: Taking and giving back

    /// The number of a next hop, which is made if nothing has it so far; `release` gives it back.
    func acquire(_ key: NextHopKey) -> UInt32? {
        if let number = nextHopNumbers[key] {
            // The first user may have been the neighbor's own route.
            if let hop = nextHops[number], hop.users == 1, let neighbor = hop.neighbor { changedNeeds.insert(neighbor) }
            nextHops[number]?.users += 1
            return number
        }
        let share = plan.has(key.vrf) ? nextHopShares[key.vrf.rawValue] : nil
        guard share?.admits(1, inUse: nextHops.count) ?? true else {
            return attempt("next hop") { () throws(TablesError) in throw .sectionFull(.nextHops) }
        }
        let compiler = compiler
        let link = compiler.link(of: key)
        var linkNumber: UInt32 = 0
        if let link {
            guard let number = acquireLink(link, vrf: key.vrf) else { return nil }
            linkNumber = number
        }
        let nextHop = compiler.nextHop(key, link: linkNumber)
        let number = attempt("next hop") { () throws(TablesError) in try writer.nextHops.add(nextHop) }
        guard let number else {
            links.release(linkNumber, in: writer)
            return nil
        }
        nextHopNumbers[key] = number
        nextHopsOfVRF[key.vrf, default: []].insert(number)
        nextHops[number] = InstalledNextHop(
            key: key, users: 1, nextHop: nextHop, link: linkNumber, neighbor: link?.neighbor, share: share)
        share?.change(by: 1)
        addDependency(of: number, on: link?.neighbor)
        return number
    }

    func release(_ number: UInt32) {
        guard var hop = nextHops[number] else { return }
        hop.users -= 1
        nextHops[number] = hop
        guard hop.users == 0 else {
            if let neighbor = hop.neighbor { changedNeeds.insert(neighbor) }
            return
        }
        nextHops[number] = nil
        nextHopNumbers[hop.key] = nil
        nextHopsOfVRF[hop.key.vrf]?.remove(number)
        if nextHopsOfVRF[hop.key.vrf]?.isEmpty == true { nextHopsOfVRF[hop.key.vrf] = nil }
        hop.share?.change(by: -1)
        removeDependency(of: number, on: hop.neighbor)
        writer.nextHops.retire(number)
        links.release(hop.link, in: writer)
    }

    private func addDependency(of number: UInt32, on neighbor: NeighborKey?) {
        guard let neighbor else { return }
        dependents[neighbor, default: []].insert(number)
        changedNeeds.insert(neighbor)
    }

    private func removeDependency(of number: UInt32, on neighbor: NeighborKey?) {
        guard let neighbor else { return }
        dependents[neighbor]?.remove(number)
        if dependents[neighbor]?.isEmpty == true { dependents[neighbor] = nil }
        changedNeeds.insert(neighbor)
    }

    // MARK: Bringing up to date

    /// After plan or records have changed: the links on these interfaces, and the next hops of the VRFs that this concerns,
    /// are worked out again, and those that differ are changed.
    func refreshNextHops(of interfaces: Set<String>, _ changes: PlanChanges, old: ForwardingPlan) {
        let known = interfaces.flatMap { [old.interfaces[$0], plan.interfaces[$0]].compactMap(\.self) }
        for number in Set(known.map(\.number)).flatMap({ links.numbers(on: $0) }).sorted() { refreshLink(number) }
        var numbers: [UInt32]
        if changes.hasMovedNeighbors {
            numbers = Array(nextHops.keys)
        } else {
            let names = changes.vrfs.union(known.compactMap(\.vrf))
            let vrfs = Set(names.flatMap { [old.vrfs[$0], plan.vrfs[$0]].compactMap { $0?.number } })
            numbers = vrfs.flatMap { nextHopsOfVRF[$0] ?? [] }
        }
        numbers.sort()
        let compiler = compiler
        for number in numbers { refresh(number, compiler) }
    }

    /// The neighbor of a next hop is another when its circuit or NNI is.
    private func refresh(_ number: UInt32, _ compiler: NextHopCompiler) {
        guard var hop = nextHops[number] else { return }
        comparisons += 1
        let former = hop
        let link = compiler.link(of: hop.key)
        if let link, link.neighbor != hop.neighbor || hop.link == 0 {
            hop.link = acquireLink(link, vrf: hop.key.vrf) ?? 0
            // Without room for it the next hop refuses packets until the plan is applied again.
            if hop.link == 0 { waiting.parts.insert(.links) }
        } else if link == nil {
            hop.link = 0
        }
        hop.neighbor = link?.neighbor
        hop.nextHop = compiler.nextHop(hop.key, link: hop.link)
        if hop.nextHop != former.nextHop {
            _ = attempt("next hop") { () throws(TablesError) in try writer.nextHops.set(number, to: hop.nextHop) }
        }
        nextHops[number] = hop
        if hop.link != former.link { links.release(former.link, in: writer) }
        guard hop.neighbor != former.neighbor else { return }
        removeDependency(of: number, on: former.neighbor)
        addDependency(of: number, on: hop.neighbor)
    }

    // MARK: Links

    private func acquireLink(_ key: LinkKey, vrf: VRFNumber) -> UInt32? {
        let share = key.isLabelled || !plan.has(vrf) ? nil : linkShares[vrf.rawValue]
        return attempt("link") { () throws(TablesError) in
            try links.acquire(key, resolution(of: key), share, in: writer)
        }
    }

    private func resolution(of key: LinkKey) -> LinkResolution {
        LinkResolution(of: key, neighborEntry(key.neighbor), on: plan.interface(numbered: key.neighbor.interface))
    }

    func refreshLink(_ number: UInt32) {
        guard let key = links.key(of: number) else { return }
        comparisons += 1
        let resolution = resolution(of: key)
        _ = attempt("link") { () throws(TablesError) in try links.bring(number, to: resolution, in: writer) }
    }

    /// Works out again the links whose adjacencies found no room.
    func refreshWaitingLinks(limit: Int) {
        for number in Array(links.waiting.prefix(limit)) { refreshLink(number) }
    }
}
