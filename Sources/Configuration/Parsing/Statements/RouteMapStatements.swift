import Addressing

/// The statements of a `route-map` block.
enum RouteMapStatements {
    static let table = StatementTable<RouteMapEntryDraft>(
        matchStatements + setStatements + [
            .line("description|desc") { line, entry throws(Finding) in
                try line.assign(&entry.description, line.freeText("a description"))
            },
            .refused("continue", hint: "the first entry that a packet meets decides"),
        ])

    private static let matchStatements: [Statement<RouteMapEntryDraft>] = [
        .line("match", "ip", "address") { line, entry throws(Finding) in
            try lists(&line, &entry.accessLists[.ipv4, default: []])
        },
        .line("match", "ipv6", "address") { line, entry throws(Finding) in
            try lists(&line, &entry.accessLists[.ipv6, default: []])
        },
        .refused("match", "ip", "address", "prefix-list", hint: listsOnly),
        .refused("match", "ipv6", "address", "prefix-list", hint: listsOnly),
        .line("match", "length") { line, entry throws(Finding) in
            let shortest: UInt16 = try line.number("the least length in octets", in: 0...UInt16.max)
            let longest: UInt16 = try line.number("the greatest length in octets", in: shortest...UInt16.max)
            try line.assign(&entry.lengths, shortest...longest)
        },
    ]

    private static let setStatements: [Statement<RouteMapEntryDraft>] = [
        .line("set", "ip", "next-hop") { line, entry throws(Finding) in
            try nextHops(.ipv4, &line, &entry.nextHops[.ipv4, default: []])
        },
        .line("set", "ipv6", "next-hop") { line, entry throws(Finding) in
            try nextHops(.ipv6, &line, &entry.nextHops[.ipv6, default: []])
        },
        .line("set", "ip", "next-hop", "recursive") { line, entry throws(Finding) in
            try recursiveNextHop(.ipv4, &line, &entry.recursiveNextHops[.ipv4])
        },
        .refused("set", "ip", "next-hop", "verify-availability", hint: alwaysVerified),
        .line("set", "ipv6", "next-hop", "recursive") { line, entry throws(Finding) in
            try recursiveNextHop(.ipv6, &line, &entry.recursiveNextHops[.ipv6])
        },
        .refused("set", "ipv6", "next-hop", "verify-availability", hint: alwaysVerified),
        .refused("set", "ip", "default", hint: withoutDefault),
        .refused("set", "ipv6", "default", hint: withoutDefault),
        .line("set", "vrf") { line, entry throws(Finding) in
            let name = try line.name("a VRF")
            if let earlier = entry.vrf, earlier.value != name.value { throw line.contradiction(of: earlier.range) }
            entry.vrf = entry.vrf ?? name
        },
        .line("set", "interface") { line, entry throws(Finding) in
            guard line.take("null0|null") else {
                throw line.isAtEnd
                    ? line.missing(["null0"])
                    : line.invalid(
                        line.tokens[line.position], expected: "null0",
                        hint: "packets leave by a next hop: use 'set ip next-hop A.B.C.D'")
            }
            entry.discard = entry.discard ?? line.wordsRange
        },
        .line("set", "ip", "dscp", read: setDSCP),
        .line("set", "dscp", read: setDSCP),
    ]

    private static let listsOnly = "name access lists: 'match ip address NAME'"
    private static let alwaysVerified = "a next hop is only used while its neighbor answers: leave the word out"
    private static let withoutDefault = "a map decides before the lookup, not after it has found nothing"

    @Sendable
    private static func setDSCP(_ line: inout LineReader, _ entry: inout RouteMapEntryDraft) throws(Finding) {
        try line.assign(&entry.markedDSCP, line.dscp())
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
