import ForwardingTables
import Routing

/// A list of next hops, each of which gets a copy, in the tables: the next hops are held for it.
struct ReplicationList {
    let number: UInt32
    /// In the order of the members.
    let nextHops: [UInt32]
}

/// Makes such lists. One is never changed: another one takes its place by one store of a label's entry, so that each packet goes to all
/// members of one of them; what becomes of a member is its next hop's and its link's matter.
final class ReplicationLists {
    private let context: TablesContext
    private let nextHops: InstalledNextHops

    init(_ context: TablesContext, nextHops: InstalledNextHops) {
        self.context = context
        self.nextHops = nextHops
    }

    /// `nil`: there is no room for it.
    ///
    /// - Parameter mayBeOnSameSide: whether a member may be on the side that a packet comes from: NNI to NNI, or core to core.
    func make(_ members: [SwapTarget], mayBeOnSameSide: (SwapTarget) -> Bool) -> ReplicationList? {
        var numbers: [UInt32] = []
        for member in members {
            guard let number = nextHops.acquire(.swap(member)) else { break }
            numbers.append(number)
        }
        var list: UInt32?
        if numbers.count == members.count {
            list = context.attempt("replication list") { () throws(TablesError) in
                try context.writer.replications.add(
                    zip(members, numbers).map { (nextHop: $1, mayBeOnSameSide: mayBeOnSameSide($0)) })
            }
        }
        guard let list else {
            for number in numbers { nextHops.release(number) }
            return nil
        }
        return ReplicationList(number: list, nextHops: numbers)
    }

    /// No label's entry names it any more, or none did.
    func retire(_ list: ReplicationList) {
        context.writer.replications.retire(list.number)
        for number in list.nextHops { nextHops.release(number) }
    }
}
