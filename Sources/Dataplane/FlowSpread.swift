/// Which of a port's received frames a worker hands to the workers that their flows belong to.
public enum FlowSpread: Equatable, Sendable {
    /// None: every frame stays with the worker that owns the queue.
    case none
    /// IP packets under a label.
    case labelled
    /// All IP packets.
    case all

    /// The rule, which knows only what stays the same while the port is open, so that a flow has one worker all along.
    ///
    /// A single worker has nobody to hand to. A port that does not hash, or has fewer receive queues than there are
    /// workers, cannot feed them all. One that does and has enough still brings all packets of a label on one queue:
    /// a device hashes the label at best (RTE_ETH_RSS_MPLS), which is the same for a whole VRF.
    public init(rxQueues: Int, hashesFlows: Bool, workerCount: Int) {
        if workerCount <= 1 {
            self = .none
        } else if !hashesFlows || rxQueues < workerCount {
            self = .all
        } else {
            self = .labelled
        }
    }
}
