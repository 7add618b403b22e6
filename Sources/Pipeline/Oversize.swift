import CTableLayout
import PacketFormats

/// A packet that is larger than its adjacency's MTU.
enum Oversize {
    @_noLocks
    static func run(
        _ index: Int, _ adjacency: UnsafePointer<stile_adjacency>, _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let burst = worker.pointee.burst
        let flags = burst.flags[index]
        // Routers do not fragment IPv6 (RFC 8200 §5).
        guard !flags.contains(.isIPv6) else {
            worker.pointee.drop(index, .packetTooBig, reporting: .tooBig)
            return
        }
        let header = IPv4Header(burst.packet[index])
        guard header.mayBeFragmented else {
            worker.pointee.drop(index, .fragmentationNeeded, reporting: .tooBig)
            return
        }
        // A fragment needs room for a header and eight octets of payload (RFC 791 §3.2).
        guard Int(adjacency.pointee.mtu) >= header.headerBytes &+ 8 else {
            worker.pointee.drop(index, .fragmentationImpossible)
            return
        }
        if !flags.contains(.madeByTheBox) { Departure.decrementTimeToLive(of: burst.packet[index], flags) }
        Fragmentation.run(index, adjacency, worker)
    }
}
