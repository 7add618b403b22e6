import CTableLayout
import ForwardingTables

/// What the services remember of the packets of a burst, beside `Burst`: touched only where a packet has services.
struct ServiceBurst {
    /// All arrays, one behind the other in one piece of memory, as in `Burst`.
    private let memory: UnsafeMutableRawPointer

    /// Packets with ingress services, and packets with egress services, by their place in the burst.
    var incoming: UnsafeMutablePointer<UInt8> {
        @_noLocks @inline(__always) get { (memory + 0).assumingMemoryBound(to: UInt8.self) }
    }
    var outgoing: UnsafeMutablePointer<UInt8> {
        @_noLocks @inline(__always) get { (memory + 64).assumingMemoryBound(to: UInt8.self) }
    }
    /// The packets that one step looks at, densely, by their place in the burst.
    var selected: UnsafeMutablePointer<UInt8> {
        @_noLocks @inline(__always) get { (memory + 128).assumingMemoryBound(to: UInt8.self) }
    }
    /// The packets that one step leaves to a later one, by their place in the burst.
    var others: UnsafeMutablePointer<UInt8> {
        @_noLocks @inline(__always) get { (memory + 7_296).assumingMemoryBound(to: UInt8.self) }
    }
    /// Of the list that is served: by the position of a run's first packet, the position behind its last one. The packets of
    /// a run have the same services; incoming ones came in on the same interface.
    var endOfRun: UnsafeMutablePointer<UInt8> {
        @_noLocks @inline(__always) get { (memory + 8_384).assumingMemoryBound(to: UInt8.self) }
    }
    /// By the place of a run's first packet in the burst: its services.
    var services: UnsafeMutablePointer<UnsafePointer<stile_services>> {
        @_noLocks @inline(__always) get {
            (memory + 11_584).assumingMemoryBound(to: UnsafePointer<stile_services>.self)
        }
    }
    /// By the position of a run's first packet: octets of its IP packets.
    var octetsOfRun: UnsafeMutablePointer<UInt32> {
        @_noLocks @inline(__always) get { (memory + 704).assumingMemoryBound(to: UInt32.self) }
    }
    /// As `endOfRun`, of the packets whose source is looked up, by their position in `lookups`.
    var endOfLookupRun: UnsafeMutablePointer<UInt8> {
        @_noLocks @inline(__always) get { (memory + 192).assumingMemoryBound(to: UInt8.self) }
    }
    /// The access rule and the class that decided last, by their index in the tables; 0: none. For `Explanation`, whose
    /// packet is alone in its burst.
    var rule: UnsafeMutablePointer<UInt32> {
        @_noLocks @inline(__always) get { (memory + 448).assumingMemoryBound(to: UInt32.self) }
    }
    var policyClass: UnsafeMutablePointer<UInt32> {
        @_noLocks @inline(__always) get { (memory + 452).assumingMemoryBound(to: UInt32.self) }
    }
    /// Of the selected packets: what the policer measures.
    var octets: UnsafeMutablePointer<UInt32> {
        @_noLocks @inline(__always) get { (memory + 960).assumingMemoryBound(to: UInt32.self) }
    }
    /// Of the selected packets: which rule of their list decides, by its position in the list.
    var position: UnsafeMutablePointer<UInt32> {
        @_noLocks @inline(__always) get { (memory + 1_216).assumingMemoryBound(to: UInt32.self) }
    }
    var selectedKey: UnsafeMutablePointer<UnsafePointer<stile_flow_key>?> {
        @_noLocks @inline(__always) get {
            (memory + 1_472).assumingMemoryBound(to: UnsafePointer<stile_flow_key>?.self)
        }
    }
    /// Of the selected packets: where they begin, and which rules of 64 they meet, for lists that are bit vectors.
    var selectedPacket: UnsafeMutablePointer<UnsafeRawPointer> {
        @_noLocks @inline(__always) get { (memory + 7_360).assumingMemoryBound(to: UnsafeRawPointer.self) }
    }
    var matchingRules: UnsafeMutablePointer<UInt64> {
        @_noLocks @inline(__always) get { (memory + 7_872).assumingMemoryBound(to: UInt64.self) }
    }
    /// Of the selected packets: the lookup of an address, and the next hop that the FIB found. The source check asks for
    /// sources, policy-based routing for destinations.
    var lookups: FIBQueue { @_noLocks @inline(__always) get { FIBQueue(memory: memory + 8_704) } }
    var nextHop: UnsafeMutablePointer<UInt32> {
        @_noLocks @inline(__always) get { (memory + 2_752).assumingMemoryBound(to: UInt32.self) }
    }
    /// The key of each packet in `keyed`.
    private var keys: UnsafeMutablePointer<stile_flow_key> {
        @_noLocks @inline(__always) get { (memory + 4_096).assumingMemoryBound(to: stile_flow_key.self) }
    }

    /// The entry of a route map that takes a packet, by its index in the tables. Only of packets that policy-based routing
    /// has looked at in this burst.
    var routeMapEntry: UnsafeMutablePointer<UInt32> {
        @_noLocks @inline(__always) get { (memory + 8_448).assumingMemoryBound(to: UInt32.self) }
    }

    private static let byteCount = 8_704 + FIBQueue.byteCount + 512

    init() {
        memory = .allocate(byteCount: Self.byteCount, alignment: 4_096)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: Self.byteCount)
    }

    func deallocate() { memory.deallocate() }

    /// Nothing has decided: for `Explanation`.
    func forget() {
        rule.pointee = 0
        policyClass.pointee = 0
        routeMapEntry[0] = 0
    }

    @_noLocks @inline(__always)
    func key(_ index: Int) -> UnsafeMutablePointer<stile_flow_key> { keys + index }
}
