import CTableLayout
import ForwardingTables
import PacketFormats

/// The Ethernet header, tags and label in front of the packet; the packet is ready to leave.
enum Imposition {
    @_noLocks
    static func run(_ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        var position = 0
        while position < worker.pointee.departingCount {
            let index = Int(burst.departing[position])
            position &+= 1
            finish(index, worker.pointee.tables.adjacencies + Int(burst.adjacency[index]), worker)
        }
        worker.pointee.departingCount = 0
    }

    /// A packet that may leave: at once, or with the others of its burst.
    @_noLocks @inline(__always)
    static func accept(
        _ index: Int, _ adjacency: UnsafePointer<stile_adjacency>, _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        guard worker.pointee.isStepwise else {
            finish(index, adjacency, worker)
            return
        }
        worker.pointee.burst.departing[worker.pointee.departingCount] = UInt8(truncatingIfNeeded: index)
        worker.pointee.departingCount &+= 1
    }

    @_noLocks @inline(__always)
    private static func finish(
        _ index: Int, _ adjacency: UnsafePointer<stile_adjacency>, _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        guard adjacency.pointee.port < UInt16(STILE_MAX_PORTS) else {
            worker.pointee.drop(index, .egressPortDown)
            return
        }
        let burst = worker.pointee.burst
        let frame = impose(adjacency, onto: burst.packet[index], of: index, burst.flags[index], burst)
        send(index, adjacency, frame, packetLength: burst.packetLength[index], &worker.pointee.egressPorts, burst)
    }

    /// Packet `index` leaves as `frame`, by the adjacency's port, which is below `STILE_MAX_PORTS`.
    @_noLocks @inline(__always)
    static func send(
        _ index: Int, _ adjacency: UnsafePointer<stile_adjacency>, _ frame: UnsafeMutableRawPointer,
        packetLength: UInt16, _ egressPorts: inout UInt64, _ burst: Burst
    ) {
        burst.frame[index] = frame
        burst.frameLength[index] = packetLength &+ UInt16(adjacency.pointee.rewrite_bytes)
        burst.verdict[index] = .transmit(port: adjacency.pointee.port)
        egressPorts |= 1 &<< UInt64(adjacency.pointee.port)
    }

    /// Writes the adjacency's rewrite in front of the IP header at `packet`, which is packet `index` or a fragment of it,
    /// and returns the start of the frame.
    @_noLocks @inline(__always)
    static func impose(
        _ adjacency: UnsafePointer<stile_adjacency>, onto packet: UnsafeMutableRawPointer, of index: Int,
        _ flags: PacketFlags, _ burst: Burst
    ) -> UnsafeMutableRawPointer {
        let start = impose(adjacency, onto: packet, isIPv6: flags.contains(.isIPv6))
        if flags.contains(.hasTrafficClass) { setTrafficClass(burst.trafficClass[index], adjacency, of: packet) }
        return start
    }

    /// Gives the label that has been imposed on the packet the class that a policy has marked.
    @_noLocks @inline(never)
    private static func setTrafficClass(
        _ trafficClass: UInt8, _ adjacency: UnsafePointer<stile_adjacency>, of packet: UnsafeMutableRawPointer
    ) {
        guard adjacency.pointee.kind == UInt8(STILE_ADJACENCY_LABELLED.rawValue) else { return }
        let octet = (UnsafeRawPointer(packet) - 2).load(as: UInt8.self) & 0xF1 | trafficClass << 1
        packet.storeBytes(of: octet, toByteOffset: -2, as: UInt8.self)
    }

    @_noLocks @inline(__always)
    private static func impose(
        _ adjacency: UnsafePointer<stile_adjacency>, onto packet: UnsafeMutableRawPointer, isIPv6: Bool
    ) -> UnsafeMutableRawPointer {
        impose(
            adjacency, onto: packet,
            trafficClassOctet: isIPv6 ? IPv6Header(packet).trafficClassOctet : IPv4Header(packet).trafficClassOctet,
            timeToLive: isIPv6 ? IPv6Header(packet).hopLimit : IPv4Header(packet).timeToLive)
    }

    /// Writes the rewrite for a packet that leaves with this traffic class and TTL, and returns the start of the frame.
    @_noLocks @inline(__always)
    static func impose(
        _ adjacency: UnsafePointer<stile_adjacency>, onto packet: UnsafeMutableRawPointer, trafficClassOctet: UInt8,
        timeToLive: UInt8
    ) -> UnsafeMutableRawPointer {
        // 1. All 32 octets in two stores; those that are not part of the header fall into the headroom.
        let rewrite = UnsafeRawPointer(adjacency) + 32
        let start = packet - Int(STILE_REWRITE_BYTES)
        start.storeBytes(of: rewrite.loadUnaligned(as: SIMD16<UInt8>.self), as: SIMD16<UInt8>.self)
        start.storeBytes(
            of: rewrite.loadUnaligned(fromByteOffset: 16, as: SIMD16<UInt8>.self), toByteOffset: 16,
            as: SIMD16<UInt8>.self)
        // 2. The label's traffic class and TTL, its last two octets; without a label `packet_bits` are zero. The class
        // selector, DSCP's top three bits, is the traffic class (RFC 3270 §4.2, RFC 5462).
        let packetBits = (rewrite - 4).load(as: UInt16.self)
        let own = UInt16(trafficClassOctet >> 4) | UInt16(timeToLive) << 8
        packet.storeBytes(
            of: (own.littleEndian & packetBits) | rewrite.load(fromByteOffset: 30, as: UInt16.self), toByteOffset: -2,
            as: UInt16.self)
        return packet - Int(adjacency.pointee.rewrite_bytes)
    }
}
