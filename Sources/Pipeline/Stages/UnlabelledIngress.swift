import CTableLayout
import PacketFormats

/// Frames without a label: ARP and neighbor discovery of every interface, IP of attachment circuits, and the few
/// services of the box itself on an NNI or core interface.
enum UnlabelledIngress {
    private static var allFamilies: UInt8 {
        @_noLocks @inline(__always) get { UInt8(STILE_FLAG_IPV4.rawValue | STILE_FLAG_IPV6.rawValue) }
    }

    @_noLocks @inline(never)
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
            if etherType == EtherType.mpls, CarrierIngress.takesLabels(interface) {
                CarrierIngress.accept(index, isOurs: isOurs, payloadOffset: payloadOffset, worker)
                return
            }
            if HostDeviceIngress.isOfEngine(
                frame, etherType: etherType, payloadOffset: payloadOffset, available, interface)
            {
                burst.packet[index] = burst.frame[index] + payloadOffset
                worker.pointee.punt(index, .hostDevice)
                return
            }
            worker.pointee.drop(index, .etherTypeNotAccepted)
            return
        }
        // 3. A well-formed IP packet of the family that the EtherType names. An NNI or core interface has no VRF that could restrict the
        // family of the box's own services.
        let takesLabels = Ingress.takesLabels(interface)
        let packet = burst.frame[index] + payloadOffset
        burst.packet[index] = packet
        switch InternetHeader(
            at: packet, available: available, families: takesLabels ? allFamilies : interface.pointee.flags)
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
            if NeighborDiscoveryCheck.isForThisLink(packet, bytes: Int(length), onNNI: takesLabels) {
                worker.pointee.punt(index, .neighborDiscovery)
                return
            }
            // The link-local addresses of circuits are not in the tables: the control process knows which is the box's. It
            // gets the whole frame, whose source is where the answer goes. BGP by such addresses is a local service.
            if !takesLabels, isOurs, AddressRules.isLinkLocal(IPv6Header(packet).destination.rawValue) {
                worker.pointee.punt(index, LocalServices.puntClass(of: index, on: interface, worker) ?? .icmp)
                return
            }
        }
        // 5. On an NNI or core interface only the box's own services remain, and MPLS over UDP from the core.
        if takesLabels {
            if isOurs, Departure.isOfCore(interface), TunnelIngress.isTunnelled(index, burst) {
                TunnelIngress.accept(index, interface, worker)
                return
            }
            if !isOurs, HostDeviceIngress.isOfEngine(group: packet, isIPv6: etherType == EtherType.ipv6, interface) {
                worker.pointee.punt(index, .hostDevice)
                return
            }
            LocalServices.accept(index, interface, isOurs: isOurs, worker)
            return
        }
        // 6. IP in a group frame is multicast, or a packet that must not be forwarded (RFC 1812 §5.3.4).
        guard isOurs else {
            worker.pointee.drop(index, isMulticast(packet) ? .multicastDestination : .notForThisMAC)
            return
        }
        Admission.enqueue(index, worker)
    }

    @_noLocks
    private static func isMulticast(_ packet: UnsafeRawPointer) -> Bool {
        IPv4Header(packet).version == 4
            ? packet.octet(at: 16) >> 4 == 0xE
            : packet.octet(at: 24) == 0xFF
    }
}
