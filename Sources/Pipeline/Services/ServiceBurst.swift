import CTableLayout

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
    /// Whose services they are: the counter of the interface that the packet came in on or leaves by.
    var counter: UnsafeMutablePointer<UInt16> {
        @_noLocks @inline(__always) get { (memory + 7_168).assumingMemoryBound(to: UInt16.self) }
    }
    /// The services record of a packet.
    var services: UnsafeMutablePointer<UInt32> {
        @_noLocks @inline(__always) get { (memory + 192).assumingMemoryBound(to: UInt32.self) }
    }
    /// The access rule that decided about a packet, and its class, by their index in the tables; 0: none. For
    /// `Explanation`.
    var rule: UnsafeMutablePointer<UInt32> {
        @_noLocks @inline(__always) get { (memory + 448).assumingMemoryBound(to: UInt32.self) }
    }
    var policyClass: UnsafeMutablePointer<UInt32> {
        @_noLocks @inline(__always) get { (memory + 704).assumingMemoryBound(to: UInt32.self) }
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
    /// Of the selected packets: source, root and what the FIB found, for the source check.
    var root: UnsafeMutablePointer<UInt64> {
        @_noLocks @inline(__always) get { (memory + 1_984).assumingMemoryBound(to: UInt64.self) }
    }
    var ipv4Source: UnsafeMutablePointer<UInt32> {
        @_noLocks @inline(__always) get { (memory + 2_496).assumingMemoryBound(to: UInt32.self) }
    }
    var nextHop: UnsafeMutablePointer<UInt32> {
        @_noLocks @inline(__always) get { (memory + 2_752).assumingMemoryBound(to: UInt32.self) }
    }
    var ipv6Source: UnsafeMutablePointer<UInt128> {
        @_noLocks @inline(__always) get { (memory + 3_072).assumingMemoryBound(to: UInt128.self) }
    }
    /// The key of each packet in `keyed`.
    private var keys: UnsafeMutablePointer<stile_flow_key> {
        @_noLocks @inline(__always) get { (memory + 4_096).assumingMemoryBound(to: stile_flow_key.self) }
    }

    private static let byteCount = 7_168 + 64 * 2

    init() {
        memory = .allocate(byteCount: Self.byteCount, alignment: 4_096)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: Self.byteCount)
    }

    func deallocate() { memory.deallocate() }

    /// A packet comes to the services of an interface: nothing has decided about it.
    @_noLocks @inline(__always)
    func enter(_ index: Int, services number: UInt32, of interface: UInt16) {
        services[index] = number
        counter[index] = interface
        rule[index] = 0
        policyClass[index] = 0
    }

    @_noLocks @inline(__always)
    func key(_ index: Int) -> UnsafeMutablePointer<stile_flow_key> { keys + index }
}
