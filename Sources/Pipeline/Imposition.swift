import CTableLayout
import ForwardingTables
import PacketFormats

/// The Ethernet header, tags and label in front of the packet; the packet is ready to leave.
enum Imposition {
    @_noLocks
    static func run(_ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        var egressPorts = worker.pointee.egressPorts
        var position = 0
        while position < worker.pointee.departingCount {
            let index = Int(burst.departing[position])
            position &+= 1
            let adjacency = worker.pointee.tables.adjacencies + Int(burst.adjacency[index])
            finish(
                index, adjacency, burst.packet[index], length: burst.packetLength[index], burst.flags[index],
                &egressPorts, burst, worker)
        }
        worker.pointee.egressPorts = egressPorts
        worker.pointee.departingCount = 0
    }

    /// A packet that may leave: at once, or with the others of its burst.
    @_noLocks @inline(__always)
    static func accept(
        _ index: Int, _ adjacency: UnsafePointer<stile_adjacency>, _ packet: UnsafeMutableRawPointer, length: UInt16,
        _ flags: PacketFlags, _ egressPorts: inout UInt64, _ burst: Burst,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        guard worker.pointee.isStepwise else {
            finish(index, adjacency, packet, length: length, flags, &egressPorts, burst, worker)
            return
        }
        burst.departing[worker.pointee.departingCount] = UInt8(truncatingIfNeeded: index)
        worker.pointee.departingCount &+= 1
    }

    @_noLocks @inline(__always)
    private static func finish(
        _ index: Int, _ adjacency: UnsafePointer<stile_adjacency>, _ packet: UnsafeMutableRawPointer, length: UInt16,
        _ flags: PacketFlags, _ egressPorts: inout UInt64, _ burst: Burst,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let port = adjacency.pointee.port
        guard port < UInt16(STILE_MAX_PORTS) else {
            worker.pointee.drop(index, .egressPortDown)
            return
        }
        burst.frame[index] = impose(adjacency, onto: packet, of: index, flags, burst)
        burst.frameLength[index] = length &+ UInt16(adjacency.pointee.rewrite_bytes)
        burst.verdict[index] = .transmit(port: port)
        egressPorts |= 1 &<< UInt64(port)
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
        // 1. All 32 octets in two stores; those that are not part of the header fall into the headroom.
        let rewrite = UnsafeRawPointer(adjacency) + 32
        let start = packet - Int(STILE_REWRITE_BYTES)
        start.storeBytes(of: rewrite.loadUnaligned(as: SIMD16<UInt8>.self), as: SIMD16<UInt8>.self)
        start.storeBytes(
            of: rewrite.loadUnaligned(fromByteOffset: 16, as: SIMD16<UInt8>.self), toByteOffset: 16,
            as: SIMD16<UInt8>.self)
        // 2. The label's TTL and traffic class.
        if adjacency.pointee.kind == UInt8(STILE_ADJACENCY_LABELLED.rawValue) {
            let isUniform = adjacency.pointee.flags & UInt8(STILE_FLAG_PROPAGATE_TTL.rawValue) != 0
            let trafficClassOctet =
                isIPv6 ? IPv6Header(packet).trafficClassOctet : IPv4Header(packet).trafficClassOctet
            let packetTimeToLive = isIPv6 ? IPv6Header(packet).hopLimit : IPv4Header(packet).timeToLive
            // RFC 3443 §3.1: uniform takes the TTL that the packet leaves with; pipe begins anew.
            let timeToLive = isUniform ? packetTimeToLive : 255
            // The class selector, DSCP's top three bits, is the traffic class (RFC 3270 §4.2, RFC 5462). Both go into
            // the last two octets of the entry; those of the rewrite have zeros there.
            let classOctet = rewrite.octet(at: 30) | (trafficClassOctet >> 5) << 1
            packet.storeBytes(of: classOctet, toByteOffset: -2, as: UInt8.self)
            packet.storeBytes(of: timeToLive, toByteOffset: -1, as: UInt8.self)
        }
        return packet - Int(adjacency.pointee.rewrite_bytes)
    }
}
