import Addressing
import BGP
import Routing
import Testing

/// Routes by which PEs say how packets of VPNs and broadcast domains come, made of the octets of their RFCs.
enum TunnelRoutes {
    /// The domain-wide common block of the tests.
    static let block: ClosedRange<UInt32> = 1000...1999

    static let firstPE = IPAddress.ipv4(IPv4Address(10, 0, 0, 11))
    static let secondPE = IPAddress.ipv4(IPv4Address(10, 0, 0, 12))

    static func inputs() throws -> RoutingInputs {
        var inputs = try SignallingReflectionTests.inputs()
        inputs.labelRange = 16_000...16_999
        inputs.commonBlock = block
        return inputs
    }

    private static func octets(_ provider: IPAddress) -> [UInt8] {
        guard case .ipv4(let address) = provider else { return [] }
        return (0..<4).map { UInt8(truncatingIfNeeded: address.rawValue >> (24 - 8 * $0)) }
    }

    /// The router that brings a PE's routes into the own network: the PE.
    static func originator(_ provider: IPAddress) -> IPv4Address {
        IPv4Address(9, 9, 8, octets(provider).last ?? 0)
    }

    /// An Intra-AS I-PMSI A-D route (RFC 6514 §4.1): route distinguisher and originator.
    static func inclusive(_ vpn: UInt8, of provider: IPAddress) throws -> AnnouncedRoute {
        let value: [UInt8] = [0, 0, 0, 42, 0, 0, 0, vpn] + octets(provider)
        return AnnouncedRoute(try #require(MulticastVPNRoute(.ipv4, .intraASIPMSI, value[...])))
    }

    /// A Leaf A-D route (§4.4) that answers one like that.
    static func leaf(_ vpn: UInt8, of provider: IPAddress) throws -> AnnouncedRoute {
        let value: [UInt8] = [1, 12, 0, 0, 0, 42, 0, 0, 0, vpn] + octets(provider) + [10, 0, 0, 99]
        return AnnouncedRoute(try #require(MulticastVPNRoute(.ipv4, .leafAutoDiscovery, value[...])))
    }

    /// An IMET route (RFC 7432 §7.3): route distinguisher, tag, length and originator.
    static func domain(_ number: UInt8, of provider: IPAddress) throws -> AnnouncedRoute {
        let value: [UInt8] = [0, 1] + octets(provider) + [0, number, 0, 0, 0, number, 32] + octets(provider)
        return AnnouncedRoute(try #require(EVPNRoute.reading(.inclusiveMulticast, value[...])).route)
    }

    /// An Ethernet A-D route of a whole segment (§8.2.1): route distinguisher, segment, MAX-ET and no label.
    static func segment(_ number: UInt8, of provider: IPAddress) throws -> (AnnouncedRoute, EVPNRouteAttributes) {
        let value: [UInt8] =
            [0, 1] + octets(provider) + [0, 0, 0] + [UInt8](repeating: number, count: 9)
            + [255, 255, 255, 255] + [0, 0, 0]
        let (route, attributes) = try #require(EVPNRoute.reading(.ethernetAutoDiscovery, value[...]))
        return (AnnouncedRoute(route), try #require(attributes))
    }

    /// An mLDP tree of the PE (RFC 6388 §2.2) with a number.
    static func tree(_ number: UInt8, of provider: IPAddress) -> [UInt8] {
        [6, 0, 1, 4] + octets(provider) + [0, 7, 1, 0, 4, 0, 0, 0, number]
    }

    /// Read from octets, as they come in (RFC 6514 §8): a PE's address and a label, twice.
    static func distinguishers(_ first: UInt32, _ second: UInt32) throws -> PEDistinguisherLabels {
        func field(_ label: UInt32) -> [UInt8] {
            let value = label << 4
            return [UInt8(truncatingIfNeeded: value >> 16), UInt8(truncatingIfNeeded: value >> 8), UInt8(value & 0xff)]
        }
        let attribute: [UInt8] = [0xc0, 27, 14, 10, 0, 0, 21] + field(first) + [10, 0, 0, 22] + field(second)
        let route: [UInt8] = [0x80, 14, 23, 0, 1, 5, 4, 10, 0, 0, 11, 0, 1, 12, 0, 0, 0, 42, 0, 0, 0, 1, 10, 0, 0, 11]
        let attributes = route + [0x40, 1, 1, 0, 0x40, 2, 0, 0x40, 5, 4, 0, 0, 0, 100] + attribute
        let body = [0, 0, 0, UInt8(attributes.count)] + attributes
        let context = UpdateContext(
            fourOctetAutonomousSystems: true, isExternal: false, families: [.ipv4MVPN])
        let decoded = DecodedUpdate(body: body[...], context: context)
        #expect(decoded.faults.isEmpty)
        return try #require(decoded.update.attributes.peDistinguisherLabels)
    }

    /// What a route says of its tunnel's label.
    struct Said {
        var label: UInt32 = 0
        var tree: UInt8 = 1
        /// Tunnel type and identifier, if it is no mLDP tree.
        var tunnel: (type: UInt8, identifier: [UInt8])?
        /// The Extension bit.
        var isExtended = false
        /// The flags of the community.
        var flags: UInt64?
        /// Context-Specific Label Space IDs: type and ID-Type, and the ID-Value.
        var spaces: [(code: UInt64, value: UInt32)] = []
        var isVXLAN = false
        /// An encapsulation of MPLS beside it.
        var mpls: UInt64?

        /// With the DCB-flag (RFC 9573 §4.1).
        static func common(_ label: UInt32, tree: UInt8 = 1) -> Self {
            Self(label: label, tree: tree, isExtended: true, flags: 1)
        }

        /// With the label space that `name` names.
        static func space(_ name: UInt32, _ label: UInt32, tree: UInt8 = 1) -> Self {
            Self(label: label, tree: tree, spaces: [(0x0308_0000, name << 12)])
        }

        /// With neither.
        static func own(_ label: UInt32, tree: UInt8 = 1) -> Self { Self(label: label, tree: tree) }

        /// The attributes of a PE's route with it.
        func attributes(
            of provider: IPAddress, from peer: PeerAddress = Cluster.client, preference: UInt32 = 100
        ) throws -> PathAttributes {
            var contents = try Cluster.attributes(from: peer, preference: preference).contents
            contents.nextHop = BGPNextHop(provider)
            contents.originatorIdentifier = TunnelRoutes.originator(provider)
            contents.pmsiTunnel = PMSITunnel(
                flags: isExtended ? .extended : [], typeCode: tunnel?.type ?? 2, labelField: label << 4,
                identifier: tunnel?.identifier ?? TunnelRoutes.tree(tree, of: provider))
            contents.extendedCommunities += communities
            return PathAttributes(contents)
        }

        var communities: [ExtendedCommunity] {
            var values = spaces.map { $0.code << 32 | UInt64($0.value) }
            if let flags { values.append(0x0307_0000_0000_0000 | flags) }
            if let mpls { values.append(0x030c_0000_0000_0000 | mpls) }
            if isVXLAN { values.append(0x030c_0000_0000_0008) }
            return values.map(ExtendedCommunity.init(rawValue:))
        }
    }

    /// What the tables have, as text: the space, and each label with what it stands for.
    static func tables(_ owner: Owner) -> [String: [String]] {
        var tables: [String: [String]] = [:]
        for table in owner.table.receivedLabelSpaces {
            let name =
                switch table.space {
                case .common: "common"
                case .context(let label): "space \(label)"
                case .provider(let address): "\(address)"
                }
            tables[name] = owner.table.receivedLabels(in: table.space).map {
                "\($0.label) \($0.purposes.map { "\($0)" }.joined(separator: "+"))"
            }
        }
        return tables
    }
}

extension RoutingTable {
    /// The labels of a table in ascending order, those above `after`.
    func receivedLabels(in space: ReceivedLabelSpace.Space, after: UInt32 = 0) -> [ReceivedLabel] {
        receivedLabels(in: space, among: Set(receivedLabelKeys(in: space)).filter { $0 > after }.sorted())
    }

    /// Of the route that counts: why its labels are placed nowhere, as `show bgp` says it of a neighbor's route.
    func labelFault(of nlri: NLRI, from peer: PeerAddress = Cluster.client) -> RouteRejection? {
        receivedRoutes(from: peer, family: nlri.family, among: [nlri]).first?.labelFault
    }
}

extension NLRI {
    fileprivate var family: SessionFamily {
        switch self {
        case .evpn: .evpn
        case .multicastVPN(let route): route.family == .ipv4 ? .ipv4MVPN : .ipv6MVPN
        case .unicast, .labeledUnicast, .vpn, .routeTargets: .vpnv4
        }
    }
}

extension Owner {
    /// Does all that is done in portions.
    func finishPortions() {
        while table.isSweeping { sweep(limit: 3) }
    }

    /// How many routes of a neighbor were rejected, or had labels that are placed nowhere, by reason.
    func counted(of peer: PeerAddress = Cluster.client, _ family: SessionFamily) -> [RouteRejection: UInt64] {
        (table.neighborSummary(peer)?.families[family]?.rejectedCount ?? [:]).filter { $0.value > 0 }
    }

    func announce(_ route: AnnouncedRoute, _ attributes: PathAttributes, from peer: PeerAddress = Cluster.client) {
        handle(.update(neighbor: peer, Update(announcing: [route], attributes: attributes)))
        drain()
    }

    func withdraw(_ route: AnnouncedRoute, from peer: PeerAddress = Cluster.client) {
        handle(.update(neighbor: peer, Update(withdrawing: [route.nlri])))
        drain()
    }
}
