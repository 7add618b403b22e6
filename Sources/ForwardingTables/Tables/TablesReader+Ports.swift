import CTableLayout

/// What the data plane's main thread reads of the ports, not the workers.
extension TablesReader {
    /// Differs from what it was when any port's description has changed.
    public var portsSequence: UInt64 {
        stile_load_acquire_u64(stile_ports_sequence(header))
    }

    /// All ports as they were at one moment, with the sequence number of that moment; `nil` while the writer is at it.
    public func readPorts() -> (sequence: UInt64, ports: [stile_port])? {
        let sequence = portsSequence
        guard sequence & 1 == 0 else { return nil }
        let copy = Array(UnsafeBufferPointer(start: ports, count: Int(STILE_MAX_PORTS)))
        stile_fence()
        return portsSequence == sequence ? (sequence, copy) : nil
    }
}
