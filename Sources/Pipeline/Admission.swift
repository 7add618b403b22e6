import CTableLayout
import ForwardingTables
import PacketFormats

/// From here a labelled packet is as one that came in on an ordinary IP interface. The services of the unit or circuit
/// have their place between the address rules and the queue for the lookup.
enum Admission {
    @_noLocks
    static func run(_ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        let count = worker.pointee.admittedCount
        var position = 0
        while position < count {
            let index = Int(burst.admitted[position])
            position &+= 1
            let packet = UnsafeRawPointer(burst.packet[index])
            // 1. Source and destination are addresses that may be forwarded.
            let refusal =
                burst.flags[index].contains(.isIPv6)
                ? AddressRules.refusal(source: IPv6Header(packet).source, destination: IPv6Header(packet).destination)
                : AddressRules.refusal(source: IPv4Header(packet).source, destination: IPv4Header(packet).destination)
            guard let refusal else {
                // 2. Lookup in the VRF.
                Lookup.enqueue(index, worker)
                continue
            }
            worker.pointee.drop(index, refusal)
        }
    }
}
