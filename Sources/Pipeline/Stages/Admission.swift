import CTableLayout
import ForwardingTables
import PacketFormats

/// From here a labelled packet is as one that came in on an ordinary IP interface.
enum Admission {
    @_noLocks
    static func run(_ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        var position = 0
        while position < worker.pointee.admittedCount {
            let index = Int(burst.admitted[position])
            position &+= 1
            let interface = worker.pointee.tables.interfaces + Int(burst.interface[index])
            admit(
                index, burst.packet[index], vrf: burst.vrf[index], isIPv6: burst.flags[index].contains(.isIPv6),
                features: interface.pointee.features, burst, worker)
        }
        worker.pointee.admittedCount = 0
    }

    /// Puts a well-formed packet of a VRF on the stage's list.
    @_noLocks @inline(__always)
    static func enqueue(_ index: Int, _ worker: UnsafeMutablePointer<WorkerState>) {
        worker.pointee.burst.admitted[worker.pointee.admittedCount] = UInt8(truncatingIfNeeded: index)
        worker.pointee.admittedCount &+= 1
    }

    @_noLocks @inline(__always)
    private static func admit(
        _ index: Int, _ packet: UnsafeRawPointer, vrf: UInt16, isIPv6: Bool, features: UInt8, _ burst: Burst,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        // 1. Source and destination are addresses that may be forwarded.
        if isIPv6 {
            let header = IPv6Header(packet)
            if let refusal = AddressRules.refusal(source: header.source, destination: header.destination) {
                worker.pointee.drop(index, refusal)
                return
            }
        } else {
            let header = IPv4Header(packet)
            if let refusal = AddressRules.refusal(source: header.source, destination: header.destination) {
                worker.pointee.drop(index, refusal)
                return
            }
        }
        // 2. The services of the unit or circuit, where it has any.
        guard features == 0 else {
            IngressServices.enqueue(index, features: features, worker)
            return
        }
        // 3. Lookup in the VRF, unless the label has the next hop.
        guard !worker.pointee.isPopped(index) else {
            LabelPop.route(index, worker)
            return
        }
        Lookup.enqueue(index, packet, vrf: vrf, isIPv6: isIPv6, burst, worker)
    }
}
