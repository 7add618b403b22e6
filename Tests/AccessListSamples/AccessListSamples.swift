import CTableLayout
import SeededRandom

/// Random access lists, keys that meet them, and a plain evaluation octet by octet.
public enum AccessListSamples {
    /// What a list is made of.
    public enum Kind: CaseIterable, Sendable {
        /// Anything goes: wildcards, ranges, flags, fragments, DSCPs, masks with holes.
        case mixed
        /// What large lists are made of: hosts and networks to services.
        case hosts
    }

    /// `count` rules (1 and up), of which the last takes all packets.
    public static func rules(
        _ count: Int, isIPv6: Bool, kind: Kind, _ random: inout SeededGenerator
    ) -> [stile_access_rule] {
        (0..<count).map { position in
            position == count - 1 ? lastRule : rule(position, isIPv6: isIPv6, kind: kind, &random)
        }
    }

    private static var lastRule: stile_access_rule {
        var rule = stile_access_rule()
        rule.source_port_high = .max
        rule.destination_port_high = .max
        return rule
    }

    private static func rule(
        _ position: Int, isIPv6: Bool, kind: Kind, _ random: inout SeededGenerator
    ) -> stile_access_rule {
        var rule = lastRule
        rule.permits = random.once(in: 2) ? 1 : 0
        rule.sequence = UInt32(position + 1) * 10
        if !random.once(in: 4) {
            rule.protocol = random.pick([6, 17, 1, 47])
            rule.protocol_mask = 255
        }
        if random.once(in: 2) {
            rule.destination_port_low = UInt16(random.below(1024))
            rule.destination_port_high = rule.destination_port_low
        }
        let width = isIPv6 ? 128 : 32
        switch kind {
        case .mixed:
            if random.once(in: 8) {
                rule.traffic_class = UInt8(random.below(64)) << 2
                rule.traffic_class_mask = 0xFC
            }
            if random.once(in: 8) {
                rule.fragment_mask = UInt8(1 + random.below(3))
                rule.fragment = rule.fragment_mask & random.octet()
            }
            if rule.protocol == 6, random.once(in: 3) { rule.tcp_flags = UInt8(1 + random.below(255)) }
            if random.once(in: 4) {
                rule.source_port_low = UInt16(random.below(65_536))
                rule.source_port_high =
                    rule.source_port_low + UInt16(random.below(65_536 - Int(rule.source_port_low)))
            }
            if random.once(in: 4) {
                rule.destination_port_high = UInt16(min(Int(rule.destination_port_high) + random.below(5000), 65_535))
            }
            setAddresses(
                of: &rule, sourceBits: random.below(width + 1), destinationBits: random.below(width + 1),
                isIPv6: isIPv6, &random)
            if random.once(in: 5) { punchHoles(in: &rule, &random) }
        case .hosts:
            let near = random.once(in: 3) ? width / 2 : 0
            let far = width - (random.once(in: 2) ? width / 4 : 0)
            let isSource = random.once(in: 2)
            setAddresses(
                of: &rule, sourceBits: isSource ? far : near, destinationBits: isSource ? near : far,
                isIPv6: isIPv6, &random)
        }
        return rule
    }

    private static func setAddresses(
        of rule: inout stile_access_rule, sourceBits: Int, destinationBits: Int, isIPv6: Bool,
        _ random: inout SeededGenerator
    ) {
        withUnsafeMutableBytes(of: &rule) { octets in
            for (place, bits) in [(32, sourceBits), (64, destinationBits)] {
                for octet in 0..<(isIPv6 ? 16 : 4) {
                    let left = min(max(bits - octet * 8, 0), 8)
                    let mask = UInt8(truncatingIfNeeded: 0xFF00 >> left)
                    // The first two octets are of few kinds, so that rules overlap.
                    let value = octet < 2 ? 10 + random.octet() % 4 : random.octet()
                    octets[place + octet] = value & mask
                    octets[place + 16 + octet] = mask
                }
            }
        }
    }

    private static func punchHoles(in rule: inout stile_access_rule, _ random: inout SeededGenerator) {
        withUnsafeMutableBytes(of: &rule) { octets in
            for place in [32, 64] {
                for octet in 0..<16 {
                    octets[place + 16 + octet] &= random.octet()
                    octets[place + octet] &= octets[place + 16 + octet]
                }
            }
        }
    }

    /// A key that meets one of the rules, or nearly does.
    public static func key(
        for rules: [stile_access_rule], isIPv6: Bool, _ random: inout SeededGenerator
    ) -> stile_flow_key {
        let rule = random.pick(rules)
        var key = stile_flow_key()
        func fill(_ value: UInt8, _ mask: UInt8) -> UInt8 { value | random.octet() & ~mask }
        key.protocol = fill(rule.protocol, rule.protocol_mask)
        key.traffic_class = fill(rule.traffic_class, rule.traffic_class_mask)
        key.fragment = fill(rule.fragment, rule.fragment_mask) & 7
        key.tcp_flags = random.octet() & random.octet()
        key.source_port = port(rule.source_port_low, rule.source_port_high, &random).bigEndian
        key.destination_port = port(rule.destination_port_low, rule.destination_port_high, &random).bigEndian
        withUnsafeMutableBytes(of: &key) { octets in
            withUnsafeBytes(of: rule) { rule in
                for (place, from) in [(16, 32), (32, 64)] {
                    for octet in 0..<(isIPv6 ? 16 : 4) {
                        octets[place + octet] = rule[from + octet] | random.octet() & ~rule[from + 16 + octet]
                    }
                }
            }
            if random.once(in: 6) { octets[16 + random.below(isIPv6 ? 16 : 4)] ^= 1 << UInt8(random.below(8)) }
        }
        if random.once(in: 4) { key.destination_port = UInt16(random.below(65_536)) }
        return key
    }

    private static func port(_ low: UInt16, _ high: UInt16, _ random: inout SeededGenerator) -> UInt16 {
        low + UInt16(random.below(Int(high) - Int(low) + 1))
    }

    /// The position of the first rule that the key meets, field by field as stile_services.h says.
    public static func firstMatch(_ key: stile_flow_key, in rules: [stile_access_rule]) -> UInt32 {
        let position = rules.firstIndex { meets(key, $0) }
        return UInt32(position ?? rules.count - 1)
    }

    private static func meets(_ key: stile_flow_key, _ rule: stile_access_rule) -> Bool {
        let sourcePort = UInt16(bigEndian: key.source_port)
        let destinationPort = UInt16(bigEndian: key.destination_port)
        guard (key.protocol ^ rule.protocol) & rule.protocol_mask == 0 else { return false }
        guard (key.traffic_class ^ rule.traffic_class) & rule.traffic_class_mask == 0 else { return false }
        guard (key.fragment ^ rule.fragment) & rule.fragment_mask == 0 else { return false }
        guard rule.tcp_flags == 0 || key.tcp_flags & rule.tcp_flags != 0 else { return false }
        guard (rule.source_port_low...rule.source_port_high).contains(sourcePort) else { return false }
        guard (rule.destination_port_low...rule.destination_port_high).contains(destinationPort) else { return false }
        return withUnsafeBytes(of: key) { key in
            withUnsafeBytes(of: rule) { rule in
                (0..<16).allSatisfy { octet in
                    let source: UInt8 = (key[16 + octet] ^ rule[32 + octet]) & rule[48 + octet]
                    let destination: UInt8 = (key[32 + octet] ^ rule[64 + octet]) & rule[80 + octet]
                    return source | destination == 0
                }
            }
        }
    }
}
