import CTableLayout

/// The groups of next hops that routes have at the same time.
public final class GroupWriter {
    private let records: RecordSection<stile_group>
    private let nextHopCount: UInt32

    init(_ file: TablesFile) {
        records = RecordSection(.groups, at: file.header.pointee.groups, of: file)
        nextHopCount = file.header.pointee.next_hops.count
    }

    /// A group that a next hop can name.
    ///
    /// - Parameters:
    ///   - members: numbers of next hops, 2 to `STILE_GROUP_MEMBERS`.
    ///   - buckets: by `stile_group_origin`: bucket → position in `members`.
    public func add(members: [UInt32], buckets: [BucketAssignment]) throws(TablesError) -> UInt32 {
        guard (2...Int(STILE_GROUP_MEMBERS)).contains(members.count),
            buckets.count == Int(STILE_GROUP_ORIGINS.rawValue),
            !members.contains(where: { $0 == 0 || $0 >= nextHopCount })
        else { throw .outOfRange(.groups) }
        for assignment in buckets where assignment.holders.contains(where: { Int($0) >= members.count }) {
            throw .outOfRange(.groups)
        }
        let index = try records.take()
        let record = UnsafeMutableRawPointer(records[index])
        record.initializeMemory(as: UInt8.self, repeating: 0, count: MemoryLayout<stile_group>.size)
        record.storeBytes(of: UInt8(members.count), as: UInt8.self)
        for (position, member) in members.enumerated() {
            record.storeBytes(of: member, toByteOffset: Self.membersOffset + 4 * position, as: UInt32.self)
        }
        for (origin, assignment) in buckets.enumerated() {
            for bucket in assignment.holders.indices {
                set(index, origin: origin, bucket, to: assignment.holders[bucket])
            }
        }
        return index
    }

    /// Gives the packets of some buckets to other members: by one store each.
    ///
    /// - Parameter origin: a `stile_group_origin`.
    public func set(
        _ index: UInt32, origin: Int, buckets: [Int], to assignment: BucketAssignment
    ) throws(TablesError) {
        guard records.has(index), origin < Int(STILE_GROUP_ORIGINS.rawValue) else { throw .outOfRange(.groups) }
        for bucket in buckets { set(index, origin: origin, bucket, to: assignment.holders[bucket]) }
    }

    private func set(_ index: UInt32, origin: Int, _ bucket: Int, to member: UInt8) {
        let octet = UnsafeMutableRawPointer(records[index]) + Self.bucketsOffset + origin * BucketAssignment.bucketCount
        stile_store_relaxed_u8((octet + bucket).assumingMemoryBound(to: UInt8.self), member)
    }

    /// Gives a group back that no next hop names any more.
    public func retire(_ index: UInt32) { records.retire(index) }

    // stile_tables.h asserts them.
    private static let membersOffset = 64
    private static let bucketsOffset = 256
}
