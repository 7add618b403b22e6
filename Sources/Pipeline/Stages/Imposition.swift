import CTableLayout
import ForwardingTables
import PacketFormats

/// The Ethernet header, tags and labels in front of the packet; the packet is ready to leave.
enum Imposition {
    @_noLocks
    static func run(_ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        var position = 0
        while position < worker.pointee.departingCount {
            let index = Int(burst.departing[position])
            position &+= 1
            finish(index, worker)
        }
        worker.pointee.departingCount = 0
    }

    @_noLocks @inline(__always)
    private static func finish(_ index: Int, _ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        let adjacency = burst.adjacency[index]
        guard adjacency.pointee.port < UInt16(STILE_MAX_PORTS) else {
            worker.pointee.drop(index, .egressPortDown)
            return
        }
        let packet = burst.packet[index]
        let frame = impose(adjacency, worker.pointee.egress(of: index), onto: packet, of: index, worker)
        // Labels that came under a swapped one stand between.
        let labelBytes = worker.pointee.isSwapped(index) ? SwapImposition.keptLabelBytes(of: index, burst) : 0
        worker.pointee.egressPorts |= send(
            index, adjacency, frame, packetLength: burst.packetLength[index] &+ UInt16(truncatingIfNeeded: labelBytes),
            burst)
    }

    /// Packet `index` leaves as `frame`, by the adjacency's port, which is below `STILE_MAX_PORTS`: returned as a bit.
    @_noLocks @inline(__always)
    static func send(
        _ index: Int, _ adjacency: UnsafePointer<stile_adjacency>, _ frame: UnsafeMutableRawPointer,
        packetLength: UInt16, _ burst: Burst
    ) -> UInt64 {
        burst.frame[index] = frame
        burst.frameLength[index] = packetLength &+ UInt16(truncatingIfNeeded: Int(adjacency.pointee.rewrite_bytes))
        let port = adjacency.pointee.port
        burst.verdict[index] = .transmit(port: port)
        return 1 &<< UInt64(port)
    }

    /// Writes header and label in front of the IP header at `packet`, which is packet `index` or a fragment of it, and
    /// returns the start of the frame.
    @_noLocks @inline(__always)
    static func impose(
        _ adjacency: UnsafePointer<stile_adjacency>, _ egress: UnsafePointer<stile_interface>,
        onto packet: UnsafeMutableRawPointer, of index: Int, _ worker: UnsafeMutablePointer<WorkerState>
    ) -> UnsafeMutableRawPointer {
        let burst = worker.pointee.burst
        guard !worker.pointee.isSwapped(index) else {
            return SwapImposition.impose(index, onto: packet, isOwn: false, burst)
        }
        let nextHop = burst.nextHop[index]
        let flags = burst.flags[index]
        let isIPv6 = flags.contains(.isIPv6)
        let start = impose(
            nextHop, adjacency, egress, onto: packet,
            trafficClassOctet: isIPv6 ? IPv6Header(packet).trafficClassOctet : IPv4Header(packet).trafficClassOctet,
            timeToLive: isIPv6 ? IPv6Header(packet).hopLimit : IPv4Header(packet).timeToLive)
        if flags.contains(.hasTrafficClass), nextHop.isLabelled {
            setTrafficClass(burst.trafficClass[index], of: packet)
        }
        if adjacency.pointee.has_transport != 0 {
            imposeTransport(
                adjacency, onto: packet, over: packet, isIPv6: isIPv6,
                services: TunnelEncapsulation.services(of: packet, flags, markedAs: burst.trafficClass[index]))
        }
        return start
    }

    /// Gives the label that has been imposed on the packet the class that a policy has marked.
    @_noLocks @inline(never)
    private static func setTrafficClass(_ trafficClass: UInt8, of packet: UnsafeMutableRawPointer) {
        let octet = (UnsafeRawPointer(packet) - 2).load(as: UInt8.self) & 0xF1 | trafficClass << 1
        packet.storeBytes(of: octet, toByteOffset: -2, as: UInt8.self)
    }

    /// Puts the labels of a transport above the one that has been imposed on the packet, and the header in front of them. They
    /// have that one's class and TTL: RFC 3443 §3.1 and RFC 3270 §2.6.2 for a stack that one router pushes. Where the transport
    /// is MPLS over UDP, its headers stand between.
    ///
    /// - Parameters:
    ///   - payload: what stands behind the label that has been imposed: the packet, or another label above it.
    ///   - services: of the outer header: the differentiated services code point, and 0 for ECN.
    ///   - withoutLowest: whether the label that has been imposed is the transport's lowest.
    @_noLocks
    static func imposeTransport(
        _ adjacency: UnsafePointer<stile_adjacency>, onto payload: UnsafeMutableRawPointer,
        over packet: UnsafeRawPointer, isIPv6: Bool, services: UInt8, withoutLowest: Bool = false
    ) {
        let transport = adjacency.transport
        let count = min(Int(transport.pointee.label_count), Int(STILE_TRANSPORT_LABELS)) &- (withoutLowest ? 1 : 0)
        let isEncapsulated = transport.pointee.is_encapsulated != 0
        guard count > 0 || isEncapsulated else { return }
        // 1. What was the header's end now stands further in front, or is written over.
        let own = UnsafeRawPointer(payload).networkUInt32(at: -LabelStackEntry.byteCount) & ownBits
        let stack = payload - LabelStackEntry.byteCount &* (count &+ 1)
        let above = isEncapsulated ? stack - transport.encapsulation.byteCount : stack
        copy(adjacency, endingAt: above + LabelStackEntry.byteCount)
        // 2. The labels.
        var position = 0
        while position < count {
            let entry = stile_transport_entry(transport, UInt32(truncatingIfNeeded: position)) | own
            stack.storeNetwork(entry, at: position &* LabelStackEntry.byteCount)
            position &+= 1
        }
        // 3. The headers of the tunnel.
        if isEncapsulated {
            TunnelEncapsulation.impose(
                transport.encapsulation, above: stack, packet: packet, isIPv6: isIPv6, services: services)
        }
    }

    /// Writes header and label for a packet that leaves with this traffic class and TTL, and returns the start of the frame.
    @_noLocks @inline(__always)
    static func impose(
        _ nextHop: NextHop, _ adjacency: UnsafePointer<stile_adjacency>, _ egress: UnsafePointer<stile_interface>,
        onto packet: UnsafeMutableRawPointer, trafficClassOctet: UInt8, timeToLive: UInt8
    ) -> UnsafeMutableRawPointer {
        // 1. The header; what of the record is not part of it falls into the headroom.
        copy(adjacency, endingAt: packet)
        // 2. The entry, which is zero out of a circuit: one of entry and header's end is.
        let entry = entry(nextHop, egress, trafficClassOctet: trafficClassOctet, timeToLive: timeToLive)
        let end = UnsafeRawPointer(adjacency + 1).load(fromByteOffset: -LabelStackEntry.byteCount, as: UInt32.self)
        packet.storeBytes(of: entry.bigEndian | end, toByteOffset: -LabelStackEntry.byteCount, as: UInt32.self)
        return packet - Int(adjacency.pointee.rewrite_bytes)
    }

    /// The same into the core, by a transport of one label and nothing else: as `imposeTransport` would leave it.
    @_noLocks @inline(__always)
    static func imposeUnderOneLabel(
        _ nextHop: NextHop, _ adjacency: UnsafePointer<stile_adjacency>, _ egress: UnsafePointer<stile_interface>,
        onto packet: UnsafeMutableRawPointer, trafficClassOctet: UInt8, timeToLive: UInt8
    ) -> UnsafeMutableRawPointer {
        copy(adjacency, endingAt: packet - LabelStackEntry.byteCount)
        let entry = entry(nextHop, egress, trafficClassOctet: trafficClassOctet, timeToLive: timeToLive)
        let outer = adjacency.transport.pointee.entries.0 | entry & ownBits
        packet.storeNetwork(UInt64(outer) << 32 | UInt64(entry), at: -2 &* LabelStackEntry.byteCount)
        return packet - Int(adjacency.pointee.rewrite_bytes)
    }

    /// Of a label stack entry what a transport's labels have of the one below them: class and TTL.
    static var ownBits: UInt32 { @_noLocks @inline(__always) get { 0xEFF } }

    /// The label stack entry of a next hop (RFC 3032 §2.1); 0 out of a circuit. The class selector, DSCP's top three bits, is its
    /// traffic class (RFC 3270 §4.2, RFC 5462).
    @_noLocks @inline(__always)
    private static func entry(
        _ nextHop: NextHop, _ egress: UnsafePointer<stile_interface>, trafficClassOctet: UInt8, timeToLive: UInt8
    ) -> UInt32 {
        let own = UInt16(trafficClassOctet >> 5) << 9 | UInt16(timeToLive)
        return nextHop.label << 12 | UInt32(own & egress.pointee.label_mask | egress.pointee.label_bits)
    }

    /// Writes the whole record in two stores, so that its header ends at `end`.
    @_noLocks @inline(__always)
    static func copy(_ adjacency: UnsafePointer<stile_adjacency>, endingAt end: UnsafeMutableRawPointer) {
        let record = UnsafeRawPointer(adjacency)
        let start = end - MemoryLayout<stile_adjacency>.size
        start.storeBytes(of: record.loadUnaligned(as: SIMD16<UInt8>.self), as: SIMD16<UInt8>.self)
        start.storeBytes(
            of: record.loadUnaligned(fromByteOffset: 16, as: SIMD16<UInt8>.self), toByteOffset: 16,
            as: SIMD16<UInt8>.self)
    }
}

extension UnsafePointer<stile_adjacency> {
    /// What stands behind an adjacency that has a transport.
    var transport: UnsafePointer<stile_transport> {
        @_noLocks @inline(__always) get { UnsafeRawPointer(self + 1).assumingMemoryBound(to: stile_transport.self) }
    }
}

extension UnsafePointer<stile_transport> {
    /// Whether it is one label and nothing else.
    var isOneLabel: Bool {
        @_noLocks @inline(__always) get { pointee.label_count == 1 && pointee.is_encapsulated == 0 }
    }

    /// What stands behind a transport that is encapsulated.
    var encapsulation: UnsafePointer<stile_encapsulation> {
        @_noLocks @inline(__always) get {
            UnsafeRawPointer(self + 1).assumingMemoryBound(to: stile_encapsulation.self)
        }
    }
}

extension WorkerState {
    /// The largest packet that leaves by the way out of packet `index`.
    @_noLocks @inline(__always)
    func mtu(of index: Int, _ egress: UnsafePointer<stile_interface>) -> UInt16 {
        let adjacency = burst.adjacency[index]
        // A unit may have an MTU of its own; one of the core has none.
        let mtu =
            adjacency.pointee.has_transport == 0
            ? egress.pointee.mtu : min(egress.pointee.mtu, adjacency.transport.pointee.mtu)
        // It leaves room for one label and the transport's.
        guard isSwapped(index) else { return mtu }
        var further = max(0, SwapImposition.keptLabelBytes(of: index, burst))
        // What leaves a customer carrier's circuit without any label is IP as any other there: no longer than the circuit's own MTU.
        if SwapImposition.labelBytes(of: index, burst) == 0,
            egress.pointee.flags & UInt8(STILE_FLAG_TAKES_LABELS.rawValue) != 0
        {
            further = LabelStackEntry.byteCount
        }
        return mtu &- min(mtu, UInt16(truncatingIfNeeded: further))
    }

    /// What an ICMP error about packet `index` says of the MTU. Other errors than `tooBig` may be about packets without a way out.
    @_noLocks @inline(__always)
    func mtuReported(about index: Int) -> UInt16 {
        burst.icmpError[index].isTooBig ? mtu(of: index, egress(of: index)) : 0
    }

    /// The counters of the interface that carries what leaves by a unit: its NNI, or the interface that the way out of
    /// packet `index` leads by; those of a circuit are its own.
    @_noLocks @inline(__always)
    public func carrierCounter(of index: Int, _ egress: UnsafePointer<stile_interface>) -> UInt16 {
        let adjacency = burst.adjacency[index]
        return adjacency.pointee.has_transport == 0 ? egress.pointee.nni_counter : adjacency.transport.pointee.counter
    }
}
