import CTableLayout
import PacketFormats

/// Frames without a label: ARP and neighbor discovery of every interface, IP of attachment circuits, and the few
/// services of the box itself on an NNI.
enum UnlabelledIngress {
    private static var allFamilies: UInt8 {
        @_noLocks @inline(__always) get { UInt8(STILE_FLAG_IPV4.rawValue | STILE_FLAG_IPV6.rawValue) }
    }

    @_noLocks @inline(__always)
    static func accept(
        _ index: Int, _ interface: UnsafePointer<stile_interface>, etherType: UInt16, payloadOffset: Int,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let burst = worker.pointee.burst
        let frame = UnsafeRawPointer(burst.frame[index])
        let available = Int(burst.frameLength[index]) &- payloadOffset
        // 1. Unicast frames to another station are not for us; group frames may be ARP or neighbor discovery.
        let isOurs = Ingress.isAddressed(frame, to: interface)
        guard isOurs || EthernetHeader(frame).isToGroup else {
            worker.pointee.drop(index, .notForThisMAC)
            return
        }
        // 2. ARP goes to the control process.
        if etherType == EtherType.arp {
            guard available >= ARPPacket.byteCount else {
                worker.pointee.drop(index, .frameTooShort)
                return
            }
            burst.packet[index] = burst.frame[index] + payloadOffset
            worker.pointee.punt(index, .arp)
            return
        }
        guard etherType == EtherType.ipv4 || etherType == EtherType.ipv6 else {
            worker.pointee.drop(index, .etherTypeNotAccepted)
            return
        }
        // 3. A well-formed IP packet of the family that the EtherType names. An NNI has no VRF that could restrict the
        // family of the box's own services.
        let isNNI = interface.pointee.kind == UInt8(STILE_INTERFACE_NNI.rawValue)
        let packet = burst.frame[index] + payloadOffset
        burst.packet[index] = packet
        switch InternetHeader(
            at: packet, available: available, families: isNNI ? allFamilies : interface.pointee.flags)
        {
        case .malformed(let reason):
            worker.pointee.drop(index, reason)
            return
        case .ipv4(let length):
            guard etherType == EtherType.ipv4 else {
                worker.pointee.drop(index, .ipVersionInvalid)
                return
            }
            burst.packetLength[index] = length
            burst.flags[index] = .none
            burst.timeToLive[index] = IPv4Header(packet).timeToLive
        case .ipv6(let length):
            guard etherType == EtherType.ipv6 else {
                worker.pointee.drop(index, .ipVersionInvalid)
                return
            }
            burst.packetLength[index] = length
            burst.flags[index] = .isIPv6
            burst.timeToLive[index] = IPv6Header(packet).hopLimit
            // 4. Neighbor discovery goes to the control process.
            if NeighborDiscoveryCheck.isForThisLink(packet, bytes: Int(length), onNNI: isNNI) {
                worker.pointee.punt(index, .neighborDiscovery)
                return
            }
            // The link-local addresses of circuits are not in the tables: the control process knows which is the box's. It
            // gets the whole frame, whose source is where the answer goes.
            if !isNNI, isOurs, AddressRules.isLinkLocal(IPv6Header(packet).destination.rawValue) {
                worker.pointee.punt(index, .icmp)
                return
            }
        }
        // 5. On an NNI only the box's own services remain.
        if isNNI {
            LocalServices.accept(index, interface, isOurs: isOurs, worker)
            return
        }
        // 6. IP in a group frame is multicast, or a packet that must not be forwarded (RFC 1812 §5.3.4).
        guard isOurs else {
            worker.pointee.drop(index, isMulticast(packet) ? .multicastDestination : .notForThisMAC)
            return
        }
        Admission.accept(
            index, packet, vrf: interface.pointee.vrf, isIPv6: etherType == EtherType.ipv6,
            features: interface.pointee.features, burst, worker)
    }

    /// Takes the frames behind `first`, one of a circuit with the EtherType of IPv4, that have its header and hold a
    /// well-formed packet; the first one that does not ends the run. Out of line, so that all of it stays in registers.
    @_noLocks @inline(never)
    static func acceptAlike(
        _ first: Int, _ header: RepeatedHeader, _ interface: UnsafePointer<stile_interface>, count: Int,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) -> (packets: Int, bytes: Int) {
        let burst = worker.pointee.burst
        guard interface.pointee.kind == UInt8(STILE_INTERFACE_ATTACHMENT_CIRCUIT.rawValue),
            interface.pointee.flags & UInt8(STILE_FLAG_IPV4.rawValue) != 0,
            Ingress.isAddressed(burst.frame[first], to: interface)
        else { return (0, 0) }
        let owner = burst.owner[first]
        let features = interface.pointee.features
        let root = worker.pointee.tables.ipv4Root(ofVRF: owner.vrf)
        let isStepwise = worker.pointee.isStepwise
        var ipv4Count = worker.pointee.ipv4Count
        var bytes = 0
        var index = first &+ 1
        while index < count, header.isOf(index, burst) {
            if index &+ Ingress.prefetchDistance < count {
                Ingress.prefetch(burst.frame[index &+ Ingress.prefetchDistance])
            }
            let frameBytes = Int(burst.frameLength[index])
            let packet = burst.frame[index] + header.payloadOffset
            guard IPv4Header(packet).isCommon(available: frameBytes &- header.payloadOffset),
                AddressRules.mayBeForwarded(packet)
            else { break }
            burst.packet[index] = packet
            burst.packetLength[index] = UInt16(truncatingIfNeeded: IPv4Header(packet).totalLength)
            burst.owner[index] = owner
            burst.timeToLive[index] = IPv4Header(packet).timeToLive
            if isStepwise {
                Admission.enqueue(index, worker)
            } else if features == 0 {
                Lookup.enqueue(ipv4: index, packet, root: root, at: ipv4Count, burst, worker)
                ipv4Count &+= 1
            } else {
                IngressServices.enqueue(index, features: features, worker)
            }
            bytes &+= frameBytes
            index &+= 1
        }
        worker.pointee.ipv4Count = ipv4Count
        return (index &- first &- 1, bytes)
    }

    /// Takes the frames from `first` on that have one tag, are of attachment circuits and hold well-formed IPv4: those of
    /// many customers follow each other on a port. Returns the first one that is not such a frame. Out of line, so that
    /// all of it stays in registers.
    @_noLocks @inline(never)
    static func acceptTagged(_ first: Int, count: Int, _ worker: UnsafeMutablePointer<WorkerState>) -> Int {
        let burst = worker.pointee.burst
        let headerBytes = EthernetHeader.byteCount &+ VLANTag.byteCount
        var ipv4Count = worker.pointee.ipv4Count
        var index = first
        while index < count {
            let frame = burst.frame[index]
            let packet = frame + headerBytes
            let frameLength = burst.frameLength[index]
            // 1. The tag names the interface.
            guard Int(frameLength) >= headerBytes &+ IPv4Header.minimumByteCount,
                EthernetHeader(frame).etherType == EtherType.customerVLAN
            else { break }
            let tag = VLANTag(UnsafeRawPointer(frame) + EthernetHeader.byteCount)
            guard tag.etherType == EtherType.ipv4 else { break }
            let found = worker.pointee.tables.interface(port: burst.port[index], vid: tag.identifier)
            guard found != 0 else { break }
            let number = UInt16(truncatingIfNeeded: found)
            let interface = worker.pointee.tables.interfaces + Int(number)
            // 2. A circuit that carries IPv4, and a frame to its own address.
            guard interface.pointee.kind == UInt8(STILE_INTERFACE_ATTACHMENT_CIRCUIT.rawValue),
                interface.pointee.flags & UInt8(STILE_FLAG_IPV4.rawValue) != 0,
                Ingress.isAddressed(frame, to: interface)
            else { break }
            // 3. A well-formed packet without options, whose addresses may be forwarded.
            let header = IPv4Header(packet)
            guard header.isCommon(available: Int(frameLength) &- headerBytes), AddressRules.mayBeForwarded(packet)
            else { break }
            if index &+ Ingress.prefetchDistance < count {
                Ingress.prefetch(burst.frame[index &+ Ingress.prefetchDistance])
            }
            let owner = PacketOwner(interface: number, interface)
            burst.packet[index] = packet
            burst.packetLength[index] = UInt16(truncatingIfNeeded: header.totalLength)
            burst.owner[index] = owner
            burst.timeToLive[index] = header.timeToLive
            worker.pointee.countReceived(counter: owner.counter, bytes: frameLength)
            let features = interface.pointee.features
            if features == 0 {
                Lookup.enqueue(
                    ipv4: index, packet, root: worker.pointee.tables.ipv4Root(ofVRF: owner.vrf), at: ipv4Count, burst,
                    worker)
                ipv4Count &+= 1
            } else {
                IngressServices.enqueue(index, features: features, worker)
            }
            index &+= 1
        }
        worker.pointee.ipv4Count = ipv4Count
        return index
    }

    @_noLocks
    private static func isMulticast(_ packet: UnsafeRawPointer) -> Bool {
        IPv4Header(packet).version == 4
            ? packet.octet(at: 16) >> 4 == 0xE
            : packet.octet(at: 24) == 0xFF
    }
}
