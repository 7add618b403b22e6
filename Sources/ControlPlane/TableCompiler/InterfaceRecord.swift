import Addressing
import CTableLayout
import PacketFormats

extension VRFPlan {
    /// `stile_vrf.flags`.
    var flags: UInt32 {
        var flags: UInt32 = 0
        if families.contains(.ipv4) { flags |= STILE_FLAG_IPV4.rawValue }
        if families.contains(.ipv6) { flags |= STILE_FLAG_IPV6.rawValue }
        if allowsTransit { flags |= STILE_FLAG_TRANSIT.rawValue }
        if propagatesTTL { flags |= STILE_FLAG_PROPAGATE_TTL.rawValue }
        return flags
    }
}

extension PortPlan {
    /// The port as the tables hold it. Descriptors of 0 leave the number to the data plane.
    var record: stile_port {
        var record = stile_port()
        setText(name.description, in: &record.name)
        setText(device, in: &record.device)
        record.flags = STILE_PORT_IN_USE.rawValue | (isShutdown ? STILE_PORT_SHUTDOWN.rawValue : 0)
        record.mtu = mtu
        record.rx_queues = receiveQueues
        if let hardwareAddress { setOctets(hardwareAddress.octets, in: &record.mac) }
        return record
    }
}

extension InterfacePlan {
    /// The record without what an NNI's tables add.
    /// - Parameters:
    ///   - vrf: the plan of the interface's VRF; `nil` on an NNI.
    ///   - nni: a unit's NNI.
    func record(vrf: VRFPlan?, nni: InterfacePlan?) -> stile_interface {
        var record = stile_interface()
        switch kind {
        case .attachmentCircuit: record.kind = UInt8(STILE_INTERFACE_ATTACHMENT_CIRCUIT.rawValue)
        case .nni: record.kind = UInt8(STILE_INTERFACE_NNI.rawValue)
        case .unit: record.kind = UInt8(STILE_INTERFACE_UNIT.rawValue)
        case .core: record.kind = UInt8(STILE_INTERFACE_CORE.rawValue)
        case .coreUnit: record.kind = UInt8(STILE_INTERFACE_CORE_UNIT.rawValue)
        }
        record.flags = UInt8(truncatingIfNeeded: vrf?.flags ?? 0)
        if isCarrierCircuit { record.flags |= UInt8(STILE_FLAG_TAKES_LABELS.rawValue) }
        if explicitNulls.contains(.ipv4) { record.flags |= UInt8(STILE_FLAG_NULL_IPV4.rawValue) }
        if explicitNulls.contains(.ipv6) { record.flags |= UInt8(STILE_FLAG_NULL_IPV6.rawValue) }
        if hostDevice != nil { record.flags |= UInt8(STILE_FLAG_HOST_DEVICE.rawValue) }
        record.vrf = vrf?.number.rawValue ?? 0
        record.counter = number.rawValue
        record.nni_counter = (nni?.number ?? number).rawValue
        record.port = port
        record.mtu = mtu
        if let hardwareAddress { setOctets(hardwareAddress.octets, in: &record.mac) }
        for source in icmpSources {
            switch source {
            case .ipv4(let address): record.icmp_source_ipv4 = address.rawValue
            case .ipv6(let address): setOctets(address.octets, in: &record.icmp_source_ipv6)
            }
        }
        return record
    }
}

extension ForwardingPlan {
    /// The record by which packets whose labels are swapped leave an NNI or a customer carrier's circuit, or into the core; `nil`:
    /// they cannot now. It counts as the NNI or circuit does; into the core the interfaces there count, and 0 has nobody's counters.
    func swapRecord(at place: String) -> stile_interface? {
        var record = stile_interface()
        guard place != Self.coreName else {
            record.kind = UInt8(STILE_INTERFACE_CORE_UNIT.rawValue)
            record.mtu = .max
            return record
        }
        guard let nni = interfaces[place], nni.hasLabels, nni.isInstallable else { return nil }
        record = nni.record(vrf: nil, nni: nil)
        record.kind = UInt8(STILE_INTERFACE_UNIT.rawValue)
        record.mtu = nni.labelledMTU
        return record
    }
}

extension LocalService {
    /// The service as the tables hold it.
    var record: stile_local_service {
        var record = stile_local_service()
        record.family = local.family.rawValue
        setOctets(local.octets, in: &record.local)
        setOctets(remote.address.octets, in: &record.remote)
        record.remote_bits = remote.length
        switch kind {
        case .bgp(let localPort, let remotePort):
            record.protocol = 6
            record.punt_class = UInt8(STILE_PUNT_BGP.rawValue)
            record.local_port = localPort
            record.remote_port = remotePort
        case .icmp(let type):
            record.protocol = local.family == .ipv4 ? 1 : 58
            record.punt_class = UInt8(STILE_PUNT_ICMP.rawValue)
            record.icmp_type = type
        case .tunnel: setTunnel(STILE_SERVICE_TUNNEL, in: &record)
        case .tunnelWithoutChecksum: setTunnel(STILE_SERVICE_TUNNEL_WITHOUT_CHECKSUM, in: &record)
        case .routing(let protocolNumber, let localPort, let remotePort):
            record.protocol = protocolNumber
            record.punt_class = UInt8(STILE_PUNT_HOST_DEVICE.rawValue)
            record.local_port = localPort
            record.remote_port = remotePort
        case .routingAnswer(let remotePort):
            record.protocol = IPProtocol.tcp
            record.punt_class = UInt8(STILE_PUNT_HOST_DEVICE.rawValue)
            record.remote_port = remotePort
            record.use = UInt8(STILE_SERVICE_ESTABLISHED.rawValue)
        case .sessionsTo: record.use = UInt8(STILE_SERVICE_SESSIONS_TO.rawValue)
        case .sessionsFrom: record.use = UInt8(STILE_SERVICE_SESSIONS_FROM.rawValue)
        }
        return record
    }

    private func setTunnel(_ use: stile_local_service_use, in record: inout stile_local_service) {
        record.protocol = IPProtocol.udp
        record.punt_class = .max
        record.local_port = UDPHeader.mplsPort
        record.use = UInt8(use.rawValue)
    }
}
