import PacketFormats

/// Which worker each flow of a receive queue belongs to: by the place of the flow's hash among `count`, as NICs have it.
///
/// The first places stay with the worker that owns the queue, the others are dealt to the other workers in turn. How
/// many stay is `FlowBalance`'s to say while packets come in; here is what a worker begins with.
public enum FlowShares {
    /// Places: enough for equal parts among the most workers, within one sixteenth.
    public static var count: Int { @_noLocks @inline(__always) get { 1024 } }

    /// What receiving and handing over costs at first sight, where a packet's way through the stages and out costs 1
    /// (Bench/README.md: one route, no services; more with a device that copies, less with services).
    static let distributionCost = 0.5

    /// The part of the flows that stays with the queue's owner. Per packet the work is 1 + `distributionCost`, of which
    /// each worker is to do an equal part; the owner has done `distributionCost` of its own already.
    ///
    /// - Parameter workerCount: 1 and up.
    public static func ownPart(workerCount: Int) -> Double {
        workerCount == 1 ? 1 : max((1 + distributionCost) / Double(workerCount) - distributionCost, 0)
    }

    /// How many places stay with the owner at first.
    public static func ownPlaces(workerCount: Int) -> Int {
        Int((ownPart(workerCount: workerCount) * Double(count)).rounded())
    }

    /// The worker for each place whose flows do not stay with the owner. It does not depend on how many stay: when that
    /// changes, no flow goes from one of the others to another.
    public static func others(than owner: Int, workerCount: Int) -> [UInt8] {
        let others = (0..<workerCount).filter { $0 != owner }
        return (0..<count).map { UInt8(clamping: others.isEmpty ? owner : others[$0 % others.count]) }
    }

    /// The worker for each place at first.
    public static func workers(owner: Int, workerCount: Int) -> [UInt8] {
        let own = ownPlaces(workerCount: workerCount)
        return others(than: owner, workerCount: workerCount).enumerated().map { place, other in
            place < own ? UInt8(clamping: owner) : other
        }
    }
}
