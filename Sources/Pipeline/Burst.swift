import CTableLayout
import ForwardingTables

/// A burst of packets as a structure of arrays in the worker's scratch memory.
///
/// The owner of the frames fills `frame`, `frameLength` and `port` for each packet and gives the count to `process`;
/// afterwards `verdict` says what to do with each. Frames are single segments with `headroomBytes` writable octets in
/// front of them: ICMP errors and label imposition grow into that room.
public struct Burst {
    /// Most packets in one burst.
    public static var capacity: Int { @_noLocks get { 64 } }
    /// Octets that must be writable in front of each frame: an IPv6 header and an ICMPv6 header in front of the packet
    /// (48), and what `injectionHeadroomBytes` says, of which the frame's own Ethernet header gives 14 back.
    public static var headroomBytes: Int { 48 + injectionHeadroomBytes - 14 }
    /// Octets that must be writable in front of an injected IP packet: a whole rewrite (32), two labels of a transport (8) and
    /// the headers of MPLS over UDP (48).
    public static var injectionHeadroomBytes: Int { 88 }

    /// All arrays, one behind the other in one piece of memory: a stage needs one register for the burst, and the
    /// place of an array is a constant (`Bench/run pipeline`: 17 arrays behind 17 pointers cost 20 cycles a packet).
    @usableFromInline let memory: UnsafeMutableRawPointer

    /// Start of the Ethernet frame. After `transmit`: of the frame to send.
    public var frame: UnsafeMutablePointer<UnsafeMutableRawPointer> {
        @_noLocks @inlinable @inline(__always) get {
            (memory + 0).assumingMemoryBound(to: UnsafeMutableRawPointer.self)
        }
    }
    /// Start of the IP header, behind Ethernet header and label; the owner sets it for an injected packet.
    public var packet: UnsafeMutablePointer<UnsafeMutableRawPointer> {
        @_noLocks @inlinable @inline(__always) get {
            (memory + 512).assumingMemoryBound(to: UnsafeMutableRawPointer.self)
        }
    }
    /// Octets of the frame. After `transmit`: of the frame to send.
    public var frameLength: UnsafeMutablePointer<UInt16> {
        @_noLocks @inlinable @inline(__always) get { (memory + 1_024).assumingMemoryBound(to: UInt16.self) }
    }
    /// The port that the frame came in on, below `STILE_MAX_PORTS`.
    public var port: UnsafeMutablePointer<UInt16> {
        @_noLocks @inlinable @inline(__always) get { (memory + 1_152).assumingMemoryBound(to: UInt16.self) }
    }
    public var verdict: UnsafeMutablePointer<Verdict> {
        @_noLocks @inlinable @inline(__always) get { (memory + 1_280).assumingMemoryBound(to: Verdict.self) }
    }
    /// Octets of the IP packet, trailing padding left out.
    public var packetLength: UnsafeMutablePointer<UInt16> {
        @_noLocks @inlinable @inline(__always) get { (memory + 1_536).assumingMemoryBound(to: UInt16.self) }
    }
    /// Whose packet it is; the four arrays behind this one are its fields.
    var owner: UnsafeMutablePointer<PacketOwner> {
        @_noLocks @inline(__always) get { (memory + 1_664).assumingMemoryBound(to: PacketOwner.self) }
    }
    /// The interface record: the circuit or NNI, and after LabelCheck the unit.
    public var interface: OwnerField { @_noLocks @inlinable @inline(__always) get { .init(memory + 1_664) } }
    /// Index of that interface's counters.
    public var counter: OwnerField { @_noLocks @inlinable @inline(__always) get { .init(memory + 1_666) } }
    public var vrf: OwnerField { @_noLocks @inlinable @inline(__always) get { .init(memory + 1_668) } }
    public var flags: OwnerFlags { @_noLocks @inlinable @inline(__always) get { .init(memory + 1_670) } }
    /// The number of the next hop that a label has (`WorkerState.popped`), or that a route map gave, for `Explanation`.
    var steeredNumber: UnsafeMutablePointer<UInt32> {
        @_noLocks @inline(__always) get { (memory + 2_176).assumingMemoryBound(to: UInt32.self) }
    }
    /// What the next hop was that Lookup found, and the adjacency that its link had. Its number besides, for each packet, took
    /// 0.9 cycles more (`Bench/run pipeline`).
    public var nextHop: UnsafeMutablePointer<NextHop> {
        @_noLocks @inlinable @inline(__always) get { (memory + 9_856).assumingMemoryBound(to: NextHop.self) }
    }
    public var adjacency: UnsafeMutablePointer<UnsafePointer<stile_adjacency>> {
        @_noLocks @inlinable @inline(__always) get {
            (memory + 10_368).assumingMemoryBound(to: UnsafePointer<stile_adjacency>.self)
        }
    }
    /// The TTL or hop limit that the packet has before this hop: under a label of the uniform model (RFC 3443 §3.1) the
    /// label's if that is lower, which the packet's own header gets when it leaves the common path or the box.
    var timeToLive: UnsafeMutablePointer<UInt8> {
        @_noLocks @inline(__always) get { (memory + 2_688).assumingMemoryBound(to: UInt8.self) }
    }
    /// Of packets with `PacketFlags.hasTrafficClass`: the traffic class of the label that is imposed, 0 to 7.
    var trafficClass: UnsafeMutablePointer<UInt8> {
        @_noLocks @inline(__always) get { (memory + 9_600).assumingMemoryBound(to: UInt8.self) }
    }
    /// Of packets whose label is swapped (`WorkerState.swapped`): how many labels came under it.
    var labelsBelow: UnsafeMutablePointer<UInt8> {
        @_noLocks @inline(__always) get { (memory + 10_880).assumingMemoryBound(to: UInt8.self) }
    }
    var icmpError: UnsafeMutablePointer<ICMPErrorKind> {
        @_noLocks @inline(__always) get { (memory + 2_752).assumingMemoryBound(to: ICMPErrorKind.self) }
    }

    /// Of packets that the box made: the counters of the NNI that they may leave by without transit, because the packet
    /// that they answer came in by it; 0: none.
    public var answeredNNI: UnsafeMutablePointer<UInt16> {
        @_noLocks @inlinable @inline(__always) get { (memory + 9_664).assumingMemoryBound(to: UInt16.self) }
    }

    /// Frames that the common path has left to the stages, for Ingress.
    var arrived: UnsafeMutablePointer<UInt8> {
        @_noLocks @inline(__always) get { (memory + 9_792).assumingMemoryBound(to: UInt8.self) }
    }
    /// Labelled packets, for LabelCheck.
    var labelled: UnsafeMutablePointer<UInt8> {
        @_noLocks @inline(__always) get { (memory + 2_816).assumingMemoryBound(to: UInt8.self) }
    }
    /// Well-formed IP packets that belong to a VRF, for Admission.
    var admitted: UnsafeMutablePointer<UInt8> {
        @_noLocks @inline(__always) get { (memory + 2_880).assumingMemoryBound(to: UInt8.self) }
    }
    /// Packets with an adjacency, for Departure.
    var routed: UnsafeMutablePointer<UInt8> {
        @_noLocks @inline(__always) get { (memory + 2_944).assumingMemoryBound(to: UInt8.self) }
    }
    /// Packets that leave, for Imposition.
    var departing: UnsafeMutablePointer<UInt8> {
        @_noLocks @inline(__always) get { (memory + 3_008).assumingMemoryBound(to: UInt8.self) }
    }
    /// Dropped packets that an ICMP error is due for.
    var reported: UnsafeMutablePointer<UInt8> {
        @_noLocks @inline(__always) get { (memory + 3_072).assumingMemoryBound(to: UInt8.self) }
    }
    /// Packets that the current port is to send, from `Transmit.gather`.
    public var outgoing: UnsafeMutablePointer<UInt8> {
        @_noLocks @inlinable @inline(__always) get { (memory + 3_136).assumingMemoryBound(to: UInt8.self) }
    }

    /// The packets of one family that wait for the lookup, densely, as the FIB wants them: place in the burst, the lookup
    /// and the next hop that it finds.
    var ipv4Index: UnsafeMutablePointer<UInt8> {
        @_noLocks @inline(__always) get { (memory + 3_200).assumingMemoryBound(to: UInt8.self) }
    }
    var ipv4Result: UnsafeMutablePointer<UInt32> {
        @_noLocks @inline(__always) get { (memory + 3_264).assumingMemoryBound(to: UInt32.self) }
    }
    var ipv4Lookups: FIBQueue { @_noLocks @inline(__always) get { FIBQueue(memory: memory + 3_520) } }
    var ipv6Index: UnsafeMutablePointer<UInt8> {
        @_noLocks @inline(__always) get { (memory + 6_400).assumingMemoryBound(to: UInt8.self) }
    }
    var ipv6Result: UnsafeMutablePointer<UInt32> {
        @_noLocks @inline(__always) get { (memory + 6_464).assumingMemoryBound(to: UInt32.self) }
    }
    var ipv6Lookups: FIBQueue { @_noLocks @inline(__always) get { FIBQueue(memory: memory + 6_720) } }

    private static let byteCount = 10_880 + 64

    init() {
        // Whole pages of its own, so that no other worker's memory is near.
        memory = .allocate(byteCount: Self.byteCount, alignment: 4_096)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: Self.byteCount)
    }

    func deallocate() { memory.deallocate() }
}
