import CDPDKLookup
import CTableLayout

/// The work of DPDK's example l3fwd between receive and transmit, over one of DPDK's tables: frames of the pool in,
/// plain IPv4 packets with another Ethernet header out.
final class L3Forwarding {
    /// `l3fwd loop (rte_lpm)` and the like: it is not the example itself.
    let name: String
    private let table: DPDKTable
    private let state: UnsafeMutablePointer<dpdk_l3fwd>
    private let frames: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>
    private let ports: UnsafeMutablePointer<UInt16>
    private let capacity = Int(DPDK_L3FWD_BURST)

    /// - Parameter table: of IPv4 routes with fewer next hops than the loop has ports.
    init(_ table: DPDKTable, plan: PortPlan) {
        self.table = table
        name = "l3fwd loop (\(table.name))"
        state = .allocate(capacity: 1)
        state.initialize(to: dpdk_l3fwd())
        state.pointee.table = table.table
        withUnsafeMutableBytes(of: &state.pointee.ethernet) { headers in
            for port in 0..<Int(DPDK_L3FWD_PORTS) {
                let octets = PortPlan.farEndMAC + plan.nniMAC
                UnsafeMutableRawBufferPointer(rebasing: headers[(port * 16)...]).copyBytes(from: octets)
            }
        }
        frames = .allocate(capacity: capacity)
        frames.initialize(repeating: nil, count: capacity)
        ports = .allocate(capacity: capacity)
        ports.initialize(repeating: 0, count: capacity)
    }

    deinit {
        state.deallocate()
        frames.deallocate()
        ports.deallocate()
    }

    @inline(__always)
    func take(from pool: FramePool, first: Int) {
        var index = 0
        while index < capacity {
            frames[index] = pool.frame(first &+ index).assumingMemoryBound(to: UInt8.self)
            index &+= 1
        }
    }

    /// Forwards what was taken and returns the cycles that it took.
    @inline(__always)
    func process() -> UInt64 {
        let start = stile_cycles()
        dpdk_l3fwd_burst(state, frames, ports, UInt32(capacity))
        return stile_cycles() &- start
    }

    /// Next hop (from 0 up; `nil`: none) and octets behind the Ethernet header of a frame that was processed.
    func departure(_ index: Int, bytes: Int) -> (hop: Int?, packet: [UInt8]) {
        let packet = UnsafeRawBufferPointer(start: frames[index].map { $0 + 14 }, count: max(bytes - 14, 0))
        return (ports[index] == 0 ? nil : Int(ports[index]) - 1, Array(packet))
    }
}
