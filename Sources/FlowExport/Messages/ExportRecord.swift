/// A data record with the template that it is read by.
struct ExportRecord {
    let template: ExportTemplate
    let octets: [UInt8]

    /// A flow. The selector has the number of the flow's VRF.
    init(_ flow: MeteredFlow) {
        template = ExportTemplate(of: flow)
        var record = OctetString()
        record.append(flow.startMilliseconds)
        record.append(flow.endMilliseconds)
        record.append(flow.octets)
        record.append(flow.packets)
        record.append(flow.source)
        record.append(flow.destination)
        switch template {
        case let template where template.isICMP:
            record.append(flow.destinationPort)
        default:
            record.append(flow.sourcePort)
            record.append(flow.destinationPort)
            record.append(flow.tcpControlBits)
        }
        record.append(flow.protocolNumber)
        record.append(flow.trafficClass)
        record.append(flow.ingressInterface)
        record.append(flow.egressInterface)
        record.append(flow.vrf)
        record.append(flow.egressVRF)
        record.append(flow.vrf)
        record.append(flow.forwardingStatus)
        record.append(flow.endReason)
        // Label, class and bottom of the stack (RFC 7012); the TTL is left out.
        for case let entry? in [flow.labelStackEntry, flow.egressLabelStackEntry] {
            record.append(threeOctets: entry >> 8)
        }
        octets = record.octets
    }

    /// One packet out of `interval`, systematic and count-based: algorithm 1 of IANA's registry "PSAMP Parameters".
    init(selector number: UInt32, samplingInterval interval: UInt32) {
        template = .selector
        var record = OctetString()
        record.append(number)
        record.append(UInt16(1))
        record.append(UInt32(1))
        record.append(max(interval, 1) - 1)
        octets = record.octets
    }

    init(interface number: UInt32, name: String) {
        template = .interface
        var record = OctetString()
        record.append(number)
        record.append(variableLength: name)
        octets = record.octets
    }

    init(vrf number: UInt32, name: String) {
        template = .vrf
        var record = OctetString()
        record.append(number)
        record.append(variableLength: name)
        octets = record.octets
    }
}
