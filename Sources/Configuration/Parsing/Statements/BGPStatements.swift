import Addressing

extension BGPDraft: StatementSubject {
    typealias Printed = BGPConfiguration
}

extension VRFFamilyDraft: StatementSubject {
    typealias Printed = Redistribution
}

/// The statements of the `router bgp` block and of its address families.
enum BGPStatements {
    static let table = StatementTable<BGPDraft>([
        .line(
            "bgp", "router-id", help: "the BGP identifier of the box", example: "bgp router-id 192.0.2.1",
            prints: .line { $0.routerID.map { "bgp router-id \($0)" } }
        ) { line, bgp throws(Finding) in
            let token = try line.next("the BGP identifier, an IPv4 address")
            guard let identifier = IPv4Address(token.text), identifier.rawValue != 0 else {
                throw line.invalid(token, expected: "the BGP identifier, an IPv4 address other than 0.0.0.0")
            }
            try line.assign(&bgp.routerID, identifier)
        },
        .line(
            "bgp", "graceful-restart", help: "graceful restart (RFC 4724), with its times in seconds",
            example: "bgp graceful-restart restart-time 60", prints: .lines(gracefulRestart)
        ) { line, bgp throws(Finding) in
            if line.take("restart-time") {
                try line.assign(&bgp.restartTimeSeconds, try line.number("seconds", in: 1...4095))
            }
            if line.take("stalepath-time") {
                try line.assign(&bgp.stalePathSeconds, try line.number("seconds", in: 1...4095))
            }
            try line.assign(&bgp.isGracefulRestartOn, true)
        },
        .line(
            "no", "bgp", "graceful-restart", help: "no graceful restart", example: "no bgp graceful-restart",
            prints: .line("no bgp graceful-restart") { $0.gracefulRestart == nil }
        ) { line, bgp throws(Finding) in
            try line.assign(&bgp.isGracefulRestartOn, false)
        },
        .line(
            "bgp", "fast-external-fallover", help: "a session ends with its link, which holds anyway",
            example: "bgp fast-external-fallover", prints: .never
        ) { line, bgp throws(Finding) in
            try line.assign(&bgp.endsSessionsWithLink, true)
        },
        .line(
            "no", "bgp", "fast-external-fallover", help: "a session outlives its link",
            example: "no bgp fast-external-fallover",
            prints: .line("no bgp fast-external-fallover") { !$0.endsSessionsWithLink }
        ) { line, bgp throws(Finding) in
            try line.assign(&bgp.endsSessionsWithLink, false)
        },
        .line(
            "no", "bgp", "default", "route-target", "filter", help: "routes are kept though no VRF imports them",
            example: "no bgp default route-target filter",
            prints: .line("no bgp default route-target filter", if: \.keepsRoutesWithoutImport)
        ) { line, bgp throws(Finding) in
            bgp.keepsRoutesWithoutImport = true
        },
        .prefix("neighbor|neigh") { line, bgp throws(Finding) in
            try neighbor(NeighborStatements.table, &line, &bgp)
        },
        .block("address-family", "vpnv4", help: "VPN-IPv4 routes", example: "address-family vpnv4") {
            line, bgp throws(Finding) in
            _ = line.take("unicast")
            return .bgpVPN(.vpnv4)
        },
        .block("address-family", "vpnv6", help: "VPN-IPv6 routes", example: "address-family vpnv6") {
            line, bgp throws(Finding) in
            _ = line.take("unicast")
            return .bgpVPN(.vpnv6)
        },
        .block("address-family", "ipv4", help: "IPv4 routes of a VRF", example: "address-family ipv4 vrf one") {
            line, bgp throws(Finding) in try vrfFamily(.ipv4, &line, &bgp)
        },
        .block("address-family", "ipv6", help: "IPv6 routes of a VRF", example: "address-family ipv6 vrf one") {
            line, bgp throws(Finding) in try vrfFamily(.ipv6, &line, &bgp)
        },
    ])

    /// The statements of `address-family vpnv4` and `address-family vpnv6`.
    static func vpnTable(_ family: VPNFamily) -> StatementTable<BGPDraft> {
        switch family {
        case .vpnv4: vpnv4Table
        case .vpnv6: vpnv6Table
        }
    }

    private static let vpnv4Table = makeVPNTable(.vpnv4)
    private static let vpnv6Table = makeVPNTable(.vpnv6)

    private static func makeVPNTable(_ family: VPNFamily) -> StatementTable<BGPDraft> {
        let neighborTable = NeighborStatements.familyTable(family)
        return StatementTable([
            .prefix("neighbor|neigh") { line, bgp throws(Finding) in try neighbor(neighborTable, &line, &bgp) }
        ])
    }

    /// The statements of `address-family ipv4 vrf` and `address-family ipv6 vrf`.
    static let vrfTable = StatementTable<VRFFamilyDraft>([
        .line(
            "redistribute|redist", "connected", help: "its connected routes are advertised",
            example: "redistribute connected", prints: .line("redistribute connected", if: \.connected)
        ) { line, family throws(Finding) in
            family.redistribution.connected = true
        },
        .line(
            "redistribute|redist", "static", help: "its static routes are advertised", example: "redistribute static",
            prints: .line("redistribute static", if: \.staticRoutes)
        ) { line, family throws(Finding) in
            family.redistribution.staticRoutes = true
        },
        .refused("neighbor|neigh", hint: "a VRF's routes are connected and static ones: there is no BGP inside a VRF"),
    ])

    /// Times that are not the usual ones.
    @Sendable
    private static func gracefulRestart(_ bgp: BGPConfiguration) -> [String] {
        guard let restart = bgp.gracefulRestart else { return [] }
        let usual = GracefulRestart()
        var lines: [String] = []
        if restart.restartTimeSeconds != usual.restartTimeSeconds {
            lines.append("bgp graceful-restart restart-time \(restart.restartTimeSeconds)")
        }
        if restart.stalePathSeconds != usual.stalePathSeconds {
            lines.append("bgp graceful-restart stalepath-time \(restart.stalePathSeconds)")
        }
        return lines
    }

    private static func vrfFamily(
        _ family: AddressFamily, _ line: inout LineReader, _ bgp: inout BGPDraft
    ) throws(Finding) -> Mode {
        _ = line.take("unicast")
        try line.expect("vrf")
        let vrf = try line.name("a VRF")
        let key = VRFFamily(vrf: vrf.value, family: family)
        bgp.vrfFamilies[key] = bgp.vrfFamilies[key] ?? VRFFamilyDraft(declared: line.wordsRange, vrf: vrf.range)
        return .bgpVRF(key)
    }

    /// Reads whom a `neighbor` line is about, then what it says.
    private static func neighbor(
        _ table: StatementTable<PeerDraft>, _ line: inout LineReader, _ bgp: inout BGPDraft
    ) throws(Finding) {
        let key = try peerKey(&line)
        let mention = line.wordsRange
        guard case .statement(let statement, let wordCount) = table.match(line.tokens[line.position...]) else {
            throw line.unknownKeyword(in: table)
        }
        line.position += wordCount
        var peer = bgp.peers[key] ?? PeerDraft(firstMention: mention)
        _ = try statement.read(&line, &peer)
        bgp.peers[key] = peer
    }

    private static func peerKey(_ line: inout LineReader) throws(Finding) -> PeerKey {
        let expected = "a neighbor's address or the name of a peer group"
        let token = try line.next(expected)
        if let address = IPAddress(token.text) {
            let isUsable =
                switch address {
                case .ipv4(let address): address.isUnicast
                case .ipv6(let address): address.isGlobalUnicast
                }
            guard isUsable else { throw line.invalid(token, expected: "an address that a neighbor can have") }
            return .address(address)
        }
        // A name begins with a letter and holds no colon, so that a misspelt address is not taken for a name.
        guard let first = token.text.utf8.first, Character(UnicodeScalar(first)).isLetter, first < 0x80,
            token.text.utf8.count <= 64, token.text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x3A })
        else { throw line.invalid(token, expected: expected) }
        return .group(token.text)
    }
}
