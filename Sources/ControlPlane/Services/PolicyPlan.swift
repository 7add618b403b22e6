import CTableLayout

/// A class of a policy where it is attached.
struct PolicyClassPlan: Hashable, Sendable {
    /// The class map's name, for `show` and `explain`.
    let name: String
    /// `nil`: all packets.
    var match: ClassMapPlan?
    /// The index of its counters and of its policer's buckets; 0: it has none yet.
    var instance: UInt32 = 0
    /// The code point that packets get, 0 to 63; `nil`: the one that they have.
    var dscp: UInt8?
    /// The traffic class of the imposed label, 0 to 7.
    var trafficClass: UInt8?
    /// From the received label's traffic class to the code point.
    var dscpTable: TableMapPlan?
    /// From the code point to the imposed label's traffic class.
    var trafficClassTable: TableMapPlan?
    var policer: PolicerPlan?
}

/// Criteria of which one or all have to hold.
struct ClassMapPlan: Hashable, Sendable {
    var requiresAll: Bool
    var criteria: [CriterionPlan]

    /// The access lists that it asks.
    var accessLists: [AccessListKey] {
        criteria.flatMap { criterion -> [AccessListKey] in
            guard case .accessList(let ipv4, let ipv6) = criterion.kind else { return [] }
            return [ipv4, ipv6].compactMap { $0 }
        }
    }
}

/// One criterion of a class map.
struct CriterionPlan: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        case any
        /// The list for each family; `nil`: no packet of the family.
        case accessList(ipv4: AccessListKey?, ipv6: AccessListKey?)
        /// Bit n: code point n.
        case dscps(UInt64)
        /// Bit n: traffic class n of the received label.
        case trafficClasses(UInt8)
    }

    var kind: Kind
    var isNegated = false

    /// - Parameter list: the index of a list in the tables.
    func record(_ list: (AccessListKey) -> UInt32) -> stile_criterion {
        var record = stile_criterion()
        record.negated = isNegated ? 1 : 0
        switch kind {
        case .any: record.kind = UInt8(STILE_CRITERION_ANY.rawValue)
        case .accessList(let ipv4, let ipv6):
            record.kind = UInt8(STILE_CRITERION_ACCESS_LIST.rawValue)
            record.access_list_ipv4 = ipv4.map(list) ?? 0
            record.access_list_ipv6 = ipv6.map(list) ?? 0
        case .dscps(let bits):
            record.kind = UInt8(STILE_CRITERION_DSCP.rawValue)
            record.dscps = bits
        case .trafficClasses(let bits):
            record.kind = UInt8(STILE_CRITERION_TRAFFIC_CLASS.rawValue)
            record.traffic_classes = bits
        }
        return record
    }
}

/// A table map: 64 values, of which the first 8 count where traffic classes are looked up; `nil`: leave as it is.
struct TableMapPlan: Hashable, Sendable {
    var values: [UInt8?]

    var record: stile_table_map {
        var record = stile_table_map()
        setOctets(values.map { $0 ?? UInt8(STILE_UNMARKED) }, in: &record.value)
        return record
    }
}
