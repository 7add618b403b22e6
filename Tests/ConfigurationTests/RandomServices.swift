import Addressing
import Configuration
import SeededRandom

/// Makes access-list rules at random.
enum RandomAccessRule {
    static func make(
        family: AddressFamily, kind: AccessListKind, _ generator: inout SeededGenerator
    ) -> AccessListRule {
        var rule = AccessListRule(permits: generator.chance(2))
        rule.source = addresses(family, &generator)
        rule.logs = generator.chance(4)
        guard kind == .extended else { return rule }
        rule.destination = addresses(family, &generator)
        rule.protocolNumber = generator.maybe { $0.pick([0, 1, 2, 6, 6, 17, 17, 58, 132, 255]) }
        rule.dscp = generator.maybe { $0.number(0...63) }
        if generator.chance(4) {
            rule.matchesFragmentsOnly = true
            return rule
        }
        switch rule.protocolNumber {
        case 6, 17, 132:
            rule.sourcePorts = generator.maybe(ports)
            rule.destinationPorts = generator.maybe(ports)
            if rule.protocolNumber == 6 { rule.tcpFlags = generator.maybe(flags) }
        case 1 where family == .ipv4, 58 where family == .ipv6:
            rule.icmp = generator.maybe { generator in
                ICMPMatch(type: generator.number(0...255), code: generator.maybe { $0.number(0...255) })
            }
        default: break
        }
        return rule
    }

    private static func addresses(_ family: AddressFamily, _ generator: inout SeededGenerator) -> AddressMatch {
        if generator.chance(3) { return .any }
        if generator.chance(6) { return .group(family == .ipv4 ? "group4" : "group6") }
        if family == .ipv4, generator.chance(3) {
            // Bits on both sides of one that is compared: no prefix length says that.
            let ignoredBits: UInt32 = generator.number(0...0xFFFF) & ~1 | 0x0100_0000 | 2
            return .wildcard(IPv4Address(rawValue: 0xC0A8_0001 & ~ignoredBits), ignoredBits: ignoredBits)
        }
        let address: IPAddress =
            family == .ipv4
            ? .ipv4(IPv4Address(rawValue: generator.number(0...UInt32.max)))
            : .ipv6(IPv6Address(rawValue: UInt128(generator.next()) << 64 | UInt128(generator.next())))
        guard let prefix = IPPrefix(covering: address, length: generator.number(1...family.bits)) else { return .any }
        return .prefix(prefix)
    }

    private static func ports(_ generator: inout SeededGenerator) -> PortMatch {
        switch generator.number(0...5) {
        case 5: return .group("ports")
        case 0:
            return .equalToAny(Set((0..<generator.number(1...10)).map { _ in generator.number(0...65535) }).sorted())
        case 1: return .notEqual(generator.number(0...65535))
        case 2: return .below(generator.number(1...65535))
        case 3: return .above(generator.number(0...65534))
        default:
            let first: UInt16 = generator.number(0...65535)
            return .range(first...generator.number(first...65535))
        }
    }

    private static func flags(_ generator: inout SeededGenerator) -> TCPFlagMatch {
        let flags = Set(TCPFlag.allCases.filter { _ in generator.chance(2) })
        return flags.isEmpty ? .established : .anySet(flags)
    }
}

/// Makes route maps at random.
enum RandomRouteMap {
    /// - Parameter targets: VRFs that take every packet.
    static func make(
        _ name: String, lists: [AddressFamily: [String]], targets: [String], _ generator: inout SeededGenerator
    ) -> RouteMap {
        var map = RouteMap(name: name)
        var sequence: UInt16 = 0
        for _ in 0..<generator.number(1...4) {
            sequence += generator.number(1...16_000)
            var entry = RouteMapEntry(sequence: sequence, permits: !generator.chance(4))
            for (family, names) in lists where !names.isEmpty && generator.chance(2) {
                entry.accessLists[family] = names.filter { $0 == names[0] || generator.chance(2) }
            }
            entry.lengths = generator.maybe { generator in
                let shortest: UInt16 = generator.number(0...9_000)
                return shortest...generator.number(shortest...UInt16.max)
            }
            if entry.permits { fillActions(of: &entry, targets, &generator) }
            map.entries.append(entry)
        }
        return map
    }

    private static func fillActions(
        of entry: inout RouteMapEntry, _ targets: [String], _ generator: inout SeededGenerator
    ) {
        entry.markedDSCP = generator.maybe { $0.number(0...63) }
        if let target = targets.first, generator.chance(4) {
            entry.otherwise = .vrf(target)
            return
        }
        if generator.chance(3) { entry.otherwise = .discard }
        for (family, prefix) in [(AddressFamily.ipv4, "10.0.0."), (.ipv6, "2001:db8::")] where generator.chance(2) {
            let isRecursive = generator.chance(2)
            if isRecursive { entry.recursiveNextHops[family] = IPAddress("\(prefix)77") }
            if isRecursive, generator.chance(2) { continue }
            let most = isRecursive ? RouteMapEntry.mostNextHopsBesideRecursive : RouteMapEntry.mostNextHops
            let count = generator.number(1...most)
            entry.nextHops[family] = (0..<count).compactMap { IPAddress("\(prefix)\(9 - $0)") }
        }
    }
}

/// Makes class maps and policy maps at random.
enum RandomPolicy {
    static func classMap(_ name: String, lists: [String], _ generator: inout SeededGenerator) -> ClassMap {
        var map = ClassMap(name: name, requiresAll: generator.chance(2))
        for _ in 0..<generator.number(1...4) {
            let criterion: ClassCriterion
            switch generator.number(0...4) {
            case 0 where !lists.isEmpty: criterion = .accessGroup(generator.pick(lists))
            case 1: criterion = .dscp(Set((0..<3).map { _ in generator.number(0...63) }).sorted())
            case 2: criterion = .mplsTrafficClass(Set((0..<3).map { _ in generator.number(0...7) }).sorted())
            case 3: criterion = .precedence(Set((0..<3).map { _ in generator.number(0...7) }).sorted())
            default: criterion = .any
            }
            let placed = generator.chance(4) ? .not(criterion) : criterion
            if !map.criteria.contains(placed) { map.criteria.append(placed) }
        }
        return map
    }

    static func policyMap(_ name: String, classMaps: [String], _ generator: inout SeededGenerator) -> PolicyMap {
        var map = PolicyMap(name: name)
        for className in classMaps + [PolicyClass.defaultName] where generator.chance(2) {
            var policyClass = PolicyClass(name: className)
            policyClass.policer = generator.maybe(policer)
            if let name = classMaps.first, generator.chance(3) {
                policyClass.policer?.conformColour = name
                policyClass.policer?.exceedColour = generator.maybe { _ in name }
            }
            policyClass.dscpTable = generator.maybe { _ in "dscps" }
            policyClass.trafficClassTable = generator.maybe { _ in "classes" }
            policyClass.markedDSCP = generator.maybe { $0.number(0...63) }
            policyClass.markedTrafficClass = generator.maybe { $0.number(0...7) }
            map.classes.append(policyClass)
        }
        return map
    }

    private static func policer(_ generator: inout SeededGenerator) -> Policer {
        let rate: UInt64 = generator.number(8000...1_000_000_000_000)
        var policer = Policer(
            committedRateBitsPerSecond: rate, committedBurstOctets: generator.number(1500...100_000_000_000))
        policer.peakRateBitsPerSecond = generator.maybe { $0.number(rate...1_000_000_000_000) }
        if policer.peakRateBitsPerSecond != nil || generator.chance(2) {
            policer.excessBurstOctets = generator.number(1500...100_000_000_000)
            policer.violateAction = action(&generator)
        }
        policer.accountOctets = generator.number(-64...64)
        policer.conformAction = action(&generator)
        policer.exceedAction = action(&generator)
        return policer
    }

    private static func action(_ generator: inout SeededGenerator) -> PolicerAction {
        switch generator.number(0...3) {
        case 0: .transmit
        case 1: .drop
        case 2: .setDSCP(generator.number(0...63))
        default: .setTrafficClass(generator.number(0...7))
        }
    }
}
