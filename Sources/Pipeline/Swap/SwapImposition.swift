import CTableLayout
import ForwardingTables
import PacketFormats

/// Header and labels of a packet whose label is swapped: the new label has the old one's class and a TTL less by one, or none
/// takes its place.
enum SwapImposition {
    /// Octets of the labels that packet `index` leaves with, those of a transport not counted.
    @_noLocks @inline(__always)
    static func labelBytes(of index: Int, _ burst: Burst) -> Int {
        let isReplaced = burst.nextHop[index].label != STILE_LABEL_NONE
        return (Int(burst.labelsBelow[index]) &+ (isReplaced ? 1 : 0)) &* LabelStackEntry.byteCount
    }

    /// Octets of those between the outermost of them and the packet.
    @_noLocks @inline(__always)
    static func keptLabelBytes(of index: Int, _ burst: Burst) -> Int {
        labelBytes(of: index, burst) &- LabelStackEntry.byteCount
    }

    /// Writes header and labels in front of the IP header at `packet`, which is packet `index`, a fragment of it, or an ICMP error
    /// about it (`isOwn`), and returns the start of the frame.
    @_noLocks
    static func impose(
        _ index: Int, onto packet: UnsafeMutableRawPointer, isOwn: Bool, _ burst: Burst
    ) -> UnsafeMutableRawPointer {
        let nextHop = burst.nextHop[index]
        let adjacency = burst.adjacency[index]
        let below = Int(burst.labelsBelow[index])
        let original = burst.packet[index]
        let stack = original - below &* LabelStackEntry.byteCount
        let outer = LabelStackEntry(UnsafeRawPointer(stack) - LabelStackEntry.byteCount)
        // 1. The labels under the swapped one, where the packet is not the one that brought them.
        if packet != original {
            var position = 0
            while position < below {
                let entry = LabelStackEntry(stack + position &* LabelStackEntry.byteCount).rawValue
                packet.storeNetwork(
                    isOwn ? entry & ~ownMask | ownBits : entry, at: (position &- below) &* LabelStackEntry.byteCount)
                position &+= 1
            }
        }
        // 2. The outermost, and what it stands in front of.
        let payload = packet - keptLabelBytes(of: index, burst)
        let isReplaced = nextHop.label != STILE_LABEL_NONE
        let top =
            isReplaced
            ? entry(nextHop, outer)
            : exposed(LabelStackEntry(UnsafeRawPointer(payload) - LabelStackEntry.byteCount), under: outer)
        write(adjacency, top: isOwn ? top & ~ownMask | ownBits : top, onto: payload)
        // 3. The transport's.
        if adjacency.pointee.has_transport != 0 {
            let isIPv6 = burst.flags[index].contains(.isIPv6)
            Imposition.imposeTransport(
                adjacency, onto: payload, over: packet, isIPv6: isIPv6,
                services: TunnelEncapsulation.services(of: packet, isIPv6 ? .isIPv6 : .none, markedAs: 0))
        }
        return payload - Int(adjacency.pointee.rewrite_bytes)
    }

    /// The header and one label, in front of `payload`.
    @_noLocks @inline(__always)
    static func write(
        _ adjacency: UnsafePointer<stile_adjacency>, top: UInt32, onto payload: UnsafeMutableRawPointer
    ) {
        // The record ends with the label's place.
        Imposition.copy(adjacency, endingAt: payload)
        payload.storeNetwork(top, at: -LabelStackEntry.byteCount)
    }

    /// The entry that takes the place of `outer`: RFC 3032 §2.4.2 for the TTL, RFC 3270 §2.6.2 for the class.
    @_noLocks @inline(__always)
    static func entry(_ nextHop: NextHop, _ outer: LabelStackEntry) -> UInt32 {
        nextHop.label << 12 | outer.rawValue & 0xF00 | UInt32(outer.timeToLive &- 1)
    }

    /// Where no label takes the place of `outer`: the one under it, in the uniform model (RFC 3443 §3.1, RFC 3270 §2.6.2).
    @_noLocks @inline(__always)
    private static func exposed(_ below: LabelStackEntry, under outer: LabelStackEntry) -> UInt32 {
        LabelStackEntry(
            label: below.label, trafficClass: outer.trafficClass, isBottomOfStack: below.isBottomOfStack,
            timeToLive: min(below.timeToLive, outer.timeToLive &- 1)
        ).rawValue
    }

    /// What the box makes has a class and a TTL of its own: network control, and the highest.
    private static var ownMask: UInt32 { @_noLocks @inline(__always) get { Imposition.ownBits } }
    private static var ownBits: UInt32 { @_noLocks @inline(__always) get { 6 << 9 | 255 } }
}
