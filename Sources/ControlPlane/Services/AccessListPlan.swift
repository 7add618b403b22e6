import Addressing
import CTableLayout

/// An access list by family and name: IPv4 and IPv6 lists have name spaces of their own.
struct AccessListKey: Hashable, Sendable, Comparable {
    let family: AddressFamily
    let name: String

    static func < (a: Self, b: Self) -> Bool { (a.family, a.name) < (b.family, b.name) }
}

/// An access list as the tables hold it: the rules in the order in which they are tried, the last of which takes every
/// packet. However many interfaces and classes use it, the tables have it once.
struct AccessListPlan: Hashable, Sendable {
    let family: AddressFamily
    let rules: [AccessRulePlan]
}

/// One rule. An entry of the configuration is one rule or several in a row, which share its hit counter.
struct AccessRulePlan: Hashable, Sendable {
    /// Which fragments a rule takes (RFC 1858): the others have no ports, message types or flags to look at.
    enum Fragments: Hashable, Sendable {
        /// Whole packets and all fragments.
        case any
        /// Whole packets and first fragments.
        case firstOnly
        /// Fragments other than the first.
        case exceptFirst
    }

    var permits: Bool
    var protocolNumber: UInt8?
    var dscp: UInt8?
    var fragments = Fragments.any
    /// Any of these is set; 0: not looked at.
    var tcpFlags: UInt8 = 0
    var sourcePorts = Self.allPorts
    /// ICMP: type * 256 + code.
    var destinationPorts = Self.allPorts
    /// The index of the entry's hit counter; 0 for none.
    var hits: UInt32
    /// The entry's sequence number; 0 for the deny at the end.
    var sequence: UInt32
    var logs = false
    var source = AddressCondition.any
    var destination = AddressCondition.any

    static let allPorts: ClosedRange<UInt16> = 0...UInt16.max

    init(permits: Bool, hits: UInt32, sequence: UInt32) {
        self.permits = permits
        self.hits = hits
        self.sequence = sequence
    }

    /// The rule as the tables hold it.
    var record: stile_access_rule {
        var record = stile_access_rule()
        record.permits = permits ? 1 : 0
        record.protocol = protocolNumber ?? 0
        record.protocol_mask = protocolNumber == nil ? 0 : .max
        // The code point is the upper six bits of the octet (RFC 2474 §3).
        record.traffic_class = (dscp ?? 0) << 2
        record.traffic_class_mask = dscp == nil ? 0 : 0xFC
        let notFirst = UInt8(STILE_FRAGMENT_NOT_FIRST.rawValue)
        record.fragment = fragments == .exceptFirst ? notFirst : 0
        record.fragment_mask = fragments == .any ? 0 : notFirst
        record.tcp_flags = tcpFlags
        record.source_port_low = sourcePorts.lowerBound
        record.source_port_high = sourcePorts.upperBound
        record.destination_port_low = destinationPorts.lowerBound
        record.destination_port_high = destinationPorts.upperBound
        record.hits = hits
        record.sequence = sequence
        record.logs = logs ? 1 : 0
        setOctets(source.bits.networkOctets, in: &record.source)
        setOctets(source.mask.networkOctets, in: &record.source_mask)
        setOctets(destination.bits.networkOctets, in: &record.destination)
        setOctets(destination.mask.networkOctets, in: &record.destination_mask)
        return record
    }
}

/// A set of addresses as bits that are compared, left-aligned: an IPv4 address is the first 32.
struct AddressCondition: Hashable, Sendable {
    /// Zero wherever `mask` is.
    let bits: UInt128
    let mask: UInt128

    static let any = AddressCondition(bits: 0, mask: 0)

    init(bits: UInt128, mask: UInt128) {
        self.bits = bits & mask
        self.mask = mask
    }

    init(_ prefix: IPPrefix) {
        let mask: UInt128 = prefix.length == 0 ? 0 : ~0 << (128 - UInt128(prefix.length))
        switch prefix.address {
        case .ipv4(let address): self.init(bits: UInt128(address.rawValue) << 96, mask: mask)
        case .ipv6(let address): self.init(bits: address.rawValue, mask: mask)
        }
    }
}
