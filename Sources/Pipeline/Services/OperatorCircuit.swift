import CTableLayout
import ForwardingTables

/// Circuits that lead to another operator (Option AB): their packets have no label, and are asked for transit as those of NNIs are.
/// They pass the services for it, so that nobody else's packets are asked.
enum OperatorCircuit {
    /// What comes in by one counts as what comes in by an NNI, in this and every later stage.
    @_noLocks @inline(never)
    static func markIncoming(_ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        let list = worker.pointee.serviceBurst.incoming
        let transit = UInt8(STILE_FLAG_TRANSIT.rawValue)
        var position = 0
        while position < worker.pointee.incomingCount {
            let index = Int(list[position])
            position &+= 1
            let interface = worker.pointee.tables.interfaces + Int(burst.interface[index])
            guard interface.pointee.features & UInt8(STILE_INGRESS_FROM_OPERATOR.rawValue) != 0 else { continue }
            let mayTransit = interface.pointee.flags & transit != 0
            burst.flags[index] = burst.flags[index].with(mayTransit ? .cameLabelled.with(.mayTransit) : .cameLabelled)
        }
    }

    /// Refuses what came in by an NNI or by such a circuit and would leave by one, without transit.
    @_noLocks @inline(never)
    static func checkOutgoing(_ worker: UnsafeMutablePointer<WorkerState>) {
        let list = worker.pointee.serviceBurst.outgoing
        var position = 0
        while position < worker.pointee.outgoingCount {
            let index = Int(list[position])
            position &+= 1
            let egress = worker.pointee.egress(of: index)
            if isOutgoing(egress), let reason = Departure.refusal(of: index, toUnit: egress, worker) {
                worker.pointee.refuse(index, reason, .incoming)
            }
        }
    }

    /// Whether packets leave to another operator by a circuit.
    @_noLocks @inline(__always)
    static func isOutgoing(_ egress: UnsafePointer<stile_interface>) -> Bool {
        egress.pointee.egress_features & UInt8(STILE_EGRESS_TO_OPERATOR.rawValue) != 0
    }
}

extension WorkerState {
    /// Whether a packet came in by a port with a label, whose entry stands in front of it.
    @_noLocks @inline(__always)
    func cameByLabel(_ index: Int) -> Bool {
        burst.flags[index].contains(.cameLabelled)
            && tables.interfaces[Int(burst.interface[index])].kind != UInt8(STILE_INTERFACE_ATTACHMENT_CIRCUIT.rawValue)
    }
}
