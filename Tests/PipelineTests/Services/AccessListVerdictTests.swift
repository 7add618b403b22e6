import AccessListSamples
import CTableLayout
import ForwardingTables
import Pipeline
import SeededRandom
import Testing

/// Which rule of a list decides about a packet: bit vectors, lists rule by rule, and keys gathered from packets of all
/// kinds, compared with a plain evaluation of the list.
@Suite struct AccessListVerdictTests {
    /// A circuit of the plan, and the room that its packets' frames take.
    private static let counter: UInt16 = 41
    private static let burst = 24

    @Test(arguments: AccessListSamples.Kind.allCases, [false, true])
    func everyPacketMeetsTheRuleThatThePlainEvaluationFinds(kind: AccessListSamples.Kind, isIPv6: Bool) throws {
        var random = SeededGenerator()
        // One block, full blocks, several, and more rules than bit vectors are made for.
        for count in [1, 2, 3, 10, 50, 64, 65, 66, 129, 200, 513, 514] {
            let rules = AccessListSamples.rules(count, isIPv6: isIPv6, kind: kind, &random)
            let lab = try Lab()
            try install(rules, isIPv6: isIPv6, in: lab)
            var expected = [Int](repeating: 0, count: count)
            var denied = 0
            for number in 0..<12 {
                var frames: [(port: UInt16, octets: [UInt8])] = []
                var rule = 0
                var frame: [UInt8] = []
                for place in 0..<Self.burst {
                    // Every third burst is one flow, which one rule takes.
                    if place == 0 || number % 3 != 0 {
                        let key = Self.possible(
                            AccessListSamples.key(for: rules, isIPv6: isIPv6, &random), isIPv6: isIPv6, &random)
                        rule = Int(AccessListSamples.firstMatch(key, in: rules))
                        let packet = isIPv6 ? Self.ipv6(key, &random) : Self.ipv4(key, &random)
                        frame = PacketBuilder.circuitFrame(counter: Self.counter, packet: packet)
                    }
                    expected[rule] += 1
                    denied += rules[rule].permits == 0 ? 1 : 0
                    frames.append((2, frame))
                }
                _ = lab.run(frames)
            }
            let hits = (0..<count).map { Int(lab.memory.accessHits[$0]) }
            #expect(hits == expected, "\(count) rules, \(kind), IPv6: \(isIPv6)")
            #expect(Int(lab.drops(.accessListDenied, counter: Self.counter)) == denied)
        }
    }

    @Test func listsOfUpTo512RulesAreCompiled() {
        var random = SeededGenerator()
        let rules = AccessListSamples.rules(514, isIPv6: false, kind: .hosts, &random)
        #expect(AccessListVectors.blocks(of: Array(rules.suffix(1)), family: 4).isEmpty)
        #expect(!AccessListVectors.blocks(of: Array(rules.suffix(2)), family: 4).isEmpty)
        #expect(!AccessListVectors.blocks(of: Array(rules.suffix(513)), family: 4).isEmpty)
        #expect(AccessListVectors.blocks(of: rules, family: 4).isEmpty)
    }

    private func install(_ rules: [stile_access_rule], isIPv6: Bool, in lab: Lab) throws {
        var rules = rules
        for number in rules.indices { rules[number].hits = UInt32(number) }
        let list = try lab.writer.accessLists.add(family: isIPv6 ? 6 : 4, rules: rules)
        var services = stile_services()
        if isIPv6 { services.access_list_in_ipv6 = list } else { services.access_list_in_ipv4 = list }
        try lab.install(
            services, ingress: UInt8(STILE_INGRESS_ACCESS_LIST.rawValue), egress: 0, counter: Self.counter)
    }

    /// The key made one that a packet can have: what a key has of a packet is what stile_services.h says.
    private static func possible(
        _ key: stile_flow_key, isIPv6: Bool, _ random: inout SeededGenerator
    ) -> stile_flow_key {
        var key = key
        // Extension headers are not what IPv6 carries, and the other family's ICMP is nothing special.
        if isIPv6, [0, 43, 44, 51, 60].contains(key.protocol) || random.once(in: 3) { key.protocol = 17 }
        if random.once(in: 4) { key.protocol = 6 }
        key.fragment = key.fragment & 1 != 0 ? 3 : key.fragment & 2
        let hasPorts = [6, 17, 132].contains(key.protocol)
        let hasType = key.protocol == (isIPv6 ? 58 : 1)
        if !hasPorts || key.fragment == 3 { key.source_port = 0 }
        if !hasPorts && !hasType || key.fragment == 3 { key.destination_port = 0 }
        if key.protocol != 6 || key.fragment == 3 { key.tcp_flags = 0 }
        // Addresses that may be forwarded.
        key.source.0 = 10 + key.source.0 % 4
        key.destination.0 = 10 + key.destination.0 % 4
        return key
    }

    /// What follows the IP header and its extensions.
    private static func upperLayer(_ key: stile_flow_key, _ random: inout SeededGenerator) -> [UInt8] {
        var octets = (0..<(32 + random.below(3) * 8)).map { _ in random.octet() }
        guard key.fragment != 3 else { return octets }
        withUnsafeBytes(of: key) { key in
            if [6, 17, 132].contains(key[0]) {
                for octet in 0..<4 { octets[octet] = key[8 + octet] }
                if key[0] == 6 { octets[13] = key[6] }
            } else if key[0] == 1 || key[0] == 58 {
                octets[0] = key[10]
                octets[1] = key[11]
            }
        }
        return octets
    }

    private static func ipv4(_ key: stile_flow_key, _ random: inout SeededGenerator) -> [UInt8] {
        let (source, destination) = addresses(key)
        func number(_ octets: [UInt8]) -> UInt32 { octets.prefix(4).reduce(0) { $0 << 8 | UInt32($1) } }
        return PacketBuilder.ipv4(
            source: number(source), destination: number(destination), protocolNumber: key.protocol,
            fragment: [0: 0x4000, 2: 0x2000][key.fragment] ?? UInt16(2 + random.below(100)),
            trafficClass: key.traffic_class, options: random.once(in: 4) ? [1, 1, 1, 0] : [],
            payload: upperLayer(key, &random))
    }

    private static func ipv6(_ key: stile_flow_key, _ random: inout SeededGenerator) -> [UInt8] {
        let (source, destination) = addresses(key)
        var payload = upperLayer(key, &random)
        var next = key.protocol
        if key.fragment != 0 {
            let field = key.fragment == 3 ? UInt16(2 + random.below(100)) << 3 : 1
            payload = [next, 0, UInt8(field >> 8), UInt8(field & 255), 0, 0, 0, 1] + payload
            next = 44
        }
        if random.once(in: 4) {
            payload = [next, 0, 1, 4, 0, 0, 0, 0] + payload
            next = 60
        }
        return PacketBuilder.ipv6(
            source: source, destination: destination, nextHeader: next, trafficClass: key.traffic_class,
            payload: payload)
    }

    private static func addresses(_ key: stile_flow_key) -> (source: [UInt8], destination: [UInt8]) {
        withUnsafeBytes(of: key) { (Array($0[16..<32]), Array($0[32..<48])) }
    }
}
