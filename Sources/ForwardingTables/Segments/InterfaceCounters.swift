import CTableLayout

/// One interface's counters, summed over the workers. Monotonic.
public struct InterfaceCounters: Hashable, Sendable {
    public var rxPackets: UInt64 = 0
    /// Octets of the frames on the wire, without FCS.
    public var rxBytes: UInt64 = 0
    public var txPackets: UInt64 = 0
    public var txBytes: UInt64 = 0
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
        for reason in drops.indices { drops[reason] &+= stile_dropped_packets(dropped, UInt32(reason)) }
    }
}
