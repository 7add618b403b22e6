import Addressing
import CTableLayout
import ForwardingTables

/// The groups in the tables: the next hops that routes have at the same time, and which of them have which buckets now.
///
/// A member that does not lead out lends its buckets to the others. It is asked by what is known of its link and not by what
/// the tables say of it: so a group leaves a neighbor before its link says that it has none, and comes back behind that.
final class InstalledGroups {
    private struct Group {
        /// Numbers of next hops, by their positions.
        let members: [UInt32]
        /// By `stile_group_origin`.
        var buckets: [BucketAssignment]
        /// Which of them can be used, a bit for each position.
        var usable: UInt16
        let share: TableShare?
    }

    /// How the VRFs share them.
    let shares: TableShares
    private let context: TablesContext
    private let links: InstalledLinks
    private var groups: [UInt32: Group] = [:]
    private var ofMember: [UInt32: Set<UInt32>] = [:]
    /// The members that lead by each link, and the link of each.
    private var ofLink: [UInt32: Set<UInt32>] = [:]
    private var linkOf: [UInt32: UInt32] = [:]
    private var reader: TablesReader { context.writer.reader }

    init(_ context: TablesContext, links: InstalledLinks) {
        self.context = context
        self.links = links
        shares = TableShares(capacity: context.writer.capacities.groups - 1)
    }

    // MARK: Taking and giving back

    /// The number of a new group; `nil`: there is no room for it.
    ///
    /// - Parameters:
    ///   - members: with the numbers that their next hops have.
    ///   - former: the next hop that it takes the place of for the first route that has it, 0: none. What leads to the same
    ///     neighbors as before goes on to do so.
    func add(_ members: [(number: UInt32, key: NextHopKey)], vrf: VRFNumber, insteadOf former: UInt32) -> UInt32? {
        let numbers = members.map(\.number)
        let share = context.plan.has(vrf) ? shares[vrf.rawValue] : nil
        var known: [UInt32: Bool] = [:]
        let usable = usable(numbers, &known)
        let buckets = (0..<Int(STILE_GROUP_ORIGINS.rawValue)).map { origin in
            var assignment = BucketAssignment(
                permitted: permitted(members.map(\.key), from: origin),
                former: holders(of: former, from: origin)?.map { number in
                    numbers.firstIndex(of: number).map { UInt8($0) }
                })
            _ = assignment.follow(usable: usable)
            return assignment
        }
        let group = context.attempt("group") { () throws(TablesError) in
            guard share?.admits(1, inUse: groups.count) ?? true else { throw .sectionFull(.groups) }
            return try context.writer.groups.add(members: numbers, buckets: buckets)
        }
        guard let group else { return nil }
        groups[group] = Group(members: numbers, buckets: buckets, usable: usable, share: share)
        share?.change(by: 1)
        for number in numbers {
            ofMember[number, default: []].insert(group)
            relink(number, to: reader.nextHop(number).link)
        }
        return group
    }

    /// Gives a group back that no next hop names any more; the result is its members.
    func remove(_ number: UInt32) -> [UInt32] {
        guard let group = groups.removeValue(forKey: number) else { return [] }
        group.share?.change(by: -1)
        for member in group.members {
            ofMember[member]?.remove(number)
            guard ofMember[member]?.isEmpty == true else { continue }
            relink(member, to: 0)
            ofMember[member] = nil
        }
        context.writer.groups.retire(number)
        return group.members
    }

    /// The positions of the members that packets of an origin may leave by, as Departure has the rules. Where they may by none,
    /// all: the packet ends with the reason that Departure has.
    private func permitted(_ keys: [NextHopKey], from origin: Int) -> [UInt8] {
        let permitted = keys.indices.filter { position in
            switch (keys[position], stile_group_origin(UInt32(origin))) {
            case (.labelled, STILE_GROUP_NNI), (.overCore, STILE_GROUP_CORE): false
            case (.gateway(_, let circuit, _, _), STILE_GROUP_NNI):
                context.plan.interface(numbered: circuit)?.leadsToOperator != true
            case (.overCore(_, _, _, let isMarked), STILE_GROUP_NNI): !isMarked
            default: true
            }
        }
        return (permitted.isEmpty ? Array(keys.indices) : permitted).map { UInt8($0) }
    }

    /// Bucket → next hop, of a group's next hop or of one that is none; `nil`: there is no such.
    private func holders(of nextHop: UInt32, from origin: Int) -> [UInt32]? {
        guard nextHop != 0 else { return nil }
        let word = reader.nextHop(nextHop)
        guard word.isGroup else { return [UInt32](repeating: nextHop, count: BucketAssignment.bucketCount) }
        guard let group = groups[word.group] else { return nil }
        return group.buckets[origin].holders.map { group.members[Int($0)] }
    }

    /// The member whose neighbor a packet of an origin waits for that none of a group's leads out for: one that is being asked,
    /// otherwise one that has not answered, otherwise the first; of those that it may leave by.
    func awaited(of nextHop: NextHop, from origin: stile_group_origin) -> UInt32? {
        guard let group = groups[nextHop.group] else { return nil }
        let buckets = group.buckets[Int(origin.rawValue)]
        let members = group.members.indices.filter { buckets.permits(UInt8($0)) }.map { group.members[$0] }
        for state in [STILE_ADJACENCY_INCOMPLETE, STILE_ADJACENCY_FAILED] {
            let found = members.first {
                let member = reader.nextHop($0)
                return member.leadsToNeighbor && reader.adjacency(of: member) == state.rawValue
            }
            if let found { return found }
        }
        return members.first
    }

    // MARK: Bringing up to date

    /// A next hop leads by another link, 0: by none.
    func relink(_ member: UInt32, to link: UInt32) {
        guard ofMember[member] != nil else { return }
        if let former = linkOf.removeValue(forKey: member) {
            ofLink[former]?.remove(member)
            if ofLink[former]?.isEmpty == true { ofLink[former] = nil }
        }
        guard link != 0 else { return }
        linkOf[member] = link
        ofLink[link, default: []].insert(member)
    }

    /// The members that lead by these links have come to lead out, or do so no longer.
    func follow(links: Set<UInt32>) {
        guard !groups.isEmpty else { return }
        follow(members: links.flatMap { ofLink[$0] ?? [] })
    }

    /// The same of these next hops.
    func follow(members: some Sequence<UInt32>) {
        guard !groups.isEmpty else { return }
        follow(Set(members.flatMap { ofMember[$0] ?? [] }))
    }

    /// The same of all.
    func followAll() { follow(Set(groups.keys)) }

    private func follow(_ numbers: Set<UInt32>) {
        var known: [UInt32: Bool] = [:]
        for number in numbers.sorted() { follow(number, &known) }
    }

    private func follow(_ number: UInt32, _ known: inout [UInt32: Bool]) {
        guard let members = groups[number]?.members else { return }
        context.noteComparison()
        let usable = usable(members, &known)
        // Taken out, so that what changes has one owner.
        guard groups[number]?.usable != usable, var group = groups.removeValue(forKey: number) else { return }
        group.usable = usable
        for origin in group.buckets.indices {
            let changed = group.buckets[origin].follow(usable: usable)
            guard !changed.isEmpty else { continue }
            let assignment = group.buckets[origin]
            _ = context.attempt("group") { () throws(TablesError) in
                try context.writer.groups.set(number, origin: origin, buckets: changed, to: assignment)
            }
        }
        groups[number] = group
    }

    /// Which members packets are to leave by, a bit for each position: they lead out, and will when their links have been
    /// brought up to date.
    ///
    /// - Parameter known: what has been worked out of links.
    private func usable(_ members: [UInt32], _ known: inout [UInt32: Bool]) -> UInt16 {
        var usable: UInt16 = 0
        for (position, member) in members.enumerated() {
            let nextHop = reader.nextHop(member)
            guard reader.isResolved(nextHop) else { continue }
            let leads = known[nextHop.link] ?? links.isToLeadOut(nextHop.link)
            known[nextHop.link] = leads
            if leads { usable |= 1 << UInt16(position) }
        }
        return usable
    }
}
