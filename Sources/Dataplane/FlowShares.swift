import PacketFormats

/// Which worker each flow of a receive queue belongs to: a table over the flows' hashes, as NICs have it.
///
/// To receive and hand over costs the queue's owner about three eighths of what the rest of a packet's way costs (a
/// worker's `spread_cycles` beside the sum of its `stage_cycles`, with one route and no services). So that all workers
/// are busy for equally long, the owner keeps the less for itself the more workers share the rest.
public enum FlowShares {
    /// Entries of the table: enough for equal parts among the most workers, within one sixteenth.
    public static var count: Int { @_noLocks @inline(__always) get { 1024 } }

    /// The cost of receiving and handing over, where a packet's way through the stages and out costs 1.
    static let distributionCost = 0.375

    /// The part of the flows that stays with the queue's owner. Per packet the work is 1 + `distributionCost`, of which
    /// each worker is to do an equal part; the owner has done `distributionCost` of its own already.
    ///
    /// - Parameter workerCount: 1 and up.
    public static func ownPart(workerCount: Int) -> Double {
        workerCount == 1 ? 1 : max((1 + distributionCost) / Double(workerCount) - distributionCost, 0)
    }

    /// The worker for each place of a hash among `count`.
    public static func workers(owner: Int, workerCount: Int) -> [UInt8] {
        let own = Int((ownPart(workerCount: workerCount) * Double(count)).rounded())
        let others = (0..<workerCount).filter { $0 != owner }
        return (0..<count).map { place in
            UInt8(clamping: place < own || others.isEmpty ? owner : others[(place - own) % others.count])
        }
    }
}
