import CTableLayout

/// One interface's counters, summed over the workers. Monotonic.
public struct InterfaceCounters: Hashable, Sendable {
    public var rxPackets: UInt64 = 0
    /// Octets of the frames on the wire, without FCS.
    public var rxBytes: UInt64 = 0
    public var txPackets: UInt64 = 0
    public var txBytes: UInt64 = 0
    /// Of the received ones, those that were not forwarded: dropped by the stages, or for the box itself.
    public var rxKeptPackets: UInt64 = 0
    public var rxKeptBytes: UInt64 = 0
    /// Of the sent ones, those that the box itself made.
    public var txOwnPackets: UInt64 = 0
    public var txOwnBytes: UInt64 = 0
    /// Indexed by Pipeline's `DropReason`.
    public var drops: [UInt64] = Array(repeating: 0, count: Int(STILE_MAX_DROP_REASONS))

    public init() {}

    mutating func add(
        _ counters: UnsafePointer<stile_interface_counters>, _ dropped: UnsafePointer<stile_interface_drops>
    ) {
        rxPackets &+= counters.pointee.rx_packets
        rxBytes &+= counters.pointee.rx_bytes
        txPackets &+= counters.pointee.tx_packets
        txBytes &+= counters.pointee.tx_bytes
        rxKeptPackets &+= dropped.pointee.rx_kept_packets
        rxKeptBytes &+= dropped.pointee.rx_kept_bytes
        txOwnPackets &+= dropped.pointee.tx_own_packets
        txOwnBytes &+= dropped.pointee.tx_own_bytes
        for reason in drops.indices { drops[reason] &+= stile_dropped_packets(dropped, UInt32(reason)) }
    }
}
