import CTableLayout

/// Which member of a group has which bucket, for packets of one origin: dealt evenly, and changed as little as can be.
///
/// Every bucket is one member's own. A member that cannot be used lends its buckets, those alone, to the others, the least
/// loaded first; when it comes back it has its own again, and its part of what others that are still away have lent. So the
/// flows of the members that stay keep their paths (RFC 2992 §2 counts what a hash without such buckets moves).
public struct BucketAssignment: Hashable, Sendable {
    public static let bucketCount = Int(STILE_GROUP_BUCKETS)

    /// The positions of the members that such packets may use, in order; one or more.
    private let permitted: [UInt8]
    /// Bucket → the member whose own it is.
    private let owners: [UInt8]
    /// Bucket → the member that has it now.
    public private(set) var holders: [UInt8]
    /// The members that could be used when the buckets were last dealt.
    private var usable: [UInt8]

    /// - Parameters:
    ///   - permitted: positions of members, one or more.
    ///   - former: bucket → the member that had it in the group that this one takes over from, where it is in this one;
    ///     `nil`: there is none.
    public init(permitted: [UInt8], former: [UInt8?]? = nil) {
        self.permitted = permitted
        usable = permitted
        guard let former else {
            owners = (0..<Self.bucketCount).map { permitted[$0 % permitted.count] }
            holders = owners
            return
        }
        let (fair, remainder) = Self.bucketCount.quotientAndRemainder(dividingBy: permitted.count)
        // So many have one bucket more than the others.
        var larger = remainder
        var loads = Loads(permitted)
        var owners = [UInt8](repeating: 0, count: Self.bucketCount)
        var left: [Int] = []
        for (bucket, member) in former.enumerated() {
            guard let member, let load = loads[member], load < fair || load == fair && larger > 0 else {
                left.append(bucket)
                continue
            }
            if load == fair { larger -= 1 }
            owners[bucket] = member
            loads.add(member)
        }
        for bucket in left { owners[bucket] = loads.takeLeast() }
        self.owners = owners
        holders = zip(former, owners).map { former, owner in
            former.flatMap { permitted.contains($0) ? $0 : nil } ?? owner
        }
    }

    /// Deals the buckets anew as far as that is needed: only these members can be used now.
    ///
    /// - Returns: the buckets that have gone to another member.
    public mutating func follow(usable isUsable: (UInt8) -> Bool) -> [Int] {
        let before = holders
        let returned: [UInt8]
        let candidates = permitted.filter(isUsable)
        returned = candidates.filter { !usable.contains($0) }
        usable = candidates
        guard !candidates.isEmpty else {
            // None leads out: each says so of its own packets.
            holders = owners
            return changes(since: before)
        }
        var loads = Loads(candidates)
        var left: [Int] = []
        for bucket in 0..<Self.bucketCount {
            if candidates.contains(owners[bucket]) {
                holders[bucket] = owners[bucket]
            } else if !candidates.contains(holders[bucket]) {
                left.append(bucket)
                continue
            }
            loads.add(holders[bucket])
        }
        for bucket in left { holders[bucket] = loads.takeLeast() }
        for member in returned { giveLent(to: member, &loads) }
        return changes(since: before)
    }

    /// A member that has come back gets its part of the buckets that are lent.
    private mutating func giveLent(to member: UInt8, _ loads: inout Loads) {
        for bucket in 0..<Self.bucketCount where holders[bucket] != owners[bucket] && holders[bucket] != member {
            guard let own = loads[member], let other = loads[holders[bucket]], other > own + 1 else { continue }
            loads.remove(holders[bucket])
            holders[bucket] = member
            loads.add(member)
        }
    }

    private func changes(since before: [UInt8]) -> [Int] {
        holders.indices.filter { holders[$0] != before[$0] }
    }
}

/// How many buckets each member has.
private struct Loads {
    private var counts: [(member: UInt8, count: Int)]

    init(_ members: [UInt8]) { counts = members.map { ($0, 0) } }

    subscript(_ member: UInt8) -> Int? { counts.first { $0.member == member }?.count }

    mutating func add(_ member: UInt8) { change(member, by: 1) }

    mutating func remove(_ member: UInt8) { change(member, by: -1) }

    /// The first of those with the fewest, which has one more now.
    mutating func takeLeast() -> UInt8 {
        var least = 0
        for index in counts.indices where counts[index].count < counts[least].count { least = index }
        counts[least].count += 1
        return counts[least].member
    }

    private mutating func change(_ member: UInt8, by amount: Int) {
        guard let index = counts.firstIndex(where: { $0.member == member }) else { return }
        counts[index].count += amount
    }
}
