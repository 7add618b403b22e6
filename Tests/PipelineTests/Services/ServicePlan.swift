import CTableLayout

/// Services on some of the interfaces of `LabPlan`, as plain data that tables and model are made from.
struct ServicePlan {
    /// One rule of an access list, addresses as octets of its family.
    struct Rule {
        var permits: Bool
        var protocolNumber: UInt8?
        var source: [UInt8] = []
        var sourceMask: [UInt8] = []
        var destination: [UInt8] = []
        var destinationMask: [UInt8] = []
        var destinationPorts: ClosedRange<UInt16> = 0...65_535
        var dscp: UInt8?
        /// Only fragments that are not the first (`true`), or only other packets (`false`).
        var isLaterFragment: Bool?
    }

    struct Policer {
        var instance: UInt32
        var committedBitsPerSecond: UInt64
        var committedOctets: UInt64
        /// Two-rate with these, single-rate without.
        var peakBitsPerSecond: UInt64?
        /// The peak or excess burst.
        var excessOctets: UInt64 = 0
        var accountOctets: Int16 = 0
        /// What is written into yellow packets.
        var yellowDSCP: UInt8?
    }

    struct Services {
        var sourceCheck = STILE_SOURCE_CHECK_OFF
        var ipv4In: [Rule] = []
        var ipv6In: [Rule] = []
        var ipv4Out: [Rule] = []
        var ipv6Out: [Rule] = []
        var policerIn: Policer?
        var policerOut: Policer?
        /// RFC 3270's uniform model.
        var isUniform = false
    }

    /// By the counter of the circuit or unit.
    var services: [UInt16: Services] = [:]
    /// By the counter of an interface that has services; for both families.
    var routeMaps: [UInt16: [RouteMapEntry]] = [:]
    /// As above, for what leaves.
    var outgoingRouteMaps: [UInt16: [RouteMapEntry]] = [:]

    static var withoutOutgoingPolicers: ServicePlan {
        var plan = everything
        for counter in plan.services.keys { plan.services[counter]?.policerOut = nil }
        return plan
    }

    /// What the random test runs with: every service on a unit and on a circuit, in both directions.
    static let everything = ServicePlan(
        services: everyService, routeMaps: routeMaps, outgoingRouteMaps: outgoingRouteMaps)

    private static let everyService: [UInt16: Services] = [
        11: Services(
            sourceCheck: STILE_SOURCE_CHECK_STRICT,
            ipv4In: [
                Rule(permits: false, protocolNumber: 17, destinationPorts: 0...1_799, isLaterFragment: false),
                Rule(permits: true, destination: [10, 1, 0, 0], destinationMask: [255, 253, 0, 0]),
                Rule(permits: true, protocolNumber: 1), Rule(permits: false),
            ],
            ipv6In: [Rule(permits: false, protocolNumber: 58), Rule(permits: true)], isUniform: true),
        12: Services(
            sourceCheck: STILE_SOURCE_CHECK_LOOSE,
            policerIn: Policer(
                instance: 3, committedBitsPerSecond: 60_000_000, committedOctets: 1_500,
                peakBitsPerSecond: 120_000_000, excessOctets: 1_800, yellowDSCP: 8)),
        13: Services(sourceCheck: STILE_SOURCE_CHECK_FEASIBLE),
        14: Services(
            ipv4In: [Rule(permits: false, protocolNumber: 6), Rule(permits: true)],
            ipv6In: [Rule(permits: false, destinationPorts: 0...1_799, isLaterFragment: false), Rule(permits: true)],
            ipv4Out: [Rule(permits: false, dscp: 46), Rule(permits: true)],
            policerOut: Policer(
                instance: 11, committedBitsPerSecond: 20_000_000, committedOctets: 2_000, excessOctets: 2_500)),
        24: Services(
            sourceCheck: STILE_SOURCE_CHECK_FEASIBLE,
            policerIn: Policer(
                instance: 12, committedBitsPerSecond: 60_000_000, committedOctets: 1_600, excessOctets: 2_000,
                yellowDSCP: 8), isUniform: true),
        34: Services(sourceCheck: STILE_SOURCE_CHECK_STRICT),
        21: Services(
            ipv4Out: [Rule(permits: false, dscp: 46), Rule(permits: true)],
            ipv6Out: [Rule(permits: true, protocolNumber: 17), Rule(permits: false)],
            policerOut: Policer(
                instance: 5, committedBitsPerSecond: 4_000_000, committedOctets: 2_000, excessOctets: 2_500,
                accountOctets: 18)),
        41: Services(
            sourceCheck: STILE_SOURCE_CHECK_STRICT,
            ipv4In: [
                Rule(permits: true, source: [10, 1, 0, 0], sourceMask: [255, 255, 0, 0], isLaterFragment: true),
                Rule(permits: false, isLaterFragment: true), Rule(permits: true),
            ],
            policerOut: Policer(
                instance: 16_383, committedBitsPerSecond: 20_000_000, committedOctets: 1_600, accountOctets: -4)),
        43: Services(
            ipv4In: [Rule(permits: false, protocolNumber: 6), Rule(permits: true)],
            ipv4Out: [Rule(permits: true, protocolNumber: 17, isLaterFragment: false), Rule(permits: false)],
            policerIn: Policer(instance: 9, committedBitsPerSecond: 50_000_000, committedOctets: 1_500)),
        // Route maps for what leaves, alone.
        42: Services(), 45: Services(),
    ]
}

extension ServicePlan.Rule {
    /// The rule as the tables hold it.
    func record(hits: UInt32) -> stile_access_rule {
        var record = stile_access_rule()
        record.permits = permits ? 1 : 0
        record.protocol = protocolNumber ?? 0
        record.protocol_mask = protocolNumber == nil ? 0 : 255
        record.traffic_class = (dscp ?? 0) << 2
        record.traffic_class_mask = dscp == nil ? 0 : 0xFC
        if let isLaterFragment {
            record.fragment = isLaterFragment ? UInt8(STILE_FRAGMENT_NOT_FIRST.rawValue) : 0
            record.fragment_mask = UInt8(STILE_FRAGMENT_NOT_FIRST.rawValue)
        }
        record.source_port_high = .max
        record.destination_port_low = destinationPorts.lowerBound
        record.destination_port_high = destinationPorts.upperBound
        record.hits = hits
        withUnsafeMutableBytes(of: &record.source) { $0.copyBytes(from: source) }
        withUnsafeMutableBytes(of: &record.source_mask) { $0.copyBytes(from: sourceMask) }
        withUnsafeMutableBytes(of: &record.destination) { $0.copyBytes(from: destination) }
        withUnsafeMutableBytes(of: &record.destination_mask) { $0.copyBytes(from: destinationMask) }
        return record
    }
}

extension ServicePlan.Policer {
    /// Units of 2⁻¹⁸ ns that an octet takes.
    static func cost(_ bitsPerSecond: UInt64) -> UInt64 { (8_000_000_000 << 18) / bitsPerSecond }

    /// A class that takes all packets, as the tables hold it.
    var record: stile_policy_class {
        var record = stile_policy_class()
        record.instance = instance
        record.dscp = UInt8(STILE_UNMARKED)
        record.traffic_class = UInt8(STILE_UNMARKED)
        record.policer.kind = UInt8(
            (peakBitsPerSecond == nil ? STILE_POLICER_SINGLE_RATE : STILE_POLICER_TWO_RATE).rawValue)
        record.policer.account_octets = accountOctets
        record.policer.committed_cost = Self.cost(committedBitsPerSecond)
        record.policer.committed_depth = Self.cost(committedBitsPerSecond) * committedOctets
        record.policer.peak_cost = peakBitsPerSecond.map(Self.cost) ?? 0
        record.policer.excess_depth = Self.cost(peakBitsPerSecond ?? committedBitsPerSecond) * excessOctets
        record.policer.action.2 = UInt8(STILE_ACTION_DROP.rawValue)
        if let yellowDSCP {
            record.policer.action.1 = UInt8(STILE_ACTION_SET_DSCP.rawValue)
            record.policer.action_value.1 = yellowDSCP
        }
        return record
    }
}
