import CTableLayout
import ForwardingTables
import PacketFormats

/// Header and labels of a packet whose label is swapped: the new label has the old one's class and a TTL less by one, or none
/// takes its place.
enum SwapImposition {
    /// Octets of the labels that packet `index` leaves with, those of a transport not counted.
    @_noLocks @inline(__always)
    static func labelBytes(of index: Int, _ burst: Burst) -> Int {
        let isReplaced = label(of: index, burst) != STILE_LABEL_NONE
        return (Int(burst.labelsBelow[index]) &+ (isReplaced ? 1 : 0)) &* LabelStackEntry.byteCount
    }

    /// What takes the label's place. In a tunnel has to be a label (RFC 7510 §3): where none is left, explicit null is one that every
    /// router knows (RFC 3032 §2.1).
    @_noLocks @inline(__always)
    private static func label(of index: Int, _ burst: Burst) -> UInt32 {
        let label = burst.nextHop[index].label
        let adjacency = burst.adjacency[index]
        guard label == STILE_LABEL_NONE, burst.labelsBelow[index] == 0, adjacency.pointee.has_transport != 0,
            adjacency.transport.pointee.is_encapsulated != 0, adjacency.transport.pointee.label_count == 0
        else { return label }
        return burst.flags[index].contains(.isIPv6) ? 2 : 0
    }

    /// Octets of those between the outermost of them and the packet; below 0 without any.
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
        let label = label(of: index, burst)
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
        // 2. Without a label of its own: the transport's lowest takes the place, or, of none that is left, nothing does.
        if label == STILE_LABEL_NONE, below == 0 || SwapExposure.transportLabels(adjacency) > 0 {
            return SwapExposure.impose(index, onto: packet, under: outer, isOwn: isOwn, burst)
        }
        // 3. The outermost, and what it stands in front of.
        let payload = packet - keptLabelBytes(of: index, burst)
        let top =
            label != STILE_LABEL_NONE
            ? entry(label, outer)
            : exposed(LabelStackEntry(UnsafeRawPointer(payload) - LabelStackEntry.byteCount), under: outer)
        write(adjacency, top: isOwn ? top & ~ownMask | ownBits : top, onto: payload)
        // 4. The transport's.
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
    static func entry(_ label: UInt32, _ outer: LabelStackEntry) -> UInt32 {
        label << 12 | outer.rawValue & 0xF00 | UInt32(outer.timeToLive &- 1)
    }

    /// Where no label takes the place of `outer`: the one under it, in the uniform model (RFC 3443 §3.1, RFC 3270 §2.6.2).
    @_noLocks @inline(__always)
    private static func exposed(_ below: LabelStackEntry, under outer: LabelStackEntry) -> UInt32 {
        LabelStackEntry(
            label: below.label, trafficClass: outer.trafficClass, isBottomOfStack: below.isBottomOfStack,
            timeToLive: min(below.timeToLive, outer.timeToLive &- 1)
        ).rawValue
    }

    /// Class and TTL of labels above a packet that had `outer`.
    @_noLocks @inline(__always)
    static func bits(under outer: LabelStackEntry, isOwn: Bool) -> UInt32 {
        isOwn ? ownBits : outer.rawValue & 0xE00 | UInt32(outer.timeToLive &- 1)
    }

    /// What the box makes has a class and a TTL of its own: network control, and the highest.
    private static var ownMask: UInt32 { @_noLocks @inline(__always) get { Imposition.ownBits } }
    private static var ownBits: UInt32 { @_noLocks @inline(__always) get { 6 << 9 | 255 } }
}
