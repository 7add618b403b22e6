import Addressing
import BGP
import Routing
import SeededRandom
import Testing

/// MVPN and EVPN routes on sessions of the own network: reflected as RFC 4456 has it, and given to nobody else.
@Suite struct SignallingReflectionTests {
    static let families: [SessionFamily] = [.ipv4MVPN, .ipv6MVPN, .evpn]

    /// The cluster, where all exchange MVPN and EVPN routes too.
    static func inputs(clients: Set<PeerAddress> = [Cluster.client, Cluster.otherClient]) throws -> RoutingInputs {
        var inputs = try Cluster.inputs(clients: clients)
        for peer in Cluster.all {
            for family in families {
                inputs.neighbors[peer]?.families[family] = .init(clients.contains(peer) ? .reflectorClient : .internal)
            }
        }
        return inputs
    }

    static func establish(_ owner: Owner, _ peers: [PeerAddress] = Cluster.all) {
        for peer in peers {
            let session = session(identifier: Cluster.number(of: peer), families: Set(families + [.vpnv4, .vpnv6]))
            owner.handle(.established(neighbor: peer, session))
        }
        owner.drain()
    }

    static func owner(_ inputs: RoutingInputs, limits: ReceivedLabelLimits = ReceivedLabelLimits()) -> Owner {
        let owner = Owner(RoutingTable(generator: SeededGenerator(seed: 1), receivedLabelLimits: limits))
        owner.handle(.configure(inputs))
        establish(owner)
        return owner
    }

    /// A MAC address in the broadcast domain 7 (RFC 7432 §7.2), with a segment and a label beside its key.
    static func macAddress(_ number: UInt8, segment: UInt8 = 9, label: UInt8 = 1) throws -> (
        EVPNRoute, EVPNRouteAttributes
    ) {
        let value: [UInt8] =
            [0, 0, 0, 42, 0, 0, 0, 1] + [UInt8](repeating: segment, count: 10) + [0, 0, 0, 7]
            + [48, 2, 0, 0, 0, 0, number] + [0] + [0, label, 1]
        let (route, attributes) = try #require(EVPNRoute.reading(.macIPAdvertisement, value[...]))
        return (route, try #require(attributes))
    }

    static func join(_ number: UInt8) throws -> MulticastVPNRoute {
        let value: [UInt8] = [0, 0, 0, 42, 0, 0, 0, 1, 0, 0, 0, 42, 32, 10, 1, 2, number, 32, 232, 0, 0, 1]
        return try #require(MulticastVPNRoute(.ipv4, .sourceTreeJoin, value[...]))
    }

    private func told(_ owner: Owner, _ nlri: NLRI) -> Set<PeerAddress> {
        Set(owner.sentSignalling.filter { $0.value[nlri] != nil }.keys)
    }

    @Test func `a client's route goes to all and another's to clients, unchanged but for what shows a loop`() throws {
        let owner = Self.owner(try Self.inputs())
        let (route, octets) = try Self.macAddress(1)
        var attributes = try Cluster.attributes(from: Cluster.client)
        attributes.evpn = octets
        attributes.pmsiTunnel = PMSITunnel(typeCode: 6, labelField: 1001 << 4, identifier: [10, 0, 0, 11])
        attributes.unrecognized = [UnrecognizedAttribute(typeCode: 77, partial: true, value: [1])]
        owner.handle(
            .update(neighbor: Cluster.client, Update(announcing: [AnnouncedRoute(route)], attributes: attributes)))
        owner.drain()
        #expect(told(owner, .evpn(route)) == [Cluster.otherClient, Cluster.reflector, Cluster.otherReflector])
        var expected = attributes
        expected.originatorIdentifier = IPv4Address(9, 9, 9, 11)
        expected.clusterList = [Cluster.cluster]
        #expect(owner.sentSignalling[Cluster.reflector]?[.evpn(route)] == expected)

        let join = NLRI.multicastVPN(try Self.join(1))
        owner.handle(
            .update(
                neighbor: Cluster.reflector,
                Update(
                    announcing: [AnnouncedRoute(try Self.join(1))],
                    attributes: try Cluster.attributes(from: Cluster.reflector))))
        owner.drain()
        #expect(told(owner, join) == [Cluster.client, Cluster.otherClient])
        owner.handle(.update(neighbor: Cluster.client, Update(withdrawing: [.evpn(route)])))
        owner.drain()
        #expect(told(owner, .evpn(route)).isEmpty)
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `another segment or label is the same route with other attributes`() throws {
        let owner = Self.owner(try Self.inputs())
        for (segment, label) in [(9, 1), (9, 2), (8, 2)] as [(UInt8, UInt8)] {
            let (route, octets) = try Self.macAddress(1, segment: segment, label: label)
            var attributes = try Cluster.attributes(from: Cluster.client)
            attributes.evpn = octets
            owner.handle(
                .update(neighbor: Cluster.client, Update(announcing: [AnnouncedRoute(route)], attributes: attributes)))
            owner.drain()
            #expect(owner.sentSignalling[Cluster.otherClient]?.count == 1)
            #expect(owner.sentSignalling[Cluster.otherClient]?[.evpn(route)]?.evpn == octets)
        }
    }

    @Test func `a family that is reflected no more is withdrawn, and given again when it is`() throws {
        let owner = Self.owner(try Self.inputs())
        let join = NLRI.multicastVPN(try Self.join(1))
        owner.handle(
            .update(
                neighbor: Cluster.client,
                Update(
                    announcing: [AnnouncedRoute(try Self.join(1))],
                    attributes: try Cluster.attributes(from: Cluster.client))))
        owner.drain()
        #expect(told(owner, join).count == 3)
        var without = try Self.inputs()
        for peer in Cluster.all { without.neighbors[peer]?.families[.ipv4MVPN] = .init(.internal) }
        owner.handle(.configure(without))
        owner.drain()
        #expect(told(owner, join).isEmpty)
        owner.handle(.configure(try Self.inputs()))
        owner.drain()
        #expect(told(owner, join).count == 3)
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `a family that the session does not have is taken from and given to nobody`() throws {
        let owner = Self.owner(try Self.inputs())
        owner.handle(.down(neighbor: Cluster.otherClient, gracefulRestart: nil))
        owner.handle(
            .established(neighbor: Cluster.otherClient, session(identifier: 12, families: [.vpnv4])))
        let update = Update(
            announcing: [AnnouncedRoute(try Self.join(1))], attributes: try Cluster.attributes(from: Cluster.client))
        owner.handle(.update(neighbor: Cluster.otherClient, update))
        owner.drain()
        #expect(told(owner, .multicastVPN(try Self.join(1))).isEmpty)
        owner.handle(.update(neighbor: Cluster.client, update))
        owner.drain()
        #expect(told(owner, .multicastVPN(try Self.join(1))) == [Cluster.reflector, Cluster.otherReflector])
    }

    /// RFC 4724 §4.1: what leads nowhere holds up no table.
    @Test func `the first convergence does not wait for them`() throws {
        let owner = Owner(
            RoutingTable(
                awaiting: [Cluster.client], selectionDeferral: seconds(60), generator: SeededGenerator(seed: 1)))
        owner.handle(.configure(try Self.inputs()))
        let families = Set(Self.families + [.vpnv4, .vpnv6])
        owner.handle(
            .established(
                neighbor: Cluster.client, session(identifier: 11, families: families, restart: gracefulRestart())))
        #expect(!owner.isConverged)
        for family in [SessionFamily.vpnv4, .vpnv6] {
            owner.handle(.endOfRIB(neighbor: Cluster.client, family.identifier))
        }
        #expect(owner.isConverged)
    }

    /// RFC 9012 §4.1: the community is about the route that has it.
    @Test func `MPLS over UDP that is said of them opens no tunnel`() throws {
        let owner = Self.owner(try Self.inputs())
        var attributes = try Cluster.attributes(from: Cluster.client)
        attributes.extendedCommunities.append(.mplsInUDP)
        func offers(_ route: AnnouncedRoute) -> Bool {
            owner.handle(
                .update(neighbor: Cluster.client, Update(announcing: [route], attributes: attributes))
            ).contains { if case .tunnelsOffered = $0 { true } else { false } }
        }
        #expect(try !offers(AnnouncedRoute(Self.join(1))))
        let prefix = try vpn("42:501", "10.9.0.0/16")
        #expect(try offers(AnnouncedRoute(prefix, labels: .single(label(3001)))))
    }

    /// Whatever comes and goes, each neighbor has the best of what others may have sent to it.
    @Test(arguments: [UInt64(5), 6, 7]) func `random events leave everyone with the best`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var clients: Set<PeerAddress> = [Cluster.client, Cluster.otherClient]
        let owner = Self.owner(try Self.inputs())
        var held: [PeerAddress: [NLRI: PathAttributes]] = [:]
        for round in 0..<400 {
            let peer = Cluster.all[Int.random(in: 0..<4, using: &random)]
            let number = UInt8.random(in: 1...4, using: &random)
            let isEVPN = random.chance(50)
            let evpn = try Self.macAddress(number, label: UInt8.random(in: 1...3, using: &random))
            let announced = AnnouncedRoute(evpn.0)
            let route = isEVPN ? announced : AnnouncedRoute(try Self.join(number))
            switch Int.random(in: 0..<20, using: &random) {
            case 0:
                owner.handle(.down(neighbor: peer, gracefulRestart: nil))
                held[peer] = nil
                while owner.table.isSweeping { owner.sweep(limit: 3) }
                Self.establish(owner, [peer])
            case 1:
                clients = Set(Cluster.all.filter { _ in random.chance(50) })
                owner.handle(.configure(try Self.inputs(clients: clients)))
            case 2...6:
                owner.handle(.update(neighbor: peer, Update(withdrawing: [route.nlri])))
                held[peer]?[route.nlri] = nil
            default:
                // Preferences that differ say which is the best.
                var attributes = try Cluster.attributes(
                    from: peer,
                    preference: UInt32.random(in: 1...50, using: &random) * 10 + UInt32(Cluster.number(of: peer) % 10))
                if isEVPN { attributes.evpn = evpn.1 }
                owner.handle(.update(neighbor: peer, Update(announcing: [route], attributes: attributes)))
                held[peer, default: [:]][route.nlri] = attributes
            }
            guard random.chance(30) else { continue }
            owner.drain()
            for receiver in Cluster.all {
                var expected: [NLRI: PathAttributes] = [:]
                for nlri in Set(held.values.flatMap(\.keys)) {
                    let best = held.filter { $0.value[nlri] != nil }.max {
                        ($0.value[nlri]?.localPreference ?? 0) < ($1.value[nlri]?.localPreference ?? 0)
                    }
                    guard let best, best.key != receiver, clients.contains(best.key) || clients.contains(receiver)
                    else {
                        continue
                    }
                    expected[nlri] = best.value[nlri]
                    expected[nlri]?.originatorIdentifier = IPv4Address(9, 9, 9, Cluster.number(of: best.key))
                    expected[nlri]?.clusterList = [Cluster.cluster]
                }
                #expect(owner.sentSignalling[receiver] ?? [:] == expected, "seed \(seed) round \(round) \(receiver)")
            }
        }
        #expect(owner.violations.isEmpty, "seed \(seed): \(owner.violations)")
    }
}
