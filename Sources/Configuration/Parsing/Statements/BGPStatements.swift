import Addressing

extension BGPDraft: StatementSubject {
    typealias Printed = BGPConfiguration
}

extension BGPVRFDraft: StatementSubject {
    typealias Printed = VRFFamilySettings
}

/// The statements of the `router bgp` block and of its address families.
enum BGPStatements {
    static let table = StatementTable<BGPDraft>([
        .line(
            "bgp", "router-id", help: "the BGP identifier of the box", example: "bgp router-id 192.0.2.1",
            prints: .line { $0.routerID.map { "bgp router-id \($0)" } }
        ) { line, bgp throws(Finding) in
            try line.assign(&bgp.routerID, identifier("the BGP identifier", &line))
        },
        .line(
            "bgp", "cluster-id", help: "the cluster in which it reflects routes; otherwise its BGP identifier",
            example: "bgp cluster-id 192.0.2.1", prints: .line { $0.clusterID.map { "bgp cluster-id \($0)" } }
        ) { line, bgp throws(Finding) in
            try line.assign(&bgp.clusterID, identifier("the cluster", &line))
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
        MultipathStatements.relaxation,
        .prefix("neighbor|neigh") { line, bgp throws(Finding) in
            try readPeer(NeighborStatements.table, &line, &bgp.peers, peerKey)
        },
        .block("address-family", "vpnv4", help: "VPN-IPv4 routes", example: "address-family vpnv4") {
            line, bgp throws(Finding) in
            _ = line.take("unicast")
            return .bgpVPN(.ipv4)
        },
        .block("address-family", "vpnv6", help: "VPN-IPv6 routes", example: "address-family vpnv6") {
            line, bgp throws(Finding) in
            _ = line.take("unicast")
            return .bgpVPN(.ipv6)
        },
        .block(
            "address-family", "ipv4", "labeled-unicast|labelled-unicast",
            help: "IPv4 routes with labels, by which PEs are reached", example: "address-family ipv4 labeled-unicast"
        ) { line, bgp throws(Finding) in .bgpLabeledUnicast(.ipv4) },
        .block(
            "address-family", "ipv6", "labeled-unicast|labelled-unicast",
            help: "IPv6 routes with labels, by which PEs are reached", example: "address-family ipv6 labeled-unicast"
        ) { line, bgp throws(Finding) in .bgpLabeledUnicast(.ipv6) },
        .block(
            "address-family", "rtfilter",
            help: "VPN routes of the own network go where their targets are wanted (RFC 4684)",
            example: "address-family rtfilter unicast"
        ) { line, bgp throws(Finding) in
            _ = line.take("unicast")
            return .bgpRouteTargets
        },
        .block(
            "address-family", "ipv4", "mvpn",
            help: "trees for the IPv4 groups of VPNs, as PEs signal them (RFC 6514)",
            example: "address-family ipv4 mvpn"
        ) { line, bgp throws(Finding) in .bgpSignalling(.ipv4MVPN) },
        .block(
            "address-family", "ipv6", "mvpn",
            help: "trees for the IPv6 groups of VPNs, as PEs signal them (RFC 6514)",
            example: "address-family ipv6 mvpn"
        ) { line, bgp throws(Finding) in .bgpSignalling(.ipv6MVPN) },
        .block(
            "address-family", "l2vpn", "evpn",
            help: "broadcast domains and Ethernet segments, as PEs signal them (RFC 7432)",
            example: "address-family l2vpn evpn"
        ) { line, bgp throws(Finding) in .bgpSignalling(.evpn) },
        .block("address-family", "ipv4", help: "IPv4 routes of a VRF", example: "address-family ipv4 vrf one") {
            line, bgp throws(Finding) in try vrfFamily(.ipv4, &line, &bgp)
        },
        .block("address-family", "ipv6", help: "IPv6 routes of a VRF", example: "address-family ipv6 vrf one") {
            line, bgp throws(Finding) in try vrfFamily(.ipv6, &line, &bgp)
        },
    ])

    /// The statements of `address-family vpnv4` and `address-family vpnv6`.
    static func vpnTable(_ family: AddressFamily) -> StatementTable<BGPDraft> {
        family == .ipv4 ? vpnv4Table : vpnv6Table
    }

    private static let vpnv4Table = makePeerTable(NeighborStatements.vpnTable(.ipv4))
    private static let vpnv6Table = makePeerTable(NeighborStatements.vpnTable(.ipv6))

    /// The statements of `address-family ipv4 labeled-unicast` and `address-family ipv6 labeled-unicast`.
    static func labeledUnicastTable(_ family: AddressFamily) -> StatementTable<BGPDraft> {
        family == .ipv4 ? ipv4LabeledTable : ipv6LabeledTable
    }

    private static let ipv4LabeledTable = makePeerTable(NeighborStatements.labeledUnicastTable(.ipv4))
    private static let ipv6LabeledTable = makePeerTable(NeighborStatements.labeledUnicastTable(.ipv6))

    /// The statements of `address-family rtfilter unicast`.
    static let routeTargetTable = makePeerTable(NeighborStatements.routeTargetTable)

    /// The statements of `address-family ipv4 mvpn`, `address-family ipv6 mvpn` and `address-family l2vpn evpn`.
    static func signallingTable(_ family: SessionFamily) -> StatementTable<BGPDraft> {
        switch family {
        case .ipv6MVPN: ipv6MVPNTable
        case .evpn: evpnTable
        default: ipv4MVPNTable
        }
    }

    private static let ipv4MVPNTable = makePeerTable(NeighborStatements.signallingTable(.ipv4MVPN))
    private static let ipv6MVPNTable = makePeerTable(NeighborStatements.signallingTable(.ipv6MVPN))
    private static let evpnTable = makePeerTable(NeighborStatements.signallingTable(.evpn))

    private static func makePeerTable(_ neighborTable: StatementTable<PeerDraft>) -> StatementTable<BGPDraft> {
        StatementTable([
            .prefix("neighbor|neigh") { line, bgp throws(Finding) in
                try readPeer(neighborTable, &line, &bgp.peers, peerKey)
            }
        ])
    }

    /// The statements of `address-family ipv4 vrf` and `address-family ipv6 vrf`.
    static func vrfTable(_ family: AddressFamily) -> StatementTable<BGPVRFDraft> {
        family == .ipv4 ? ipv4Table : ipv6Table
    }

    private static let ipv4Table = makeVRFTable(.ipv4)
    private static let ipv6Table = makeVRFTable(.ipv6)

    private static func makeVRFTable(_ family: AddressFamily) -> StatementTable<BGPVRFDraft> {
        let neighborTable = NeighborStatements.vrfTable(family)
        let statements: [Statement<BGPVRFDraft>] = [
            .line(
                "redistribute|redist", "connected", help: "its connected routes are advertised",
                example: "redistribute connected", prints: .line("redistribute connected", if: \.connected)
            ) { line, vrf throws(Finding) in
                vrf.families[family]?.redistributesConnected = true
            },
            .line(
                "redistribute|redist", "static", help: "its static routes are advertised",
                example: "redistribute static", prints: .line("redistribute static", if: \.staticRoutes)
            ) { line, vrf throws(Finding) in
                vrf.families[family]?.redistributesStatic = true
            },
            .prefix("neighbor|neigh") { line, vrf throws(Finding) in
                try readPeer(neighborTable, &line, &vrf.peers, addressInVRF)
            },
        ]
        return StatementTable(statements + MultipathStatements.limits(family))
    }

    private static func identifier(_ what: String, _ line: inout LineReader) throws(Finding) -> IPv4Address {
        let token = try line.next("\(what), an IPv4 address")
        guard let identifier = IPv4Address(token.text), identifier.rawValue != 0 else {
            throw line.invalid(token, expected: "\(what), an IPv4 address other than 0.0.0.0")
        }
        return identifier
    }

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
        var draft = bgp.vrfs[vrf.value] ?? BGPVRFDraft()
        draft.families[family] = draft.families[family] ?? VRFFamilyDraft(declared: line.wordsRange, vrf: vrf.range)
        bgp.vrfs[vrf.value] = draft
        return .bgpVRF(VRFFamily(vrf: vrf.value, family: family))
    }

    /// Reads whom a `neighbor` line is about, then what it says.
    private static func readPeer<Key>(
        _ table: StatementTable<PeerDraft>, _ line: inout LineReader, _ peers: inout [Key: PeerDraft],
        _ readKey: (inout LineReader) throws(Finding) -> Key
    ) throws(Finding) {
        let key = try readKey(&line)
        let mention = line.wordsRange
        guard case .statement(let statement) = table.match(line.tokens[line.position...]) else {
            throw line.unknownKeyword(in: table)
        }
        line.pass(statement.words)
        var peer = peers[key] ?? PeerDraft(firstMention: mention)
        _ = try statement.read(&line, &peer)
        peers[key] = peer
    }

    private static func peerKey(_ line: inout LineReader) throws(Finding) -> PeerKey {
        let expected = "a neighbor's address or the name of a peer group"
        let token = try line.next(expected)
        if let address = IPAddress(token.text) {
            return .neighbor(NeighborName(address: try usable(address, token, line)))
        }
        // A name begins with a letter and holds no colon, so that a misspelt address is not taken for a name.
        guard let first = token.text.utf8.first, Character(UnicodeScalar(first)).isLetter, first < 0x80,
            token.text.utf8.count <= 64, token.text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x3A })
        else { throw line.invalid(token, expected: expected) }
        return .group(token.text)
    }

    private static func addressInVRF(_ line: inout LineReader) throws(Finding) -> IPAddress {
        let token = try line.next("a neighbor's address")
        guard let address = IPAddress(token.text) else {
            throw line.invalid(
                token, expected: "a neighbor's address",
                hint: "peer groups are defined in 'router bgp' itself, with 'neighbor NAME peer-group'")
        }
        // On which link such an address is another line says.
        if address.isLinkLocal { return address }
        return try usable(address, token, line)
    }

    private static func usable(
        _ address: IPAddress, _ token: Token, _ line: borrowing LineReader
    ) throws(Finding) -> IPAddress {
        let isUsable =
            switch address {
            case .ipv4(let address): address.isUnicast
            case .ipv6(let address): address.isGlobalUnicast
            }
        guard isUsable else { throw line.invalid(token, expected: "an address that a neighbor can have") }
        return address
    }
}
