import Addressing
import CTableLayout
import ForwardingTables

/// The services that `--services all` measures, on every unit and circuit that packets come in on: strict reverse path
/// check, an access list of 50 entries of which the last but one permits the packets, a policer that they do not
/// exceed, and the counters of all of them.
struct BoxServices {
    static let accessListEntries = 50
    static let features = UInt8(
        STILE_INGRESS_SOURCE_CHECK.rawValue | STILE_INGRESS_ACCESS_LIST.rawValue | STILE_INGRESS_POLICY.rawValue)

    private let writer: TablesWriter
    private let accessList: UInt32
    private var instance: UInt32 = 0

    init(_ writer: TablesWriter) throws {
        self.writer = writer
        accessList = try writer.accessLists.add(family: 4, rules: Self.rules())
    }

    /// Gives one more interface its services, with a policer of its own.
    mutating func give(to interface: inout stile_interface) throws {
        var policyClass = stile_policy_class()
        policyClass.instance = instance
        policyClass.dscp = UInt8(STILE_UNMARKED)
        policyClass.traffic_class = UInt8(STILE_UNMARKED)
        policyClass.policer.kind = UInt8(STILE_POLICER_SINGLE_RATE.rawValue)
        // 100 Gbit/s, a tenth of a second deep.
        policyClass.policer.committed_cost = (8_000_000_000 << UInt64(STILE_POLICER_TIME_BITS)) / 100_000_000_000
        policyClass.policer.committed_depth = policyClass.policer.committed_cost * 1_250_000_000
        policyClass.policer.action.2 = UInt8(STILE_ACTION_DROP.rawValue)
        instance = (instance + 1) % UInt32(STILE_MAX_CLASS_INSTANCES)
        var record = stile_services()
        record.source_check_ipv4 = UInt8(STILE_SOURCE_CHECK_STRICT.rawValue)
        record.access_list_in_ipv4 = accessList
        record.classes_in_first = try writer.policyClasses.add([policyClass])
        record.classes_in_count = 1
        interface.services = try writer.services.add(record)
        interface.features = Self.features
    }

    /// 48 entries that name hosts and ports that no packet has, one that permits UDP, and the deny at the end.
    private static func rules() -> [stile_access_rule] {
        (0..<accessListEntries).map { number in
            var rule = stile_access_rule()
            rule.source_port_high = .max
            rule.destination_port_high = .max
            rule.hits = UInt32(number)
            if number < accessListEntries - 2 {
                rule.protocol = number % 2 == 0 ? 6 : 17
                rule.protocol_mask = 255
                rule.destination_port_low = 1_000 + UInt16(number)
                rule.destination_port_high = 1_000 + UInt16(number) + UInt16(number % 7)
                withUnsafeMutableBytes(of: &rule.source) { $0.copyBytes(from: [203, 0, 113, UInt8(number)]) }
                withUnsafeMutableBytes(of: &rule.source_mask) { $0.copyBytes(from: [255, 255, 255, 255]) }
            } else if number == accessListEntries - 2 {
                rule.permits = 1
                rule.protocol = 17
                rule.protocol_mask = 255
            }
            return rule
        }
    }
}
