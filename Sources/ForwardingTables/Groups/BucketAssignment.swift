import CTableLayout

/// Which member of a group has which bucket, for packets of one origin: dealt evenly, and changed as little as can be.
///
/// Every bucket is one member's own. A member that cannot be used lends its buckets, those alone, to the others, the least
/// loaded first; when it comes back it has its own again, and its part of what others that are still away have lent. So the
/// flows of the members that stay keep their paths (RFC 2992 §2 counts what a hash without such buckets moves).
public struct BucketAssignment: Hashable, Sendable {
    public static let bucketCount = Int(STILE_GROUP_BUCKETS)

    /// The members that such packets may use, a bit for each position; one or more.
    private let permitted: UInt16
    /// Bucket → the member whose own it is.
    private let owners: [UInt8]
    /// Bucket → the member that has it now.
    public private(set) var holders: [UInt8]
    /// The members that could be used when the buckets were last dealt; `nil`: they have not been.
    private var usable: UInt16?

    /// - Parameters:
    ///   - members: positions of members, one or more.
    ///   - former: bucket → the member that had it in the group that this one takes over from, where it is in this one;
    ///     `nil`: there is none.
    public init(permitted members: [UInt8], former: [UInt8?]? = nil) {
        let permitted = members.reduce(0) { $0 | Self.bit($1) }
        self.permitted = permitted
        guard let former else {
            owners = (0..<Self.bucketCount).map { members[$0 % members.count] }
            holders = owners
            return
        }
        let (fair, remainder) = Self.bucketCount.quotientAndRemainder(dividingBy: members.count)
        // So many have one bucket more than the others.
        var larger = remainder
        var loads = Loads(permitted)
        var owners = [UInt8](repeating: 0, count: Self.bucketCount)
        var left: [Int] = []
        for (bucket, member) in former.enumerated() {
            guard let member, permitted & Self.bit(member) != 0,
                loads[member] < fair || loads[member] == fair && larger > 0
            else {
                left.append(bucket)
                continue
            }
            if loads[member] == fair { larger -= 1 }
            owners[bucket] = member
            loads.change(member, by: 1)
        }
        for bucket in left { owners[bucket] = loads.takeLeast() }
        self.owners = owners
        holders = zip(former, owners).map { former, owner in
            former.flatMap { permitted & Self.bit($0) != 0 ? $0 : nil } ?? owner
        }
    }

    /// Whether such packets may use the member at a position.
    public func permits(_ member: UInt8) -> Bool { permitted & Self.bit(member) != 0 }

    /// Deals the buckets anew as far as that is needed.
    ///
    /// - Parameter members: those that can be used now, a bit for each position.
    /// - Returns: the buckets that have gone to another member.
    public mutating func follow(usable members: UInt16) -> [Int] {
        let candidates = members & permitted
        guard candidates != usable else { return [] }
        let returned = usable.map { candidates & ~$0 } ?? 0
        usable = candidates
        let before = holders
        guard candidates != 0 else {
            // None leads out: each says so of its own packets.
            holders = owners
            return changes(since: before)
        }
        var loads = Loads(candidates)
        var left: [Int] = []
        for bucket in 0..<Self.bucketCount {
            if candidates & Self.bit(owners[bucket]) != 0 {
                holders[bucket] = owners[bucket]
            } else if candidates & Self.bit(holders[bucket]) == 0 {
                left.append(bucket)
                continue
            }
            loads.change(holders[bucket], by: 1)
        }
        for bucket in left { holders[bucket] = loads.takeLeast() }
        for member in UInt8(0)..<16 where returned & Self.bit(member) != 0 { giveLent(to: member, &loads) }
        return changes(since: before)
    }

    /// A member that has come back gets its part of the buckets that are lent.
    private mutating func giveLent(to member: UInt8, _ loads: inout Loads) {
        for bucket in 0..<Self.bucketCount where holders[bucket] != owners[bucket] && holders[bucket] != member {
            guard loads[holders[bucket]] > loads[member] + 1 else { continue }
            loads.change(holders[bucket], by: -1)
            holders[bucket] = member
            loads.change(member, by: 1)
        }
    }

    private func changes(since before: [UInt8]) -> [Int] {
        holders.indices.filter { holders[$0] != before[$0] }
    }

    private static func bit(_ member: UInt8) -> UInt16 { 1 << UInt16(member) }
}

/// How many buckets each of some members has.
private struct Loads {
    private let members: UInt16
    private var counts = [Int](repeating: 0, count: Int(STILE_GROUP_MEMBERS))

    init(_ members: UInt16) { self.members = members }

    subscript(_ member: UInt8) -> Int { counts[Int(member)] }

    mutating func change(_ member: UInt8, by amount: Int) { counts[Int(member)] += amount }

    /// The first of those with the fewest, which has one more now.
    mutating func takeLeast() -> UInt8 {
        var least: Int?
        for member in counts.indices where members >> UInt16(member) & 1 != 0 {
            if least.map({ counts[member] < counts[$0] }) ?? true { least = member }
        }
        let found = least ?? 0
        counts[found] += 1
        return UInt8(found)
    }
}
