import Addressing
import Configuration
import SeededRandom

/// Makes prefix lists at random, and names those that are there.
enum RandomPrefixList {
    static func make(_ name: String, _ family: AddressFamily, _ generator: inout SeededGenerator) -> PrefixList {
        var list = PrefixList(name: name, family: family)
        let longest: UInt8 = family == .ipv4 ? 32 : 128
        let address = IPAddress(family == .ipv4 ? "10.255.170.85" : "2001:db8:aaaa:5555:ffff:1234:5678:9abc")
        var sequence: UInt32 = 0
        for _ in 0..<generator.number(1...5) {
            sequence += generator.number(1...1000)
            let length: UInt8 = generator.number(0...longest)
            guard let address, let prefix = IPPrefix(covering: address, length: Int(length)) else { continue }
            var entry = PrefixListEntry(sequence: sequence, permits: generator.chance(2), prefix: prefix)
            entry.shortest = generator.maybe { $0.number(length...longest) }
            entry.longest = generator.maybe { $0.number((entry.shortest ?? length)...longest) }
            list.entries.append(entry)
        }
        return list
    }

    static func names(
        in configuration: Configuration, _ family: AddressFamily, _ generator: inout SeededGenerator
    ) -> PolicyNames? {
        guard let defined = configuration.prefixLists[family]?.keys.sorted(), !defined.isEmpty else { return nil }
        let imported = generator.chance(2) ? generator.pick(defined) : nil
        return PolicyNames(imported: imported, exported: imported == nil ? generator.pick(defined) : nil)
    }
}
