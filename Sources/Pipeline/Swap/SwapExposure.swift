import CTableLayout
import ForwardingTables
import PacketFormats

/// A packet whose label nothing of its own takes the place of: the label leads to a PE or reflector of the own network, or came with
/// implicit null. The transport's lowest label takes the place instead, and without any a packet that had this label alone leaves as IP.
enum SwapExposure {
    /// How many labels a way out has before those of the packet.
    @_noLocks @inline(__always)
    static func transportLabels(_ adjacency: UnsafePointer<stile_adjacency>) -> UInt8 {
        adjacency.pointee.has_transport == 0 ? 0 : adjacency.transport.pointee.label_count
    }

    /// Writes header and labels in front of the IP header at `packet` and the labels that stand above it already, as
    /// `SwapImposition.impose` does, and returns the start of the frame.
    @_noLocks @inline(never)
    static func impose(
        _ index: Int, onto packet: UnsafeMutableRawPointer, under outer: LabelStackEntry, isOwn: Bool, _ burst: Burst
    ) -> UnsafeMutableRawPointer {
        let adjacency = burst.adjacency[index]
        let isIPv6 = burst.flags[index].contains(.isIPv6)
        let below = Int(burst.labelsBelow[index])
        let payload = packet - below &* LabelStackEntry.byteCount
        // The record has room for one label more than there is.
        let start = payload + LabelStackEntry.byteCount - Int(adjacency.pointee.rewrite_bytes)
        let count = transportLabels(adjacency)
        guard count > 0 else {
            // 1. IP, with the label's TTL if that is lower (the uniform model, RFC 3443 §3.1).
            if !isOwn { lowerTimeToLive(of: packet, isIPv6: isIPv6, under: outer) }
            // What of the record is the label's place covers the packet's first octets for a moment.
            let first = UnsafeRawPointer(packet).networkUInt32(at: 0)
            Imposition.copy(adjacency, endingAt: packet + LabelStackEntry.byteCount)
            packet.storeNetwork(first, at: 0)
            packet.storeNetwork(isIPv6 ? EtherType.ipv6 : EtherType.ipv4, at: -2)
            return start
        }
        // 2. The transport's lowest label, with class and TTL as of one that was swapped; the others stand above it.
        let lowest = stile_transport_entry(adjacency.transport, UInt32(count &- 1))
        let own = SwapImposition.bits(under: outer, isOwn: isOwn)
        SwapImposition.write(adjacency, top: lowest | (below == 0 ? bottomOfStack : 0) | own, onto: payload)
        Imposition.imposeTransport(
            adjacency, onto: payload, over: packet, isIPv6: isIPv6,
            services: TunnelEncapsulation.services(of: packet, isIPv6 ? .isIPv6 : .none, markedAs: 0),
            withoutLowest: true)
        return start
    }

    private static var bottomOfStack: UInt32 { @_noLocks @inline(__always) get { 0x100 } }

    @_noLocks @inline(__always)
    private static func lowerTimeToLive(
        of packet: UnsafeMutableRawPointer, isIPv6: Bool, under outer: LabelStackEntry
    ) {
        let bound = outer.timeToLive &- 1
        if isIPv6 {
            if IPv6Header(packet).hopLimit > bound { IPv6Header.setHopLimit(bound, of: packet) }
        } else if IPv4Header(packet).timeToLive > bound {
            IPv4Header.lowerTimeToLive(to: bound, of: packet)
        }
    }
}
