import Addressing
import CTableLayout
import ControlPlane
import ControlProtocol
import ForwardingTables
import Testing

/// The services that the tables have, as a worker finds them.
struct InstalledServicesView {
    let reader: TablesReader

    /// The record of an untagged interface of a port.
    func interface(port: UInt16) -> stile_interface {
        reader.interfaces[Int(reader.interface(untaggedOn: port))]
    }

    /// The label entries that are valid, from every address or some, on the NNI of a port, in the order of their labels.
    func labelEntries(port: UInt16) -> [stile_label_entry] { labelEntries(of: interface(port: port)) }

    func labelEntries(of nni: stile_interface) -> [stile_label_entry] {
        (0..<nni.label_count).map { reader.labelEntries[Int(nni.label_first + $0)] }.filter {
            UInt32($0.flags) & (STILE_FLAG_VALID.rawValue | STILE_FLAG_BY_SOURCE.rawValue) != 0
        }
    }

    /// A unit's record by its label entry.
    func unit(_ entry: stile_label_entry) -> stile_interface { reader.interfaces[Int(entry.interface)] }

    func services(_ interface: stile_interface) -> stile_services { reader.services[Int(interface.services)] }

    func rules(ofList index: UInt32) -> [stile_access_rule] {
        let list = reader.accessLists[Int(index)]
        return (0..<Int(list.rule_count)).map { reader.accessRules[Int(list.first_rule) + $0] }
    }

    func classes(first: UInt32, count: UInt16) -> [stile_policy_class] {
        (0..<Int(count)).map { reader.policyClasses[Int(first) + $0] }
    }

    func routeMapEntries(_ maps: stile_route_maps, _ family: AddressFamily) -> [stile_route_map_entry] {
        let (first, count) =
            family == .ipv4 ? (maps.ipv4_first, maps.ipv4_count) : (maps.ipv6_first, maps.ipv6_count)
        return (0..<Int(count)).map { reader.routeMapEntries[Int(first) + $0] }
    }

    func criteria(_ map: stile_class_map) -> [stile_criterion] {
        (0..<Int(map.criterion_count)).map { reader.criteria[Int(map.first_criterion) + $0] }
    }
}

extension Laboratory {
    func services() throws -> InstalledServicesView { InstalledServicesView(reader: try tables().reader) }
}

/// A packet as access lists look at it, and the plain evaluation of a list.
struct FlowKey {
    var protocolNumber: UInt8 = 17
    var source = IPAddress("10.0.0.1")!
    var destination = IPAddress("10.9.9.9")!
    var sourcePort: UInt16 = 0
    var destinationPort: UInt16 = 0
    var tcpFlags: UInt8 = 0
    var dscp: UInt8 = 0
    var isNotFirst = false

    /// The rule that decides.
    func match(_ rules: [stile_access_rule]) -> stile_access_rule? { rules.first(where: matches) }

    private func matches(_ rule: stile_access_rule) -> Bool {
        protocolNumber & rule.protocol_mask == rule.protocol
            && (dscp << 2) & rule.traffic_class_mask == rule.traffic_class
            && (isNotFirst ? UInt8(STILE_FRAGMENT_NOT_FIRST.rawValue) : 0) & rule.fragment_mask == rule.fragment
            && (rule.tcp_flags == 0 || tcpFlags & rule.tcp_flags != 0)
            && (rule.source_port_low...rule.source_port_high).contains(sourcePort)
            && (rule.destination_port_low...rule.destination_port_high).contains(destinationPort)
            && Self.compare(source, rule.source, rule.source_mask)
            && Self.compare(destination, rule.destination, rule.destination_mask)
    }

    private static func compare<Array>(_ address: IPAddress, _ value: Array, _ mask: Array) -> Bool {
        let octets = address.octets + [UInt8](repeating: 0, count: 16 - address.octets.count)
        return withUnsafeBytes(of: value) { value in
            withUnsafeBytes(of: mask) { mask in
                octets.indices.allSatisfy { octets[$0] & mask[$0] == value[$0] }
            }
        }
    }
}
