import CTableLayout
import PacketFormats

/// IP packets from the control process: ones that were held for a next hop, and answers from a VRF's own address.
enum Injection {
    @_noLocks
    static func run(_ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        let families = UInt8(STILE_FLAG_IPV4.rawValue | STILE_FLAG_IPV6.rawValue)
        var index = 0
        while index < worker.pointee.count {
            burst.interface[index] = 0
            burst.port[index] = 0
            // A packet that was held on its way from an NNI, or answers one of an NNI, keeps to its VRFs' rules of this
            // moment.
            var flags = burst.flags[index].contains(.saidByTheBox) ? PacketFlags.saidByTheBox : .madeByTheBox
            if burst.flags[index].contains(.cameLabelled) {
                flags = flags.with(.cameLabelled)
                if burst.flags[index].contains(.heldFromCore) { flags = flags.with(.heldFromCore) }
                if burst.flags[index].contains(.mayTransit),
                    worker.pointee.tables.allowsTransit(vrf: burst.vrf[index])
                {
                    flags = flags.with(.mayTransit)
                }
            }
            switch InternetHeader(
                at: burst.packet[index], available: Int(burst.packetLength[index]), families: families)
            {
            case .malformed(let reason):
                worker.pointee.drop(index, reason)
            case .ipv4(let length):
                burst.packetLength[index] = length
                burst.flags[index] = flags
                Lookup.enqueue(index, burst.packet[index], vrf: burst.vrf[index], isIPv6: false, burst, worker)
            case .ipv6(let length):
                burst.packetLength[index] = length
                burst.flags[index] = flags.with(.isIPv6)
                Lookup.enqueue(index, burst.packet[index], vrf: burst.vrf[index], isIPv6: true, burst, worker)
            }
            index &+= 1
        }
    }
}
