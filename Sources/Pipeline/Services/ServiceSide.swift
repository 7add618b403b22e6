import CTableLayout
import ForwardingTables

/// Whose services: of the interface that a packet came in on, or of the one that it leaves by.
enum ServiceSide {
    case incoming
    case outgoing
}

extension WorkerState {
    /// The services of a packet that is on the list of its direction.
    @_noLocks @inline(__always)
    func services(of index: Int, _ direction: ServiceSide) -> UnsafePointer<stile_services> {
        switch direction {
        case .incoming: tables.services + Int(tables.interfaces[Int(burst.interface[index])].services)
        case .outgoing: tables.services + Int(egress(of: index).pointee.services)
        }
    }

    /// The counter of the interface that has these services.
    @_noLocks @inline(__always)
    func serviceCounter(of index: Int, _ direction: ServiceSide) -> UInt16 {
        switch direction {
        case .incoming: burst.counter[index]
        case .outgoing: egress(of: index).pointee.counter
        }
    }

    /// Drops a packet, which counts on the interface whose service it is.
    @_noLocks @inline(never)
    mutating func refuse(_ index: Int, _ reason: DropReason, _ direction: ServiceSide) {
        refused |= 1 &<< UInt64(truncatingIfNeeded: index)
        burst.verdict[index] = .drop(reason)
        stile_count_drop(drops(of: serviceCounter(of: index, direction)), reason.number)
        countKept(index)
    }
}
