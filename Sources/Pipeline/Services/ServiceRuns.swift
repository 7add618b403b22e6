import CTableLayout
import ForwardingTables

/// The packets of a list that follow each other and have the same services: what holds for all of them is read once.
extension WorkerState {
    /// Divides the `count` packets on `list` into runs, for `ServiceBurst.endOfRun`.
    @_noLocks @inline(__always)
    func divideIntoRuns(_ list: UnsafeMutablePointer<UInt8>, count: Int, _ direction: ServiceDirection) {
        let endOfRun = serviceBurst.endOfRun
        var start = 0
        var current: UInt32 = 0
        var position = 0
        while position < count {
            let index = Int(list[position])
            let owner = runOwner(of: index, direction)
            if owner != current {
                current = owner
                stile_prefetch(services(of: index, direction))
                endOfRun[start] = UInt8(truncatingIfNeeded: position)
                start = position
            }
            position &+= 1
        }
        endOfRun[start] = UInt8(truncatingIfNeeded: count)
    }

    /// What the packets of a run have in common. Never 0: interface and services record 0 are none.
    @_noLocks @inline(__always)
    private func runOwner(of index: Int, _ direction: ServiceDirection) -> UInt32 {
        switch direction {
        case .incoming: UInt32(burst.interface[index])
        case .outgoing: tables.adjacencies[Int(burst.adjacency[index])].services
        }
    }

    /// Takes the packets that are `gone`, one bit for each, off the list, which is in runs afterwards. Returns how many are
    /// left.
    @_noLocks @inline(__always)
    mutating func keep(
        _ list: UnsafeMutablePointer<UInt8>, count: Int, without gone: UInt64, _ direction: ServiceDirection
    ) -> Int {
        gone == 0 ? count : shorten(list, count: count, without: gone, direction)
    }

    @_noLocks @inline(never)
    private mutating func shorten(
        _ list: UnsafeMutablePointer<UInt8>, count: Int, without gone: UInt64, _ direction: ServiceDirection
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
