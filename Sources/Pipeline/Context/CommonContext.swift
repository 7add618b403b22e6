import CTableLayout
import ForwardingTables
import PacketFormats

/// What the stages do, in one pass, for the common packet with two labels, of which the first names the table that has the second:
/// that is valid there, at the bottom of the stack and its VRF's. All others stay for the stages.
enum CommonContext {
    /// Takes the packets from frame `first` on that are such, with its header, and returns the first that is not.
    @_noLocks @inline(never)
    static func take(
        from first: Int, _ header: CommonHeader, _ worker: UnsafeMutablePointer<WorkerState>
    ) -> Int {
        let burst = worker.pointee.burst
        let count = worker.pointee.count
        let tables = worker.pointee.tables
        let labels = tables.labels(of: header.interface)
        let headerBytes = header.payloadOffset &+ 2 &* LabelStackEntry.byteCount
        let payloadBytes = CommonHeader.labelledBytes &+ LabelStackEntry.byteCount
        var ipv4Count = worker.pointee.ipv4Count
        var ipv6Count = worker.pointee.ipv6Count
        var octets = 0
        var index = first
        while index < count, header.isOf(index, payloadBytes: payloadBytes, burst) {
            if index &+ CommonIngress.prefetchDistance < count {
                CommonIngress.prefetch(burst.frame[index &+ CommonIngress.prefetchDistance])
            }
            let frameLength = burst.frameLength[index]
            let packet = burst.frame[index] + headerBytes
            let outer = LabelStackEntry(UnsafeRawPointer(packet) - 2 &* LabelStackEntry.byteCount)
            let context = PacketOwner(rawValue: labels.entryWord(outer.label))
            guard !outer.isBottomOfStack, outer.timeToLive > 1, context.isContext else { break }
            let below = LabelStackEntry(UnsafeRawPointer(packet) - LabelStackEntry.byteCount)
            let entry = PacketOwner(rawValue: tables.labels(ofContext: context.contextTable).entryWord(below.label))
            guard below.isBottomOfStackAndForwardable else { break }
            let available = Int(frameLength) &- headerBytes
            let isIPv6 = IPv6Header(packet).version == 6
            if isIPv6 {
                guard entry.has(all: CommonIngress.validIPv6), CommonPacket.isIPv6(packet, available: available) else {
                    break
                }
            } else {
                guard entry.has(all: CommonIngress.validIPv4), CommonPacket.isIPv4(packet, available: available) else {
                    break
                }
            }
            let stackEntry = LabelCheck.pop(outer, above: packet - LabelStackEntry.byteCount)
            let bound = LabelCheck.bound(of: stackEntry, entry)
            burst.packet[index] = packet
            if isIPv6 {
                CommonIngress.takeIPv6(
                    index, packet, of: entry, bound: bound, features: entry.features,
                    root: tables.ipv6Root(ofVRF: entry.vrf), &ipv6Count, burst, worker)
            } else {
                CommonIngress.takeIPv4(
                    index, packet, of: entry, bound: bound, features: entry.features,
                    root: tables.ipv4Root(ofVRF: entry.vrf), &ipv4Count, burst, worker)
            }
            worker.pointee.countReceived(counter: entry.counter, bytes: frameLength)
            octets &+= Int(frameLength)
            index &+= 1
        }
        worker.pointee.ipv4Count = ipv4Count
        worker.pointee.ipv6Count = ipv6Count
        worker.pointee.countReceived(counter: header.owner.counter, packets: index &- first, bytes: octets)
        return index
    }
}
