import Addressing
import CTableLayout
import Configuration

/// What an interface has beside forwarding. A value: interfaces with equal services share one record in the tables, as
/// the implied units of an NNI do unless a policy is attached: its policers and counters are each unit's own.
struct ServicesPlan: Hashable, Sendable {
    var sourceChecks: [AddressFamily: SourceCheckPlan] = [:]
    var inputLists: [AddressFamily: AccessListKey] = [:]
    var outputLists: [AddressFamily: AccessListKey] = [:]
    /// Classes of the attached policies; empty: none attached.
    var inputClasses: [PolicyClassPlan] = []
    var outputClasses: [PolicyClassPlan] = []
    /// Where packets go that do not go by their destination; never one without entries.
    var routeMaps: [AttachmentPlace: RouteMapPlan] = [:]
    /// Whether the received label's traffic class goes into the packet (RFC 3270 §2.6.2).
    var hasUniformClass = false
    /// Whether no packet passes: what is configured is more than the tables can hold, and less is not to be done.
    var refusesAll = false

    init() {}

    /// What is to be looked at of packets that come in: `stile_ingress_feature`.
    var ingressFeatures: UInt8 {
        var features: UInt32 = 0
        if sourceChecks.values.contains(where: { $0.mode != 0 }) { features |= STILE_INGRESS_SOURCE_CHECK.rawValue }
        if refusesAll || !inputLists.isEmpty { features |= STILE_INGRESS_ACCESS_LIST.rawValue }
        if !inputClasses.isEmpty { features |= STILE_INGRESS_POLICY.rawValue }
        if hasRouteMap(.input) { features |= STILE_INGRESS_ROUTE_MAP.rawValue }
        if hasUniformClass { features |= STILE_INGRESS_UNIFORM_CLASS.rawValue }
        return UInt8(truncatingIfNeeded: features)
    }

    /// What is to be looked at of packets that leave: `stile_egress_feature`.
    var egressFeatures: UInt8 {
        var features: UInt32 = 0
        if refusesAll || !outputLists.isEmpty { features |= STILE_EGRESS_ACCESS_LIST.rawValue }
        if !outputClasses.isEmpty { features |= STILE_EGRESS_POLICY.rawValue }
        if hasRouteMap(.output) { features |= STILE_EGRESS_ROUTE_MAP.rawValue }
        return UInt8(truncatingIfNeeded: features)
    }

    private func hasRouteMap(_ direction: TrafficDirection) -> Bool {
        routeMaps.keys.contains { $0.direction == direction }
    }

    /// Whether there is anything to be looked at.
    var isEmpty: Bool { ingressFeatures == 0 && egressFeatures == 0 }

    /// The lists that are looked at, those of the classes and route maps included.
    var accessLists: [AccessListKey] {
        Array(inputLists.values) + Array(outputLists.values) + (inputClasses + outputClasses).flatMap(\.accessLists)
            + routeMaps.values.flatMap(\.accessLists)
    }

    /// The record but for the places of lists, classes and route maps, which only the tables know.
    var record: stile_services {
        var record = stile_services()
        let (ipv4, ipv6) = (sourceChecks[.ipv4] ?? SourceCheckPlan(), sourceChecks[.ipv6] ?? SourceCheckPlan())
        record.source_check_ipv4 = ipv4.mode
        record.source_check_ipv6 = ipv6.mode
        record.allows_default_ipv4 = ipv4.allowsDefault ? 1 : 0
        record.allows_default_ipv6 = ipv6.allowsDefault ? 1 : 0
        record.classes_in_count = UInt16(clamping: inputClasses.count)
        record.classes_out_count = UInt16(clamping: outputClasses.count)
        return record
    }

    /// The route maps for one direction, whose entries begin where `first` says.
    func routeMapRecord(_ direction: TrafficDirection, first: (RouteMapPlan) -> UInt32?) -> stile_route_maps {
        let ipv4 = routeMaps[AttachmentPlace(.ipv4, direction)]
        let ipv6 = routeMaps[AttachmentPlace(.ipv6, direction)]
        return stile_route_maps(
            ipv4_first: ipv4.flatMap(first) ?? 0, ipv6_first: ipv6.flatMap(first) ?? 0,
            ipv4_count: UInt16(clamping: ipv4?.entries.count ?? 0),
            ipv6_count: UInt16(clamping: ipv6?.entries.count ?? 0))
    }
}

/// Reverse path forwarding for one family.
struct SourceCheckPlan: Hashable, Sendable {
    var mode: UInt8 = UInt8(STILE_SOURCE_CHECK_OFF.rawValue)
    var allowsDefault = false
}

extension SourceCheckPlan {
    init(_ check: SourceCheck) {
        switch check.mode {
        case .strict: mode = UInt8(STILE_SOURCE_CHECK_STRICT.rawValue)
        case .loose: mode = UInt8(STILE_SOURCE_CHECK_LOOSE.rawValue)
        case .feasible: mode = UInt8(STILE_SOURCE_CHECK_FEASIBLE.rawValue)
        }
        allowsDefault = check.allowsDefault
    }
}

/// The services of an interface that is refused all packets.
extension ServicesPlan {
    static var refusing: ServicesPlan {
        var plan = ServicesPlan()
        plan.refusesAll = true
        return plan
    }
}
