/// A burst of packets as a structure of arrays in the worker's scratch memory.
///
/// The owner of the frames fills `frame`, `frameLength` and `port` for each packet and gives the count to `process`;
/// afterwards `verdict` says what to do with each. Frames are single segments with `headroomBytes` writable octets in
/// front of them: ICMP errors and label imposition grow into that room.
public struct Burst {
    /// Most packets in one burst.
    public static var capacity: Int { @_noLocks get { 64 } }
    /// Octets that must be writable in front of each frame: an IPv6 header and an ICMPv6 header in front of the packet
    /// (48) and a whole rewrite (32), of which the frame's own Ethernet header gives 14 back.
    public static var headroomBytes: Int { 80 }
    /// Octets that must be writable in front of an injected IP packet.
    public static var injectionHeadroomBytes: Int { 32 }

    /// Start of the Ethernet frame. After `transmit`: of the frame to send.
    public let frame: UnsafeMutablePointer<UnsafeMutableRawPointer>
    /// Octets of the frame. After `transmit`: of the frame to send.
    public let frameLength: UnsafeMutablePointer<UInt16>
    /// The port that the frame came in on, below `STILE_MAX_PORTS`.
    public let port: UnsafeMutablePointer<UInt16>
    public let verdict: UnsafeMutablePointer<Verdict>

    /// Start of the IP header, set when Ethernet header and label are off; the owner sets it for an injected packet.
    public let packet: UnsafeMutablePointer<UnsafeMutableRawPointer>
    /// Octets of the IP packet, trailing padding left out.
    public let packetLength: UnsafeMutablePointer<UInt16>
    /// The interface record: the circuit or NNI, and after LabelCheck the unit.
    public let interface: UnsafeMutablePointer<UInt16>
    /// Index of that interface's counters.
    public let counter: UnsafeMutablePointer<UInt16>
    public let vrf: UnsafeMutablePointer<UInt16>
    public let flags: UnsafeMutablePointer<PacketFlags>
    /// Octets in front of the label stack.
    let labelOffset: UnsafeMutablePointer<UInt16>
    /// What Lookup found.
    public let nextHop: UnsafeMutablePointer<UInt32>
    public let adjacency: UnsafeMutablePointer<UInt32>
    let icmpError: UnsafeMutablePointer<ICMPErrorKind>

    /// Labelled packets, for LabelCheck.
    let labelled: UnsafeMutablePointer<UInt8>
    /// Well-formed IP packets that belong to a VRF, for Admission.
    let admitted: UnsafeMutablePointer<UInt8>
    /// Packets with an adjacency, for Departure.
    let routed: UnsafeMutablePointer<UInt8>
    /// Packets that leave, for Imposition.
    let departing: UnsafeMutablePointer<UInt8>
    /// Dropped packets that an ICMP error is due for.
    let reported: UnsafeMutablePointer<UInt8>
    /// Packets that the current port is to send, from `Transmit.gather`.
    public let outgoing: UnsafeMutablePointer<UInt8>

    let ipv4: LookupQueue<UInt32>
    let ipv6: LookupQueue<UInt128>

    init() {
        func array<Element>(of type: Element.Type) -> UnsafeMutablePointer<Element> {
            // Whole cache lines, so that no array shares one with another worker's memory.
            let bytes = (MemoryLayout<Element>.stride * Self.capacity + 63) & ~63
            let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
            memory.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
            return memory.assumingMemoryBound(to: type)
        }
        frame = array(of: UnsafeMutableRawPointer.self)
        frameLength = array(of: UInt16.self)
        port = array(of: UInt16.self)
        verdict = array(of: Verdict.self)
        packet = array(of: UnsafeMutableRawPointer.self)
        packetLength = array(of: UInt16.self)
        interface = array(of: UInt16.self)
        counter = array(of: UInt16.self)
        vrf = array(of: UInt16.self)
        flags = array(of: PacketFlags.self)
        labelOffset = array(of: UInt16.self)
        nextHop = array(of: UInt32.self)
        adjacency = array(of: UInt32.self)
        icmpError = array(of: ICMPErrorKind.self)
        labelled = array(of: UInt8.self)
        admitted = array(of: UInt8.self)
        routed = array(of: UInt8.self)
        departing = array(of: UInt8.self)
        reported = array(of: UInt8.self)
        outgoing = array(of: UInt8.self)
        ipv4 = LookupQueue(
            index: array(of: UInt8.self), root: array(of: UInt64.self), destination: array(of: UInt32.self),
            result: array(of: UInt32.self))
        ipv6 = LookupQueue(
            index: array(of: UInt8.self), root: array(of: UInt64.self), destination: array(of: UInt128.self),
            result: array(of: UInt32.self))
    }

    func deallocate() {
        frame.deallocate()
        frameLength.deallocate()
        port.deallocate()
        verdict.deallocate()
        packet.deallocate()
        packetLength.deallocate()
        interface.deallocate()
        counter.deallocate()
        vrf.deallocate()
        flags.deallocate()
        labelOffset.deallocate()
        nextHop.deallocate()
        adjacency.deallocate()
        icmpError.deallocate()
        labelled.deallocate()
        admitted.deallocate()
        routed.deallocate()
        departing.deallocate()
        reported.deallocate()
        outgoing.deallocate()
        ipv4.deallocate()
        ipv6.deallocate()
    }
}

/// The packets of one address family that wait for the lookup, densely, as the FIB wants them.
struct LookupQueue<Destination> {
    /// The packet's place in the burst.
    let index: UnsafeMutablePointer<UInt8>
    let root: UnsafeMutablePointer<UInt64>
    let destination: UnsafeMutablePointer<Destination>
    /// The next hop that the FIB found.
    let result: UnsafeMutablePointer<UInt32>

    func deallocate() {
        index.deallocate()
        root.deallocate()
        destination.deallocate()
        result.deallocate()
    }
}
