import Addressing

extension RouteMapEntryDraft: StatementSubject {
    typealias Printed = RouteMapEntry
}

extension RouteMapEntry {
    /// What a packet or a route has to meet, a line for each kind, as they are printed; none: all.
    public var matchLines: [String] { RouteMapStatements.table.lines(of: self, ranks: 1..<2) }

    /// What is done with it, as it is printed.
    public var setLines: [String] { RouteMapStatements.table.lines(of: self, ranks: 2..<10) }
}

/// The statements of a `route-map` block.
enum RouteMapStatements {
    static let table = StatementTable<RouteMapEntryDraft>(
        matchStatements + RouteMapPolicyStatements.match + setStatements + RouteMapPolicyStatements.set + [
            .line(
                "description|desc", help: "a text for people", example: "description voice by the second line",
                prints: .line(rank: 0) { $0.description.map { "description \(printed(freeText: $0))" } }
            ) { line, entry throws(Finding) in
                try line.assign(&entry.description, line.freeText("a description"))
            },
            .refused("continue", hint: "the first entry that a packet or a route meets decides"),
        ])

    private static let matchStatements: [Statement<RouteMapEntryDraft>] = [
        .line(
            "match", "ip", "address", help: "an IPv4 packet that one of these access lists permits",
            example: "match ip address web", prints: .line(rank: 1) { lists($0, .ipv4) }
        ) { line, entry throws(Finding) in
            try lists(&line, &entry.accessLists[.ipv4, default: []])
        },
        .line(
            "match", "ipv6", "address", help: "an IPv6 packet that one of these access lists permits",
            example: "match ipv6 address web6", prints: .line(rank: 1) { lists($0, .ipv6) }
        ) { line, entry throws(Finding) in
            try lists(&line, &entry.accessLists[.ipv6, default: []])
        },
        .line(
            "match", "length", help: "a packet of so many octets at least and at most",
            example: "match length 100 1500",
            prints: .line(rank: 1) { $0.lengths.map { "match length \($0.lowerBound) \($0.upperBound)" } }
        ) { line, entry throws(Finding) in
            let shortest: UInt16 = try line.number("the least length in octets", in: 0...UInt16.max)
            let longest: UInt16 = try line.number("the greatest length in octets", in: shortest...UInt16.max)
            try line.assign(&entry.lengths, shortest...longest)
        },
    ]

    private static let setStatements: [Statement<RouteMapEntryDraft>] = [
        .line(
            "set", "ip", "next-hop", help: "the first of these neighbors that answers gets it",
            example: "set ip next-hop 10.1.0.7 10.1.0.8", prints: .line(rank: 2) { nextHops($0, .ipv4) }
        ) { line, entry throws(Finding) in
            try nextHops(.ipv4, &line, &entry.nextHops[.ipv4, default: []])
        },
        .line(
            "set", "ipv6", "next-hop", help: "the same for IPv6", example: "set ipv6 next-hop 2001:db8:1::7",
            prints: .line(rank: 3) { nextHops($0, .ipv6) }
        ) { line, entry throws(Finding) in
            try nextHops(.ipv6, &line, &entry.nextHops[.ipv6, default: []])
        },
        .line(
            "set", "ip", "next-hop", "recursive", help: "it goes where this address is routed",
            example: "set ip next-hop recursive 10.9.0.1",
            prints: .line(rank: 2) { $0.recursiveNextHops[.ipv4].map { "set ip next-hop recursive \($0)" } }
        ) { line, entry throws(Finding) in
            try recursiveNextHop(.ipv4, &line, &entry.recursiveNextHops[.ipv4])
        },
        .refused("set", "ip", "next-hop", "verify-availability", hint: alwaysVerified),
        .line(
            "set", "ipv6", "next-hop", "recursive", help: "the same for IPv6",
            example: "set ipv6 next-hop recursive 2001:db8:9::1",
            prints: .line(rank: 3) { $0.recursiveNextHops[.ipv6].map { "set ipv6 next-hop recursive \($0)" } }
        ) { line, entry throws(Finding) in
            try recursiveNextHop(.ipv6, &line, &entry.recursiveNextHops[.ipv6])
        },
        .refused("set", "ipv6", "next-hop", "verify-availability", hint: alwaysVerified),
        .refused("set", "ip", "default", hint: withoutDefault),
        .refused("set", "ipv6", "default", hint: withoutDefault),
        .line(
            "set", "vrf", help: "it is looked up in another VRF", example: "set vrf two",
            prints: .line { if case .vrf(let name) = $0.otherwise { "set vrf \(name)" } else { nil } }
        ) { line, entry throws(Finding) in
            try line.assign(&entry.vrf, line.name("a VRF"))
        },
        .line(
            "set", "interface", help: "it is dropped", example: "set interface null0",
            prints: .line("set interface null0") { $0.otherwise == .discard }
        ) { line, entry throws(Finding) in
            guard line.take("null0|null") else {
                throw line.isAtEnd
                    ? line.missing(["null0"])
                    : line.invalid(
                        line.tokens[line.position], expected: "null0",
                        hint: "packets leave by a next hop: use 'set ip next-hop A.B.C.D'")
            }
            entry.discard = entry.discard ?? line.wordsRange
        },
        .line(
            "set", "ip", "dscp", help: "its code point", example: "set ip dscp af11",
            prints: .line { $0.markedDSCP.map { "set ip dscp \(PacketVocabulary.text(ofCodePoint: $0))" } },
            read: setDSCP),
        .line(
            "set", "dscp", help: "likewise", example: "set dscp af11", prints: .like("set ip dscp af11"), read: setDSCP),
    ]

    private static let alwaysVerified = "a next hop is only used while its neighbor answers: leave the word out"
    private static let withoutDefault = "a map decides before the lookup, not after it has found nothing"

    @Sendable
    private static func setDSCP(_ line: inout LineReader, _ entry: inout RouteMapEntryDraft) throws(Finding) {
        try line.assign(&entry.markedDSCP, line.dscp())
    }

    private static func lists(_ entry: RouteMapEntry, _ family: AddressFamily) -> String? {
        entry.accessLists[family].map { "match \(family.prefixWord) address " + $0.joined(separator: " ") }
    }

    private static func nextHops(_ entry: RouteMapEntry, _ family: AddressFamily) -> String? {
        entry.nextHops[family].map {
            "set \(family.prefixWord) next-hop " + $0.map(\.description).joined(separator: " ")
        }
    }

    /// One or more names, behind those of earlier lines.
    private static func lists(_ line: inout LineReader, _ lists: inout [Located<String>]) throws(Finding) {
        repeat {
            let name = try line.name("an access list")
            if !lists.contains(where: { $0.value == name.value }) { lists.append(name) }
        } while !line.isAtEnd
    }

    /// One or more addresses, behind those of earlier lines.
    private static func nextHops(
        _ family: AddressFamily, _ line: inout LineReader, _ nextHops: inout [Located<IPAddress>]
    ) throws(Finding) {
        repeat {
            let address = try nextHop("a neighbor", expected: "a neighbor's address", family, &line)
            let token = line.tokens[line.position - 1]
            guard !nextHops.contains(where: { $0.value == address.value }) else { continue }
            guard nextHops.count < RouteMapEntry.mostNextHops else {
                throw line.invalid(token, expected: "at most \(RouteMapEntry.mostNextHops) next hops")
            }
            nextHops.append(address)
        } while !line.isAtEnd
    }

    private static func recursiveNextHop(
        _ family: AddressFamily, _ line: inout LineReader, _ setting: inout Located<IPAddress>?
    ) throws(Finding) {
        let address = try nextHop(
            "an address that has a route", expected: "a unicast address", family, &line)
        try line.assign(&setting, address.value)
    }

    private static func nextHop(
        _ what: String, expected: String, _ family: AddressFamily, _ line: inout LineReader
    ) throws(Finding) -> Located<IPAddress> {
        let address = try line.address(what, family: family)
        guard address.value.isPossibleNextHop else {
            throw line.invalid(
                line.tokens[line.position - 1], expected: expected,
                hint: family == .ipv6 ? "link-local and multicast addresses are no next hops" : nil)
        }
        return address
    }
}

extension IPAddress {
    fileprivate var isPossibleNextHop: Bool {
        switch self {
        case .ipv4(let address): address.isUnicast
        case .ipv6(let address): address.isGlobalUnicast
        }
    }
}
