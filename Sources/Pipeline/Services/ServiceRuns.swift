import CTableLayout
import ForwardingTables

/// The packets of a list that follow each other and have the same services: what holds for all of them is read once.
extension WorkerState {
    /// Divides the `count` packets on `list` into runs, for `ServiceBurst.endOfRun`. Incoming ones are in runs when they
    /// have been taken in.
    @_noLocks @inline(__always)
    func divideIntoRuns(_ list: UnsafeMutablePointer<UInt8>, count: Int, _ direction: ServiceSide) {
        let own = serviceBurst
        var position = 0
        while position < count {
            let start = position
            let first = Int(list[position])
            let owner = runOwner(of: first, direction)
            own.services[first] = services(of: first, direction)
            var octets: UInt32 = 0
            repeat {
                let index = Int(list[position])
                guard runOwner(of: index, direction) == owner else { break }
                position &+= 1
                octets &+= UInt32(burst.packetLength[index])
            } while position < count
            own.endOfRun[start] = UInt8(truncatingIfNeeded: position)
            own.octetsOfRun[start] = octets
        }
    }

    /// What the packets of a run have in common.
    @_noLocks @inline(__always)
    private func runOwner(of index: Int, _ direction: ServiceSide) -> UInt32 {
        switch direction {
        case .incoming: UInt32(burst.interface[index])
        case .outgoing: egress(of: index).pointee.services
        }
    }

    /// Takes the packets that are `gone`, one bit for each, off the list, which is in runs afterwards. Returns how many are
    /// left.
    @_noLocks @inline(never)
    func shorten(
        _ list: UnsafeMutablePointer<UInt8>, count: Int, without gone: UInt64, _ direction: ServiceSide
    ) -> Int {
        var kept = 0
        var position = 0
        while position < count {
            let index = list[position]
            position &+= 1
            list[kept] = index
            kept &+= gone &>> UInt64(index) & 1 == 0 ? 1 : 0
        }
        divideIntoRuns(list, count: kept, direction)
        return kept
    }
}
