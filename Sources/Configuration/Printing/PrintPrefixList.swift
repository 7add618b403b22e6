import Addressing

extension PrefixList {
    /// Each entry is a line of its own at the top level.
    var sections: [ConfigurationSection] {
        entries.map { entry in
            var line = "\(family.prefixWord) prefix-list \(name) seq \(entry.sequence) "
            line += "\(entry.permits ? "permit" : "deny") \(entry.prefix)"
            if let shortest = entry.shortest { line += " ge \(shortest)" }
            if let longest = entry.longest { line += " le \(longest)" }
            return ConfigurationSection(line)
        }
    }
}

extension [AddressFamily: PrefixListNames] {
    /// The lines of an `ip vrf` block.
    var lines: [String] {
        AddressFamily.allCases.flatMap { family -> [String] in
            guard let names = self[family] else { return [] }
            return [
                names.imported.map { " import prefix-list \(family.keyword) \($0)" },
                names.exported.map { " export prefix-list \(family.keyword) \($0)" },
            ].compactMap { $0 }
        }
    }
}
