import ForwardingTables

/// The data plane's counters as operators see them: from where they were last cleared. Without a data plane they are zero.
struct ShownCounters {
    let baselines: CounterBaselines
    let reader: DataplaneReader?

    /// Packets that an entry of an access list decided.
    func hits(_ number: UInt32) -> UInt64 { baselines.hits(number, in: reader) }

    func counters(ofClass number: UInt32?) -> ClassCounters {
        number.map { baselines.counters(ofClass: $0, in: reader) } ?? ClassCounters()
    }

    /// For accounting, which nobody clears.
    func account(ofClass number: UInt32?) -> ClassCounters {
        number.map { baselines.account(ofClass: $0, in: reader) } ?? ClassCounters()
    }

    /// An interface's counters over all workers, which nobody clears either.
    func counters(ofInterface number: UInt16) -> InterfaceCounters {
        reader?.counters(Int(number)) ?? InterfaceCounters()
    }
}
