import CTableLayout
import PacketFormats

/// A packet that is larger than the MTU of its way out.
enum Oversize {
    @_noLocks
    static func run(
        _ index: Int, _ egress: UnsafePointer<stile_interface>, _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        if let reason = refusal(of: index, egress, worker) {
            if case .fragmentationImpossible = reason {
                worker.pointee.drop(index, reason)
            } else {
                worker.pointee.drop(index, reason, reporting: .tooBig)
            }
            return
        }
        let flags = worker.pointee.burst.flags[index]
        // Under a swapped label the TTL is the label's.
        if !flags.contains(.madeByTheBox), !worker.pointee.isSwapped(index) {
            Departure.decrementTimeToLive(of: worker.pointee.burst.packet[index], flags)
        }
        Fragmentation.run(index, egress, worker)
    }

    /// Why the packet cannot be cut up; `nil`: it can.
    @_noLocks
    static func refusal(
        of index: Int, _ egress: UnsafePointer<stile_interface>, _ worker: UnsafeMutablePointer<WorkerState>
    ) -> DropReason? {
        let burst = worker.pointee.burst
        // Routers do not fragment IPv6 (RFC 8200 §5).
        guard !burst.flags[index].contains(.isIPv6) else { return .packetTooBig }
        let header = IPv4Header(burst.packet[index])
        guard header.mayBeFragmented else { return .fragmentationNeeded }
        // A fragment needs room for a header and eight octets of payload (RFC 791 §3.2). A packet that is itself a
        // fragment may reach beyond the largest datagram: the offsets of its pieces would not fit their field.
        let start = Int(header.flagsAndFragmentOffset & IPv4Header.fragmentOffsetMask) &* 8
        let end = start &+ Int(burst.packetLength[index]) &- header.headerBytes
        guard Int(worker.pointee.mtu(of: index, egress)) >= header.headerBytes &+ 8, end <= IPv4Header.largestPayloadEnd
        else { return .fragmentationImpossible }
        return nil
    }
}
