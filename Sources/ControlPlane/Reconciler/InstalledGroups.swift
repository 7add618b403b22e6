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
        let share: TableShare?
    }

    /// How the VRFs share them.
    let shares: TableShares
    private let context: TablesContext
    private let links: InstalledLinks
    private var groups: [UInt32: Group] = [:]
    private var ofMember: [UInt32: Set<UInt32>] = [:]
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
        let buckets = (0..<Int(STILE_GROUP_ORIGINS.rawValue)).map { origin in
            var assignment = BucketAssignment(
                permitted: Self.permitted(members.map(\.key), from: origin),
                former: holders(of: former, from: origin)?.map { number in
                    numbers.firstIndex(of: number).map { UInt8($0) }
                })
            _ = assignment.follow { isUsable(numbers[Int($0)]) }
            return assignment
        }
        let group = context.attempt("group") { () throws(TablesError) in
            guard share?.admits(1, inUse: groups.count) ?? true else { throw .sectionFull(.groups) }
            return try context.writer.groups.add(members: numbers, buckets: buckets)
        }
        guard let group else { return nil }
        groups[group] = Group(members: numbers, buckets: buckets, share: share)
        share?.change(by: 1)
        for number in numbers { ofMember[number, default: []].insert(group) }
        return group
    }

    /// Gives a group back that no next hop names any more; the result is its members.
    func remove(_ number: UInt32) -> [UInt32] {
        guard let group = groups.removeValue(forKey: number) else { return [] }
        group.share?.change(by: -1)
        for member in group.members {
            ofMember[member]?.remove(number)
            if ofMember[member]?.isEmpty == true { ofMember[member] = nil }
        }
        context.writer.groups.retire(number)
        return group.members
    }

    /// The positions of the members that packets of an origin may leave by, as Departure has the rules. Where they may by none,
    /// all: the packet ends with the reason that Departure has.
    private static func permitted(_ keys: [NextHopKey], from origin: Int) -> [UInt8] {
        let permitted = keys.indices.filter { position in
            switch (keys[position], stile_group_origin(UInt32(origin))) {
            case (.labelled, STILE_GROUP_NNI), (.overCore, STILE_GROUP_CORE): false
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

    // MARK: Bringing up to date

    /// The members that lead by these links have come to lead out, or do so no longer.
    func follow(links: Set<UInt32>) {
        guard !links.isEmpty else { return }
        follow(members: ofMember.keys.filter { links.contains(reader.nextHop($0).link) })
    }

    /// The same of these next hops.
    func follow(members: some Sequence<UInt32>) {
        guard !groups.isEmpty else { return }
        for number in Set(members.flatMap { ofMember[$0] ?? [] }).sorted() { follow(number) }
    }

    /// The same of all.
    func followAll() {
        for number in groups.keys.sorted() { follow(number) }
    }

    private func follow(_ number: UInt32) {
        guard var group = groups[number] else { return }
        context.noteComparison()
        let members = group.members
        for origin in group.buckets.indices {
            let changed = group.buckets[origin].follow { isUsable(members[Int($0)]) }
            guard !changed.isEmpty else { continue }
            let assignment = group.buckets[origin]
            _ = context.attempt("group") { () throws(TablesError) in
                try context.writer.groups.set(number, origin: origin, buckets: changed, to: assignment)
            }
        }
        groups[number] = group
    }

    /// Whether packets are to leave by a member: it leads out, and will when its link has been brought up to date.
    private func isUsable(_ member: UInt32) -> Bool {
        let nextHop = reader.nextHop(member)
        return reader.isResolved(nextHop) && links.isToLeadOut(nextHop.link)
    }
}
