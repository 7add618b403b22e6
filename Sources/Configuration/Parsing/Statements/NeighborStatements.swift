import Addressing

/// What the lines about a neighbor or a peer group are printed from.
struct PrintedPeer {
    let settings: BGPPeerSettings
    /// The group that it is a member of.
    var group: String?
}

extension PeerDraft: StatementSubject {
    typealias Printed = PrintedPeer
}

/// What stands behind `neighbor A.B.C.D` or `neighbor GROUP`.
enum NeighborStatements {
    /// Under `router bgp` itself.
    static let table = StatementTable<PeerDraft>(
        NeighborSessionStatements.connection(in: nil) + [updateSource, generalMaximum]
            + NeighborSessionStatements.attributeMemory
            + [maximumLabels] + NeighborSessionStatements.exemptions + [
                .line(
                    "source-mac",
                    help:
                        "an Ethernet address that it sends labelled packets from, besides the one that its own resolves to",
                    example: "source-mac 02:00:00:00:00:20",
                    prints: .lines {
                        $0.settings.sourceAddresses.sorted { $0.rawValue < $1.rawValue }.map { "source-mac \($0)" }
                    }
                ) { line, peer throws(Finding) in
                    let address = try line.stationAddress()
                    if !peer.sourceAddresses.contains(where: { $0.value == address.value }) {
                        peer.sourceAddresses.append(address)
                    }
                },
                .refused("optE", hint: "say it in 'address-family vpnv4' or 'address-family vpnv6'"),
                .refused("optB", hint: "say it in 'address-family vpnv4' or 'address-family vpnv6'"),
                .refused("optC", hint: "say it in 'address-family ipv4 labeled-unicast' or 'ipv6 labeled-unicast'"),
                .refused("activate", hint: "say it in 'address-family vpnv4' or 'address-family vpnv6'"),
                .refused("prefix-list", hint: "say it in 'address-family vpnv4' or 'address-family vpnv6'"),
                .refused("route-map", hint: "say it in 'address-family vpnv4' or 'address-family vpnv6'"),
                .refused("ebgp-multihop", hint: "an Option B or E neighbor is on the NNI's own subnet"),
            ])

    /// Inside an address family of the sessions to other ASBRs.
    static func vpnTable(_ family: AddressFamily) -> StatementTable<PeerDraft> {
        family == .ipv4 ? vpnv4Table : vpnv6Table
    }

    /// Inside an address family of the sessions with routers that say how PEs are reached.
    static func labeledUnicastTable(_ family: AddressFamily) -> StatementTable<PeerDraft> {
        family == .ipv4 ? ipv4LabeledTable : ipv6LabeledTable
    }

    /// Inside an address family of a VRF: what is said of the session holds for both of the VRF's families.
    static func vrfTable(_ family: AddressFamily) -> StatementTable<PeerDraft> {
        family == .ipv4 ? ipv4Table : ipv6Table
    }

    private static let vpnv4Table = makeVPNTable(.vpnv4)
    private static let vpnv6Table = makeVPNTable(.vpnv6)
    private static let ipv4LabeledTable = makeLabeledUnicastTable(.ipv4LabeledUnicast)
    private static let ipv6LabeledTable = makeLabeledUnicastTable(.ipv6LabeledUnicast)
    private static let ipv4Table = makeVRFTable(.ipv4)
    private static let ipv6Table = makeVRFTable(.ipv6)

    private static let updateSource: Statement<PeerDraft> =
        .line(
            "update-source", "loopback0|lo0",
            help: "the session with a neighbor in the own network is from the box's loopback",
            example: "update-source loopback0",
            prints: .line("update-source loopback0") { $0.settings.isFromLoopback }
        ) { line, peer throws(Finding) in
            peer.updateSource = peer.updateSource ?? line.wordsRange
        }

    private static let generalMaximum: Statement<PeerDraft> =
        .line(
            "maximum-prefix", help: "the most routes it may announce in each family, and what becomes of more",
            example: "maximum-prefix 1000 80 restart 5",
            prints: .line { $0.settings.maximumPrefixes.map { "maximum-prefix \($0.statement)" } }
        ) { line, peer throws(Finding) in
            try line.assign(&peer.maximumPrefixes, line.maximum("prefixes", withRestart: true))
        }

    private static let maximumLabels: Statement<PeerDraft> =
        .line(
            "maximum-labels", help: "the most labels that its routes may have", example: "maximum-labels 1000",
            prints: .line { $0.settings.maximumLabels.map { "maximum-labels \($0)" } }
        ) { line, peer throws(Finding) in
            try line.assign(&peer.maximumLabels, line.number("labels", in: BGPPeerSettings.maximumLabelsRange))
        }

    /// Membership holds for the whole neighbor.
    private static let membership: Statement<PeerDraft> =
        .line(
            "peer-group", help: "as under router bgp itself", example: "peer-group far-ends",
            prints: .like("peer-group far-ends"), read: NeighborSessionStatements.membership)

    private static func makeLabeledUnicastTable(_ family: SessionFamily) -> StatementTable<PeerDraft> {
        StatementTable(
            [NeighborFamilyStatements.activation(family, rank: 1), membership]
                + LabelledStatements.all(family)
                + [RouteMapPolicyStatements.ofNeighbor(family), NeighborFamilyStatements.maximum(family)] + [
                    .line(
                        "explicit-null",
                        help:
                            "it is told the loopback with explicit null and not implicit null: it keeps the outer label",
                        example: "explicit-null",
                        prints: .line("explicit-null") { $0.settings.families[family]?.isToldExplicitNull == true }
                    ) { line, peer throws(Finding) in
                        peer.families[family, default: PeerFamilyDraft()].explicitNull = line.wordsRange
                    },
                    .refused("optE", hint: "say 'optC', or 'activate' for routers of the own network"),
                ])
    }

    /// Inside `address-family rtfilter unicast`.
    static let routeTargetTable = StatementTable<PeerDraft>([
        NeighborFamilyStatements.activation(.routeTargets, rank: 1), membership,
        NeighborFamilyStatements.maximum(.routeTargets),
        .refused("optE", hint: "route targets limit what is exchanged in the own network: say 'activate'"),
        .refused(
            "route-reflector-client",
            hint: "who is a client in 'address-family vpnv4' or 'address-family vpnv6' is one here"),
        .refused("prefix-list", hint: "route targets are no prefixes"),
        .refused("route-map", hint: "the neighbor says itself which routes it wants"),
    ])

    /// Inside `address-family ipv4 mvpn`, `address-family ipv6 mvpn` or `address-family l2vpn evpn`.
    static func signallingTable(_ family: SessionFamily) -> StatementTable<PeerDraft> {
        switch family {
        case .ipv6MVPN: ipv6MVPNTable
        case .evpn: evpnTable
        default: ipv4MVPNTable
        }
    }

    private static let ipv4MVPNTable = makeSignallingTable(.ipv4MVPN)
    private static let ipv6MVPNTable = makeSignallingTable(.ipv6MVPN)
    private static let evpnTable = makeSignallingTable(.evpn)

    private static func makeSignallingTable(_ family: SessionFamily) -> StatementTable<PeerDraft> {
        StatementTable(
            [
                NeighborFamilyStatements.activation(family, rank: 1), reflectorClient(family), membership,
                NeighborFamilyStatements.maximum(family),
                .refused("optE", hint: "say 'activate' in the own network, and 'optB' for a neighbor on an NNI"),
                .refused("label", hint: "one label is for all routes of a next hop and label"),
                .refused("prefix-list", hint: "these routes lead to no prefixes"),
                .refused(
                    "route-map", hint: "what PEs of the own network tell each other goes on as it is (RFC 4456 §10)"),
            ] + RelayStatements.all(family))
    }

    private static func reflectorClient(_ family: SessionFamily) -> Statement<PeerDraft> {
        .line(
            "route-reflector-client",
            help: "it is a PE of the own network to which this box reflects what others there have sent",
            example: "route-reflector-client",
            prints: .line("route-reflector-client") { $0.settings.families[family]?.isReflectorClient == true }
        ) { line, peer throws(Finding) in
            peer.families[family, default: PeerFamilyDraft()].reflectorClient = line.wordsRange
        }
    }

    private static func makeVPNTable(_ family: SessionFamily) -> StatementTable<PeerDraft> {
        StatementTable(
            [
                .line(
                    "optE", help: "the eligible VRFs' routes cross, and only those", example: "optE",
                    prints: .line("optE", rank: 2) { $0.settings.families[family]?.isOptionE == true }
                ) { line, peer throws(Finding) in
                    peer.families[family, default: PeerFamilyDraft()].optionE = line.wordsRange
                },
                NeighborFamilyStatements.activation(family, rank: 1), reflectorClient(family), membership,
            ] + RelayStatements.all(family) + NeighborFamilyStatements.all(family) + [
                .line(
                    "send-community", "extended",
                    help: "VPN routes always carry their extended communities: it changes nothing",
                    example: "send-community extended", prints: .never
                ) { line, peer throws(Finding) in
                    // VPN routes always carry their extended communities: the line changes nothing and is not kept.
                }
            ])
    }

    private static let link: Statement<PeerDraft> =
        .line(
            "interface", help: "the circuit that a link-local address is on", example: "interface ten1/1",
            prints: .line { $0.settings.interface.map { "interface \($0)" } }
        ) { line, peer throws(Finding) in
            try line.assign(&peer.interface, line.interface())
        }

    private static func makeVRFTable(_ family: SessionFamily) -> StatementTable<PeerDraft> {
        StatementTable(
            NeighborSessionStatements.connection(in: family) + [link] + NeighborSessionStatements.attributeMemory
                + NeighborSessionStatements.exemptions + NeighborFamilyStatements.all(family) + [
                    .line(
                        "default-originate", help: "it is given a default route, whether there is one or not",
                        example: "default-originate",
                        prints: .line("default-originate") { $0.settings.families[family]?.originatesDefault == true }
                    ) { line, peer throws(Finding) in
                        peer.families[family, default: PeerFamilyDraft()].originatesDefault = line.wordsRange
                    },
                    .line(
                        "send-label",
                        help: "it is a carrier itself: its routes and those that it is given have labels",
                        example: "send-label",
                        prints: .line("send-label") { $0.settings.families[family]?.sendsLabels == true }
                    ) { line, peer throws(Finding) in
                        peer.families[family, default: PeerFamilyDraft()].sendsLabels = line.wordsRange
                    },
                    // Behind the lines that say who the neighbor is.
                    NeighborFamilyStatements.activation(family, rank: 9),
                    .refused(
                        "optE",
                        hint:
                            "a neighbor in a VRF exchanges that VRF's routes without labels: Option E is for neighbors of "
                            + "'router bgp' itself, in 'address-family vpnv4' or 'vpnv6'"),
                    .refused(
                        "route-reflector-client", hint: "VPN routes are reflected, to neighbors of the own network"),
                    .refused(
                        "maximum-labels", hint: "a neighbor in a VRF has one label for a route: say 'maximum-prefix'"),
                    .refused("source-mac", hint: "a neighbor in a VRF sends from the address that its own resolves to"),
                    .refused("ebgp-multihop", hint: "a neighbor in a VRF is on the subnet of one of its circuits"),
                ])
    }
}
