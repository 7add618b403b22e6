import CTableLayout
import PacketFormats

/// A packet that is larger than the MTU of its way out.
enum Oversize {
    @_noLocks
    static func run(
        _ index: Int, _ egress: UnsafePointer<stile_interface>, _ worker: UnsafeMutablePointer<WorkerState>
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
        // A fragment needs room for a header and eight octets of payload (RFC 791 §3.2). A packet that is itself a
        // fragment may reach beyond the largest datagram: the offsets of its pieces would not fit their field.
        let start = Int(header.flagsAndFragmentOffset & IPv4Header.fragmentOffsetMask) &* 8
        let end = start &+ Int(burst.packetLength[index]) &- header.headerBytes
        guard Int(worker.pointee.mtu(of: index, egress)) >= header.headerBytes &+ 8, end <= IPv4Header.largestPayloadEnd
        else {
            worker.pointee.drop(index, .fragmentationImpossible)
            return
        }
        // Under a swapped label the TTL is the label's.
        if !flags.contains(.madeByTheBox), !worker.pointee.isSwapped(index) {
            Departure.decrementTimeToLive(of: burst.packet[index], flags)
        }
        Fragmentation.run(index, egress, worker)
    }
}
