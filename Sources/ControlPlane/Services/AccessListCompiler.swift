import Addressing
import Configuration

/// From an access list of the configuration to its rules.
struct AccessListCompiler {
    let list: AccessList
    /// The names of all hit counters that the list needs.
    let counterNames: [String]
    /// Where the object groups are that the list names.
    private let configuration: Configuration
    /// In the place of the number of its hit counter each has the position of that counter's name.
    private var rules: [AccessRulePlan] = []

    init(_ list: AccessList, in configuration: Configuration) {
        self.list = list
        self.configuration = configuration
        counterNames = Self.allCounterNames(of: list)
        var position: UInt32 = 0
        for entry in list.entries {
            guard case .rule(let rule) = entry.content else { continue }
            rules += rules(
                of: rule, AccessRulePlan(permits: rule.permits, hits: position, sequence: entry.sequence))
            position += 1
        }
        rules.append(AccessRulePlan(permits: false, hits: position, sequence: 0))
    }

    /// How many rules the list becomes.
    var ruleCount: Int { rules.count }

    /// - Parameter hits: the numbers of the counters by their names.
    func plan(hits: [String: UInt32]) -> AccessListPlan {
        let numbers = counterNames.map { hits[$0] ?? 0 }
        return AccessListPlan(
            family: list.family,
            rules: rules.map { rule in
                var rule = rule
                rule.hits = numbers[Int(rule.hits)]
                return rule
            })
    }

    // MARK: Names of hit counters

    /// For each entry the name under which its hits are counted; `nil` for a remark. The name says what the entry is
    /// and not where it stands, so that a change of the list or new sequence numbers leave its counter alone.
    static func counterNames(of list: AccessList) -> [String?] {
        var occurrences: [String: Int] = [:]
        return list.entries.map { entry in
            guard case .rule = entry.content else { return nil }
            let name = "\(prefix(of: list)) \(list.canonicalText(of: entry))"
            let count = occurrences[name, default: 0] + 1
            occurrences[name] = count
            return count == 1 ? name : "\(name) #\(count)"
        }
    }

    /// The names of the counters of all entries, and of the deny at the end.
    static func allCounterNames(of list: AccessList) -> [String] {
        counterNames(of: list).compactMap { $0 } + [implicitDenyName(of: list)]
    }

    /// The name under which the hits of the deny at the end are counted.
    static func implicitDenyName(of list: AccessList) -> String { prefix(of: list) }

    private static func prefix(of list: AccessList) -> String {
        "\(list.family == .ipv4 ? "ipv4" : "ipv6") \(list.name)"
    }

    // MARK: Rules

    /// The rules of one entry, each `base` with conditions.
    ///
    /// A fragment other than the first has neither ports nor flags nor a message type. An entry that names some
    /// takes whole packets and first fragments by them; if it permits, it takes the other fragments by the rest of its
    /// conditions, since without its first fragment a packet comes to nothing, and if it denies, it leaves them to the
    /// entries behind it (RFC 1858 §3, RFC 3128 §2, and what IOS does).
    private func rules(of rule: AccessListRule, _ base: AccessRulePlan) -> [AccessRulePlan] {
        var common = base
        common.protocolNumber = rule.protocolNumber
        common.dscp = rule.dscp
        common.logs = rule.logs
        return conditions(rule.source).flatMap { source in
            conditions(rule.destination).flatMap { destination in
                var one = common
                one.source = source
                one.destination = destination
                return rules(of: rule, between: one)
            }
        }
    }

    /// The rules of an entry for one source and one destination.
    private func rules(of rule: AccessListRule, between common: AccessRulePlan) -> [AccessRulePlan] {
        var others = common
        others.fragments = .exceptFirst
        if rule.matchesFragmentsOnly { return [others] }
        let looksBehindHeader =
            rule.sourcePorts != nil || rule.destinationPorts != nil || rule.icmp != nil || rule.tcpFlags != nil
        guard looksBehindHeader else { return [common] }
        var first = common
        first.fragments = .firstOnly
        first.tcpFlags = rule.tcpFlags?.mask ?? 0
        var rules: [AccessRulePlan] = []
        for source in ranges(rule.sourcePorts) {
            for destination in rule.icmp.map({ [$0.range] }) ?? ranges(rule.destinationPorts) {
                var one = first
                one.sourcePorts = source
                one.destinationPorts = destination
                rules.append(one)
            }
        }
        return rule.permits ? rules + [others] : rules
    }

    private func conditions(_ match: AddressMatch) -> [AddressCondition] {
        switch match {
        case .any: [.any]
        case .prefix(let prefix): [AddressCondition(prefix)]
        case .wildcard(let address, let ignoredBits):
            [AddressCondition(bits: UInt128(address.rawValue) << 96, mask: UInt128(~ignoredBits) << 96)]
        case .group(let name):
            configuration.networks(inGroup: name, family: list.family).map { AddressCondition($0) }
        }
    }

    /// The ports in ranges; all of them where nothing is said.
    private func ranges(_ match: PortMatch?) -> [ClosedRange<UInt16>] {
        guard let match else { return [AccessRulePlan.allPorts] }
        guard case .group(let name) = match else { return match.ranges }
        return configuration.ports(inGroup: name).flatMap(\.ranges)
    }
}

extension PortMatch {
    /// The ports in ranges, ascending and without overlap.
    var ranges: [ClosedRange<UInt16>] {
        switch self {
        case .equalToAny(let ports):
            return ports.sorted().reduce(into: []) { ranges, port in
                guard let last = ranges.last, port - last.upperBound <= 1 else { return ranges.append(port...port) }
                ranges[ranges.count - 1] = last.lowerBound...port
            }
        case .notEqual(let port): return PortMatch.below(port).ranges + PortMatch.above(port).ranges
        case .below(let port): return port == 0 ? [] : [0...(port - 1)]
        case .above(let port): return port == .max ? [] : [(port + 1)...UInt16.max]
        case .range(let range): return [range]
        // Its members are asked instead.
        case .group: return []
        }
    }
}

extension ICMPMatch {
    /// The message type and code as one number, where TCP has the destination port.
    var range: ClosedRange<UInt16> {
        let type = UInt16(type) << 8
        guard let code else { return type...(type | 0xFF) }
        return (type | UInt16(code))...(type | UInt16(code))
    }
}

extension TCPFlagMatch {
    /// The flags of which any has to be set.
    var mask: UInt8 {
        switch self {
        case .established: TCPFlag.ack.mask | TCPFlag.rst.mask
        case .anySet(let flags): flags.reduce(0) { $0 | $1.mask }
        }
    }
}
