import Addressing
import CTableLayout
import FlowExport

extension MeteredFlow {
    /// A record of the data plane's ring; `nil` where it makes no sense.
    init?(_ record: stile_flow_record) {
        guard let source = address(record.source, family: record.family),
            let destination = address(record.destination, family: record.family), record.packets > 0
        else { return nil }
        self.init(
            source: source, destination: destination, protocolNumber: record.protocol,
            trafficClass: record.traffic_class, sourcePort: record.source_port,
            destinationPort: record.destination_port, tcpControlBits: record.tcp_flags,
            ingressInterface: UInt32(record.ingress), egressInterface: UInt32(record.egress),
            vrf: UInt32(record.vrf), egressVRF: UInt32(record.egress_vrf), forwardingStatus: record.status,
            packets: record.packets,
            octets: record.octets, startMilliseconds: record.first_milliseconds,
            endMilliseconds: record.last_milliseconds, endReason: record.end_reason,
            labelStackEntry: record.label_stack_entry == 0 ? nil : record.label_stack_entry,
            egressLabelStackEntry: record.egress_label_stack_entry == 0 ? nil : record.egress_label_stack_entry)
    }
}

/// An address in network byte order of family 4 or 6, IPv4 in the first four octets; `nil` for another family.
func address<Field>(_ field: Field, family: UInt8) -> IPAddress? {
    let all = octets(of: field)
    switch family {
    case 4: return .ipv4(IPv4Address(rawValue: all.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }))
    case 6: return .ipv6(IPv6Address(rawValue: all.prefix(16).reduce(0) { $0 << 8 | UInt128($1) }))
    default: return nil
    }
}
