import Addressing
import CTableLayout
import ForwardingTables

/// A next hop in the tables.
struct InstalledNextHop {
    let key: NextHopKey
    /// How many prefixes and entries of route maps have it.
    var users: Int
    var nextHop: NextHop
    /// Its link, and what that is to; 0 and `nil`: it has none.
    var link: UInt32
    var linkKey: LinkKey?
    /// The neighbor there, which a link to a PE has not.
    var neighbor: NeighborKey? { linkKey?.neighbor }
    /// The share of its VRF, in which it counts; `nil` if the plan did not have the VRF.
    let share: TableShare?
}

/// The next hops in the tables, by the links to their neighbors. A neighbor's state and address are its link's, and change
/// no next hop.
final class InstalledNextHops {
    /// How the VRFs share them.
    let shares: TableShares
    private let context: TablesContext
    private let interfaces: InstalledInterfaces
    private let links: InstalledLinks
    private let groups: InstalledGroups
    private var numbers: [NextHopKey: UInt32] = [:]
    private var nextHops: [UInt32: InstalledNextHop] = [:]
    private var ofVRF = NumberedTable<VRFNumber, Set<UInt32>>()
    private var ofNeighbor: [NeighborKey: Set<UInt32>] = [:]

    init(
        _ context: TablesContext, interfaces: InstalledInterfaces, links: InstalledLinks, groups: InstalledGroups
    ) {
        self.context = context
        self.interfaces = interfaces
        self.links = links
        self.groups = groups
        shares = TableShares(capacity: context.writer.capacities.nextHops - 1)
    }

    subscript(_ number: UInt32) -> InstalledNextHop? { nextHops[number] }

    func key(of number: UInt32) -> NextHopKey? { nextHops[number]?.key }

    func number(of key: NextHopKey) -> UInt32? { numbers[key] }

    /// The next hops that lead to a neighbor.
    func leading(to neighbor: NeighborKey) -> Set<UInt32> { ofNeighbor[neighbor] ?? [] }

    /// What the tables do with packets of a VRF to an address: the neighbor that has to be resolved, if it is that.
    ///
    /// Looked up here and not taken from the punted packet, which may have come by the tables of an older generation.
    /// - Parameter origin: where the packets come from.
    func unresolvedNeighbor(
        vrf number: UInt16, destination: IPAddress, from origin: stile_group_origin
    ) -> NeighborKey? {
        let reader = context.writer.reader
        let found: UInt32 =
            switch destination {
            case .ipv4(let address): reader.fib.lookup(ipv4: address.rawValue, root: reader.ipv4Root(ofVRF: number))
            case .ipv6(let address): reader.fib.lookup(ipv6: address.rawValue, root: reader.ipv6Root(ofVRF: number))
            }
        guard var hop = nextHops[found], hop.key.vrf.rawValue == number else { return nil }
        if hop.nextHop.isGroup {
            let member = groups.awaited(of: hop.nextHop, from: origin).flatMap { nextHops[$0] }
            if let member { hop = member }
        }
        if case .subnet(_, let circuit, _) = hop.key {
            return context.plan.interface(numbered: circuit).map {
                NeighborKey(interface: $0.number, address: destination)
            }
        }
        if case .provider(let provider)? = hop.linkKey?.end {
            return context.transports.transport(to: provider)?.router
        }
        return hop.neighbor
    }

    /// Whether packets would leave by a next hop now.
    func leadsOut(_ key: NextHopKey) -> Bool {
        guard let number = acquire(key) else { return false }
        defer { release(number) }
        return context.writer.reader.isResolved(context.writer.reader.nextHop(number))
    }

    private var compiler: NextHopCompiler {
        NextHopCompiler(plan: context.plan, records: interfaces.records, swapRecords: interfaces.swapRecords)
    }

    // MARK: Taking and giving back

    /// The number of a next hop, which is made if nothing has it so far; `release` gives it back.
    ///
    /// - Parameter former: what a route had before, of whose flows a new group moves no more than it has to; 0: none.
    func acquire(_ key: NextHopKey, insteadOf former: UInt32 = 0) -> UInt32? {
        if let number = numbers[key] {
            // The first user may have been the neighbor's own route.
            if let hop = nextHops[number], hop.users == 1, let neighbor = hop.neighbor {
                context.noteChangedNeed(of: neighbor)
            }
            nextHops[number]?.users += 1
            return number
        }
        if case .swap(let target) = key { interfaces.makeSwapRecord(at: target.place) }
        let share = context.plan.has(key.vrf) ? shares[key.vrf.rawValue] : nil
        if case .group(_, let members) = key { return addGroup(key, members, share, insteadOf: former) }
        guard share?.admits(1, inUse: nextHops.count) ?? true else {
            return context.attempt("next hop") { () throws(TablesError) in throw .sectionFull(.nextHops) }
        }
        let compiler = compiler
        let link = compiler.link(of: key)
        var linkNumber: UInt32 = 0
        if let link {
            guard let number = links.acquire(link, vrf: key.vrf) else { return nil }
            linkNumber = number
        }
        let nextHop = compiler.nextHop(key, link: linkNumber)
        let number = context.attempt("next hop") { () throws(TablesError) in
            try context.writer.nextHops.add(nextHop)
        }
        guard let number else {
            links.release(linkNumber)
            return nil
        }
        note(
            number,
            InstalledNextHop(key: key, users: 1, nextHop: nextHop, link: linkNumber, linkKey: link, share: share))
        addDependency(of: number, on: link?.neighbor)
        return number
    }

    /// A group holds its members, as routes do.
    private func addGroup(
        _ key: NextHopKey, _ members: [NextHopKey], _ share: TableShare?, insteadOf former: UInt32
    ) -> UInt32? {
        var acquired: [(number: UInt32, key: NextHopKey)] = []
        for member in members {
            if let number = acquire(member) { acquired.append((number, member)) }
        }
        let group =
            acquired.count == members.count ? groups.add(acquired, vrf: key.vrf, insteadOf: former) : nil
        let number = group.flatMap { group in
            context.attempt("next hop") { () throws(TablesError) in
                guard share?.admits(1, inUse: nextHops.count) ?? true else { throw .sectionFull(.nextHops) }
                return try context.writer.nextHops.add(.group(group, vrf: key.vrf.rawValue))
            }
        }
        guard let group, let number else {
            if let group { _ = groups.remove(group) }
            for member in acquired { release(member.number) }
            return nil
        }
        let nextHop = NextHop.group(group, vrf: key.vrf.rawValue)
        note(number, InstalledNextHop(key: key, users: 1, nextHop: nextHop, link: 0, linkKey: nil, share: share))
        return number
    }

    private func note(_ number: UInt32, _ hop: InstalledNextHop) {
        numbers[hop.key] = number
        ofVRF[hop.key.vrf, default: []].insert(number)
        nextHops[number] = hop
        hop.share?.change(by: 1)
    }

    func release(_ number: UInt32) {
        guard var hop = nextHops[number] else { return }
        hop.users -= 1
        nextHops[number] = hop
        guard hop.users == 0 else {
            if let neighbor = hop.neighbor { context.noteChangedNeed(of: neighbor) }
            return
        }
        nextHops[number] = nil
        numbers[hop.key] = nil
        ofVRF[hop.key.vrf]?.remove(number)
        if ofVRF[hop.key.vrf]?.isEmpty == true { ofVRF[hop.key.vrf] = nil }
        hop.share?.change(by: -1)
        removeDependency(of: number, on: hop.neighbor)
        context.writer.nextHops.retire(number)
        links.release(hop.link)
        if hop.nextHop.isGroup {
            for member in groups.remove(hop.nextHop.group) { release(member) }
        }
    }

    private func addDependency(of number: UInt32, on neighbor: NeighborKey?) {
        guard let neighbor else { return }
        ofNeighbor[neighbor, default: []].insert(number)
        context.noteChangedNeed(of: neighbor)
    }

    private func removeDependency(of number: UInt32, on neighbor: NeighborKey?) {
        guard let neighbor else { return }
        ofNeighbor[neighbor]?.remove(number)
        if ofNeighbor[neighbor]?.isEmpty == true { ofNeighbor[neighbor] = nil }
        context.noteChangedNeed(of: neighbor)
    }

    // MARK: Bringing up to date

    /// After plan or records have changed: the links on these interfaces, and the next hops of the VRFs that this concerns,
    /// are worked out again, and those that differ are changed.
    func refresh(of interfaces: Set<String>, _ changes: PlanChanges, old: ForwardingPlan) {
        let plan = context.plan
        let known = interfaces.flatMap { [old.interfaces[$0], plan.interfaces[$0]].compactMap(\.self) }
        let hasOtherTransports = changes.hasOtherTransports || known.contains { $0.kind == .core }
        let ways = known.reduce(into: hasOtherTransports ? links.numbersToProviders : []) {
            $0.formUnion(links.numbers(on: $1.number))
        }
        // What will lead out no longer is left before that.
        groups.follow(links: ways)
        for number in Set(known.map(\.number)).flatMap({ links.numbers(on: $0) }).sorted() { links.refresh(number) }
        if hasOtherTransports { links.refreshTransports() }
        var changed: [UInt32]
        if changes.hasMovedNeighbors {
            changed = Array(nextHops.keys)
        } else {
            let names = changes.vrfs.union(known.compactMap(\.vrf))
            let vrfs = Set(names.flatMap { [old.vrfs[$0], plan.vrfs[$0]].compactMap { $0?.number } })
            changed = vrfs.flatMap { ofVRF[$0] ?? [] }
            if known.contains(where: \.hasLabels) { changed += ofVRF[VRFNumber(rawValue: 0)] ?? [] }
        }
        changed.sort()
        let compiler = compiler
        for number in changed { refresh(number, compiler) }
        groups.follow(links: ways)
        groups.follow(members: changed)
    }

    /// A circuit has another record: the next hops of its VRF leave by that.
    func refresh(ofVRF vrf: VRFNumber) {
        let compiler = compiler
        for number in (ofVRF[vrf] ?? []).sorted() { refresh(number, compiler) }
    }

    /// The neighbor of a next hop is another when its circuit or NNI is.
    private func refresh(_ number: UInt32, _ compiler: NextHopCompiler) {
        // What a group is never changes; its members do, each for itself.
        guard var hop = nextHops[number], !hop.nextHop.isGroup else { return }
        context.noteComparison()
        let former = hop
        let link = compiler.link(of: hop.key)
        if let link, link != hop.linkKey || hop.link == 0 {
            hop.link = links.acquire(link, vrf: hop.key.vrf) ?? 0
            // Without room for it the next hop refuses packets until the plan is applied again.
            if hop.link == 0 { context.noteUnwritten(.links) }
        } else if link == nil {
            hop.link = 0
        }
        hop.linkKey = link
        hop.nextHop = compiler.nextHop(hop.key, link: hop.link)
        if hop.nextHop != former.nextHop {
            _ = context.attempt("next hop") { () throws(TablesError) in
                try context.writer.nextHops.set(number, to: hop.nextHop)
            }
        }
        nextHops[number] = hop
        if hop.link != former.link {
            groups.relink(number, to: hop.link)
            links.release(former.link)
        }
        guard hop.neighbor != former.neighbor else { return }
        removeDependency(of: number, on: former.neighbor)
        addDependency(of: number, on: hop.neighbor)
    }
}
