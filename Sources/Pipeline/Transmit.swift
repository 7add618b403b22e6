import CTableLayout
import ForwardingTables

/// The results for the owner of the ports: which packets leave by which port, and the counting of what a port took.
public enum Transmit {
    /// Collects the packets that leave by `port` in `Burst.outgoing`, in the order of the burst, and returns how many.
    @_noLocks
    public static func gather(_ worker: UnsafeMutablePointer<WorkerState>, port: UInt16) -> Int {
        let burst = worker.pointee.burst
        let count = worker.pointee.count
        var gathered = 0
        var index = 0
        while index < count {
            if case .transmit(port) = burst.verdict[index] {
                burst.outgoing[gathered] = UInt8(truncatingIfNeeded: index)
                gathered &+= 1
            }
            index &+= 1
        }
        return gathered
    }

    /// Counts the first `sent` of the `count` gathered packets as transmitted and the others as dropped for `reason`,
    /// all on their egress interfaces. A packet of a unit counts on the NNI or core interface too.
    @_noLocks
    public static func settle(
        _ worker: UnsafeMutablePointer<WorkerState>, count: Int, sent: Int, otherwise reason: DropReason
    ) {
        let burst = worker.pointee.burst
        var transmitted = CounterRun()
        var transmittedByCarrier = CounterRun()
        var position = 0
        while position < count {
            let index = Int(burst.outgoing[position])
            let egress = worker.pointee.egress(of: index)
            if position < sent {
                let bytes = burst.frameLength[index]
                transmitted.addTransmitted(egress.pointee.counter, bytes: bytes, in: worker)
                let carrier = worker.pointee.carrierCounter(of: index, egress)
                if carrier != egress.pointee.counter {
                    transmittedByCarrier.addTransmitted(carrier, bytes: bytes, in: worker)
                }
            } else {
                worker.pointee.countDrop(reason, counter: egress.pointee.counter)
                if worker.pointee.isMetering { FlowMeter.lose(index, reason, worker) }
            }
            position &+= 1
        }
        transmitted.flushTransmitted(in: worker)
        transmittedByCarrier.flushTransmitted(in: worker)
    }
}
