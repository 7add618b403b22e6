import ControlProtocol
import Logging

/// What the control process has counted itself: packets that were handed to it and went nowhere.
final class ControlPlaneCounters {
    private struct Counts: Equatable {
        /// Punted packets that were malformed or that nobody expects.
        var puntsIgnored: UInt64 = 0
        /// Packets that found the inject ring full.
        var injectRingFull: UInt64 = 0
        /// Packets given up since their neighbor did not answer or too many waited.
        var heldPacketsDropped: UInt64 = 0
        /// Packets of the kernel that belong to no NNI.
        var kernelPacketsIgnored: UInt64 = 0
    }

    private var counts = Counts()
    /// What the log has last said.
    private var reported = Counts()
    private let logger: Logger

    init(logger: Logger) { self.logger = logger }

    /// Punted packets were malformed, or nobody expects them.
    func countIgnoredPunts(_ packets: Int = 1) { counts.puntsIgnored &+= UInt64(packets) }

    /// A packet found the inject ring full.
    func countFullInjectRing() { counts.injectRingFull &+= 1 }

    /// Packets were given up that waited for a neighbor.
    func countHeldPacketsDropped(_ packets: Int = 1) { counts.heldPacketsDropped &+= UInt64(packets) }

    /// A packet of the kernel belongs to no NNI, or a frame of it to no core interface.
    func countIgnoredKernelPacket() { counts.kernelPacketsIgnored &+= 1 }

    /// Writes to the log what has been lost since it last said so.
    func report() {
        guard counts != reported else { return }
        reported = counts
        logger.notice(
            "packets that went nowhere, in all",
            metadata: [
                "punts_ignored": "\(counts.puntsIgnored)", "inject_ring_full": "\(counts.injectRingFull)",
                "held_packets_dropped": "\(counts.heldPacketsDropped)",
                "kernel_packets_ignored": "\(counts.kernelPacketsIgnored)",
            ])
    }

    /// Where `show drops` says that these were lost: not on an interface.
    private static let place = "stiled"

    /// By reason, also those that are zero.
    var dropCounts: [DropCount] {
        allDrops.map { DropCount(reason: $0.reason, dropClass: $0.dropClass, packets: $0.packets) }
    }

    /// The counters above zero as `show drops` has them, beside those of the data plane.
    var drops: [InterfaceDrop] { allDrops.filter { $0.packets > 0 } }

    private var allDrops: [InterfaceDrop] {
        [
            InterfaceDrop(
                interface: Self.place, reason: "punt_ignored", dropClass: .interfaceError,
                packets: counts.puntsIgnored,
                help: "The packet for the box itself is malformed, or nothing in the box expects it."),
            InterfaceDrop(
                interface: Self.place, reason: "inject_ring_full", dropClass: .resources,
                packets: counts.injectRingFull,
                help: "The data plane has not taken the box's own packets fast enough."),
            InterfaceDrop(
                interface: Self.place, reason: "neighbor_unresolved", dropClass: .noRoute,
                packets: counts.heldPacketsDropped,
                help: "The packet waited for a neighbor that did not answer, or too many waited."),
            InterfaceDrop(
                interface: Self.place, reason: "kernel_packet_ignored", dropClass: .noRoute,
                packets: counts.kernelPacketsIgnored,
                help: "The kernel sent a packet to a device of the box that belongs to none of its interfaces."),
        ]
    }
}
