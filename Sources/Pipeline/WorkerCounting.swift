import CTableLayout

/// Counting, and the two exits from the common path: drop and punt.
extension WorkerState {
    @_noLocks @inline(__always)
    func counters(of counter: UInt16) -> UnsafeMutablePointer<stile_interface_counters> {
        counters + numbers.place(of: counter)
    }

    @_noLocks @inline(__always)
    func drops(of counter: UInt16) -> UnsafeMutablePointer<stile_interface_drops> {
        drops + numbers.place(of: counter)
    }

    /// Counts a packet that the owner of the frames drops: several segments, no room on a ring or queue.
    @_noLocks
    public func countDrop(_ reason: DropReason, counter: UInt16) {
        stile_count_drop(drops(of: counter), reason.number)
    }

    /// Whether the next burst that the stages get is one that is clocked.
    public var isNextBurstClocked: Bool {
        @_noLocks @inline(__always) get { bursts % Pipeline.clockedBursts == 0 }
    }

    /// Leaves frame `index` of the burst to the stages.
    @_noLocks @inline(__always)
    mutating func leaveToStages(_ index: Int) {
        burst.arrived[arrivedCount] = UInt8(truncatingIfNeeded: index)
        arrivedCount &+= 1
    }

    /// Accounts what the owner of the ports has done since `clock`, which then says now.
    @_noLocks
    public func countStage(_ stage: Stage, since clock: inout UInt64, packets: Int) {
        let now = stile_cycles()
        stile_count_stage(statistics, stage.number, now &- clock, UInt64(truncatingIfNeeded: packets))
        clock = now
    }

    /// Counts one packet of a unit at once: packets of different customers follow each other, and a sum that changes
    /// hands with each of them costs more than the addition to memory (`Bench/check-instructions`).
    @_noLocks @inline(__always)
    func countReceived(counter: UInt16, bytes: UInt16) {
        stile_count_rx(counters(of: counter), 1, UInt64(bytes))
    }

    /// Counts the packets of a run, which may have none.
    @_noLocks @inline(__always)
    func countReceived(counter: UInt16, packets: Int, bytes: Int) {
        guard packets > 0 else { return }
        stile_count_rx(
            counters(of: counter), UInt64(truncatingIfNeeded: packets), UInt64(truncatingIfNeeded: bytes))
    }

    /// Counts a frame that left without passing the pipeline (STILE_INJECT_TRANSMIT).
    @_noLocks
    public func countTransmitted(counter: UInt16, bytes: Int) {
        stile_count_tx(counters(of: counter), 1, UInt64(truncatingIfNeeded: bytes))
    }

    /// Ends packet `index` with a drop that counts on its interface. Out of line: its code would otherwise stand
    /// between the checks of the packets that are not dropped. Mutating: the state would otherwise be copied for the call.
    @_noLocks @inline(never)
    mutating func drop(_ index: Int, _ reason: DropReason) {
        burst.verdict[index] = .drop(reason)
        stile_count_drop(drops(of: burst.counter[index]), reason.number)
        countKept(index)
    }

    /// Counts packet `index`, unless the box made it, as one that came in and is not forwarded. Its frame is still the
    /// one that was received.
    @_noLocks
    func countKept(_ index: Int) {
        guard !burst.flags[index].contains(.madeByTheBox) else { return }
        stile_count_rx_kept(drops(of: burst.counter[index]), UInt64(burst.frameLength[index]))
    }

    /// Counts a frame that was lost in front of the stages, but counted as received.
    @_noLocks
    public func countLost(_ reason: DropReason, counter: UInt16, bytes: Int) {
        countDrop(reason, counter: counter)
        stile_count_rx_kept(drops(of: counter), UInt64(truncatingIfNeeded: bytes))
    }

    /// Counts a frame that the box itself sends by an interface.
    @_noLocks
    public func countOwn(counter: UInt16, bytes: Int) {
        stile_count_tx_own(drops(of: counter), UInt64(truncatingIfNeeded: bytes))
    }

    /// Ends packet `index` with a drop and notes that an ICMP error is due, unless the box made the packet itself.
    @_noLocks
    mutating func drop(_ index: Int, _ reason: DropReason, reporting error: ICMPErrorKind) {
        drop(index, reason)
        guard !burst.flags[index].contains(.madeByTheBox) else { return }
        burst.icmpError[index] = error
        burst.reported[reportedCount] = UInt8(truncatingIfNeeded: index)
        reportedCount &+= 1
    }

    /// Hands packet `index` to the control process if its interface's share of the class allows, or that of confirmations
    /// where a known neighbor sent it, and drops it otherwise.
    @_noLocks
    mutating func punt(_ index: Int, _ puntClass: PuntClass) {
        let counter = burst.counter[index]
        guard
            puntLimiter.admits(puntClass, counter: counter, at: cycles)
                || KnownNeighbor.sent(index, puntClass, burst, tables)
                    && puntLimiter.admitsConfirmation(counter: counter, at: cycles)
        else {
            drop(index, .puntRateExceeded)
            return
        }
        burst.verdict[index] = .punt(puntClass)
        countKept(index)
        stile_count_punt(statistics, puntClass.number)
    }
}

/// Sums packets of one interface in registers and writes them once per run of packets with the same interface.
struct CounterRun {
    private var counter: UInt16
    private var packets: UInt64
    private var bytes: UInt64

    @_noLocks @inline(__always)
    init() {
        counter = 0
        packets = 0
        bytes = 0
    }

    @_noLocks @inline(__always)
    mutating func addReceived(
        _ counter: UInt16, packets: Int = 1, bytes: Int, in worker: UnsafeMutablePointer<WorkerState>
    ) {
        if counter != self.counter {
            flushReceived(in: worker)
            self.counter = counter
        }
        self.packets &+= UInt64(truncatingIfNeeded: packets)
        self.bytes &+= UInt64(truncatingIfNeeded: bytes)
    }

    @_noLocks @inline(__always)
    mutating func flushReceived(in worker: UnsafeMutablePointer<WorkerState>) {
        if packets > 0 { stile_count_rx(worker.pointee.counters(of: counter), packets, bytes) }
        packets = 0
        bytes = 0
    }

    @_noLocks @inline(__always)
    mutating func addTransmitted(_ counter: UInt16, bytes: UInt16, in worker: UnsafeMutablePointer<WorkerState>) {
        if counter != self.counter {
            flushTransmitted(in: worker)
            self.counter = counter
        }
        packets &+= 1
        self.bytes &+= UInt64(bytes)
    }

    @_noLocks @inline(__always)
    mutating func flushTransmitted(in worker: UnsafeMutablePointer<WorkerState>) {
        if packets > 0 { stile_count_tx(worker.pointee.counters(of: counter), packets, bytes) }
        packets = 0
        bytes = 0
    }
}
