import CTableLayout
import ForwardingTables
import PacketFormats

/// What the ingress services and the lookup read of the packets, in one pass: which of them are a run, how long they are,
/// where they come from and go to (`Bench/check-instructions`: a pass for each takes 20 instructions more). The services
/// decide afterwards, and the lookup's queue forgets whom they drop. The counter is in a register: in memory, where every
/// packet reads it anew, it costs 5 cycles each (`Bench/run pipeline --services all`).
struct ServiceIntake {
    private(set) var hasIPv6 = false
    /// Where the IPv4 packets begin and end in the queue of the lookup.
    let queuedFrom: Int
    private var queuedTo: Int
    /// How many sources have been queued: those of the IPv4 packets, in the same order.
    var sourceCount: Int { @_noLocks @inline(__always) get { queuedTo &- queuedFrom } }

    /// Takes in the incoming packets, and puts them in the queue of the lookup.
    ///
    /// - Parameter queuesSources: the sources of IPv4 packets are put in `ServiceBurst.lookups`.
    @_noLocks @inline(__always)
    init(queuesSources: Bool, _ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        let own = worker.pointee.serviceBurst
        let count = worker.pointee.incomingCount
        queuedFrom = worker.pointee.ipv4Count
        queuedTo = queuedFrom
        var position = 0
        while position < count {
            let first = Int(own.incoming[position])
            let root = worker.pointee.tables.ipv4Root(ofVRF: burst.vrf[first])
            let services = worker.pointee.services(of: first, .incoming)
            own.services[first] = services
            stile_prefetch(worker.pointee.tables.policyClasses + Int(services.pointee.classes_in_first))
            if queuesSources {
                let runFrom = sourceCount
                let sourceRoot = ReversePathCheck.ipv4Root(services, root: root)
                position = takeRun(from: position, to: count, root: root, sourceRoot: sourceRoot, worker)
                own.endOfLookupRun[runFrom] = UInt8(truncatingIfNeeded: sourceCount)
            } else {
                position = takeRun(from: position, to: count, root: root, sourceRoot: nil, worker)
            }
        }
        worker.pointee.ipv4Count = queuedTo
    }

    /// Takes the packets from `start` on that have one interface, and returns the position behind them.
    @_noLocks @inline(__always)
    private mutating func takeRun(
        from start: Int, to count: Int, root: UInt64, sourceRoot: UInt64?, _ worker: UnsafeMutablePointer<WorkerState>
    ) -> Int {
        let burst = worker.pointee.burst
        let own = worker.pointee.serviceBurst
        let interface = burst.interface[Int(own.incoming[start])]
        let fib = worker.pointee.tables.fib
        var queued = queuedTo
        var octets: UInt32 = 0
        var position = start
        while position < count {
            let index = Int(own.incoming[position])
            guard burst.interface[index] == interface else { break }
            position &+= 1
            octets &+= UInt32(burst.packetLength[index])
            guard !burst.flags[index].contains(.isIPv6) else {
                hasIPv6 = true
                Self.enqueueIPv6(index, worker)
                continue
            }
            let header = IPv4Header(burst.packet[index])
            if let sourceRoot {
                fib.enqueue(ipv4: header.source.rawValue, root: sourceRoot, at: queued &- queuedFrom, in: own.lookups)
            }
            fib.enqueue(ipv4: header.destination.rawValue, root: root, at: queued, in: burst.ipv4Lookups)
            burst.ipv4Index[queued] = UInt8(truncatingIfNeeded: index)
            queued &+= 1
        }
        queuedTo = queued
        own.endOfRun[start] = UInt8(truncatingIfNeeded: position)
        own.octetsOfRun[start] = octets
        return position
    }

    @_noLocks @inline(never)
    private static func enqueueIPv6(_ index: Int, _ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        Lookup.enqueue(index, burst.packet[index], vrf: burst.vrf[index], isIPv6: true, burst, worker)
    }
}
