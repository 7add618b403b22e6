import ControlProtocol

/// What the control process has counted itself: packets that were handed to it and went nowhere.
struct ControlPlaneCounters: Equatable {
    /// Punted packets that were malformed or that nobody expects.
    var puntsIgnored: UInt64 = 0
    /// Packets that found the inject ring full.
    var injectRingFull: UInt64 = 0
    /// Packets given up since their neighbor did not answer or too many waited.
    var heldPacketsDropped: UInt64 = 0
    /// Packets of the kernel that belong to no NNI.
    var kernelPacketsIgnored: UInt64 = 0

    /// Where `show drops` says that these were lost: not on an interface.
    private static let place = "stiled"

    /// The counters above zero as `show drops` has them, beside those of the data plane.
    var drops: [InterfaceDrop] {
        [
            InterfaceDrop(
                interface: Self.place, reason: "punt_ignored", dropClass: .interfaceError, packets: puntsIgnored,
                help: "The packet for the box itself is malformed, or nothing in the box expects it."),
            InterfaceDrop(
                interface: Self.place, reason: "inject_ring_full", dropClass: .resources, packets: injectRingFull,
                help: "The data plane has not taken the box's own packets fast enough."),
            InterfaceDrop(
                interface: Self.place, reason: "neighbor_unresolved", dropClass: .noRoute,
                packets: heldPacketsDropped,
                help: "The packet waited for a neighbor that did not answer, or too many waited."),
            InterfaceDrop(
                interface: Self.place, reason: "kernel_packet_ignored", dropClass: .noRoute,
                packets: kernelPacketsIgnored,
                help: "The kernel sent a packet to the TUN device that belongs to no NNI."),
        ].filter { $0.packets > 0 }
    }
}
