import Addressing

extension RouteMap {
    /// Each entry is a block of its own.
    var sections: [ConfigurationSection] {
        entries.map { entry in
            ConfigurationSection(
                "route-map \(name) \(entry.permits ? "permit" : "deny") \(entry.sequence)",
                (entry.descriptionLines + entry.matchLines + entry.setLines).map { " \($0)" })
        }
    }
}

extension RouteMapEntry {
    fileprivate var descriptionLines: [String] {
        description.map { ["description \(printed(freeText: $0))"] } ?? []
    }

    /// What a packet has to meet, a line for each kind, as they are printed; none: all packets.
    public var matchLines: [String] {
        var lines: [String] = []
        for family in AddressFamily.allCases {
            guard let lists = accessLists[family] else { continue }
            lines.append("match \(family.prefixWord) address " + lists.joined(separator: " "))
        }
        if let lengths { lines.append("match length \(lengths.lowerBound) \(lengths.upperBound)") }
        return lines
    }

    /// What is done with a packet, as it is printed.
    public var setLines: [String] {
        var lines: [String] = []
        for family in AddressFamily.allCases {
            if let addresses = nextHops[family] {
                lines.append("set \(family.prefixWord) next-hop " + addresses.map(\.description).joined(separator: " "))
            }
            if let address = recursiveNextHops[family] {
                lines.append("set \(family.prefixWord) next-hop recursive \(address)")
            }
        }
        switch otherwise {
        case .lookup: break
        case .vrf(let name): lines.append("set vrf \(name)")
        case .discard: lines.append("set interface null0")
        }
        if let markedDSCP {
            lines.append("set ip dscp \(PacketVocabulary.name(ofCodePoint: markedDSCP) ?? "\(markedDSCP)")")
        }
        return lines
    }
}

extension AddressFamily {
    /// As statements about a family begin.
    var prefixWord: String { self == .ipv4 ? "ip" : "ipv6" }
}
