import Addressing
import BGP
import Routing
import SeededRandom
import Testing

/// A box whose neighbors say what they want, beside one that hears the same of everything else and sends all: what a neighbor of
/// the first has is what the second's has and the first's wants, by a model that knows nothing but the last words.
@Suite struct RandomMembershipTests {
    fileprivate struct Said {
        var wishes: [RouteTargetMembership: Bool] = [:]
        /// Until when wishes are kept that are stale (`true` above).
        var staleUntil: Instant?
        var staleAtMost: Instant?
        var waitsUntil: Instant?

        mutating func removeStale() {
            wishes = wishes.filter { !$0.value }
            staleUntil = nil
        }

        mutating func passTime(_ now: Instant) {
            if let end = staleUntil, end <= now { removeStale() }
            if let end = waitsUntil, end <= now { waitsUntil = nil }
        }

        func wants(_ attributes: PathAttributes) -> Bool {
            guard waitsUntil == nil else { return false }
            return wishes.keys.contains { wish in
                wish.targets.length == 0
                    || attributes.routeTargets.contains { target in
                        wish.targets.rawValue ^ target.rawValue < UInt64(1) << UInt64(64 - Int(wish.targets.length))
                            || wish.targets.rawValue == target.rawValue
                    }
            }
        }
    }

    /// The two boxes and what is known of their neighbors.
    fileprivate struct Pair {
        var random: SeededGenerator
        let box = Owner()
        let other = Owner()
        var clients: Set<PeerAddress> = [Cluster.client]
        var selective = Set(Cluster.all)
        var inputs: RoutingInputs
        var said: [PeerAddress: Said] = [:]
        var up: Set<PeerAddress> = []
        let wishes: [RouteTargetMembership]

        init(seed: UInt64) throws {
            random = SeededGenerator(seed: seed)
            inputs = try Wishes.inputs(clients: clients)
            wishes =
                try (1...5).map { try Wishes.wish("42:\($0)") }
                + [
                    Wishes.wish("42:2", origin: 7), Wishes.allOf(42), Wishes.allOf(43), .everything,
                    RouteTargetMembership(originAutonomousSystem: 7, .everything),
                    RouteTargetMembership(
                        originAutonomousSystem: 42, RouteTargetPrefix(0x0002_002A_0000_0002, length: 63)),
                ]
        }
    }

    @Test(arguments: 1...30) func `a neighbor has what it wants of what there is`(seed: UInt64) throws {
        var pair = try Pair(seed: seed)
        for owner in [pair.box, pair.other] {
            owner.handle(.configure(owner === pair.box ? pair.inputs : pair.inputsWithoutWishes))
            owner.handle(.established(neighbor: FarEnd.first, session()))
        }
        for step in 0..<120 {
            try pair.step()
            for owner in [pair.box, pair.other] {
                while owner.table.isSweeping { owner.sweep(limit: 3) }
                owner.drain()
            }
            try check(pair, "seed \(seed), step \(step)")
        }
    }

    fileprivate func check(_ pair: Pair, _ place: String) throws {
        #expect(pair.box.violations.isEmpty, "\(place): \(pair.box.violations)")
        #expect(pair.box.sent[FarEnd.first] == pair.other.sent[FarEnd.first], "\(place)")
        for peer in Cluster.all {
            var expected: [VPNPrefix: PathAttributes] = [:]
            for (prefix, sent) in pair.other.sent[peer] ?? [:]
            where !pair.selective.contains(peer) || pair.said[peer]?.wants(sent.attributes) == true {
                expected[prefix] = sent.attributes
            }
            var found: [VPNPrefix: PathAttributes] = [:]
            for (prefix, sent) in pair.box.sent[peer] ?? [:] { found[prefix] = sent.attributes }
            #expect(found == expected, "\(place): \(peer)")
            let asked = pair.box.sentTargets[peer].map { Set($0.keys) } ?? []
            #expect(try asked == pair.wanted(from: peer), "\(place): \(peer)")
        }
    }
}

extension RandomMembershipTests.Pair {
    fileprivate var inputsWithoutWishes: RoutingInputs {
        var inputs = inputs
        for peer in Cluster.all { inputs.neighbors[peer]?.families[.routeTargets] = nil }
        return inputs
    }

    private var restart: GracefulRestartCapability { gracefulRestart(seconds: 100, families: [.routeTargets]) }

    /// What a neighbor is to be asked for.
    fileprivate func wanted(from peer: PeerAddress) throws -> Set<RouteTargetMembership> {
        guard up.contains(peer), selective.contains(peer) else { return [] }
        guard !clients.contains(peer) else { return [.everything] }
        var wanted: Set<RouteTargetMembership> = []
        for client in clients where client != peer && selective.contains(client) {
            wanted.formUnion(said[client]?.wishes.keys.map { $0 } ?? [])
        }
        if inputs.keepsRoutesWithoutImport || !clients.isSubset(of: selective) { return wanted.union([.everything]) }
        for vrf in inputs.vrfs.values where vrf.eligibleNeighbors.contains(peer) {
            let core = vrf.sideTargets[.core]?.imported ?? []
            for target in vrf.importTargets.union(core) {
                wanted.insert(RouteTargetMembership(originAutonomousSystem: 42, RouteTargetPrefix(target)))
            }
        }
        return wanted
    }

    private func handle(_ event: RoutingEvent) {
        box.handle(event)
        other.handle(event)
    }

    fileprivate mutating func step() throws {
        let peer = random.pick(Cluster.all)
        switch random.next() % 20 {
        case 0, 1: changeSession(peer)
        case 2..<7: say(peer)
        case 7, 8: takeBack(peer)
        case 9, 10: endOfRIB(peer)
        case 11: advance()
        case 12..<17: try announce(peer)
        case 17: withdraw(peer)
        case 18: try reconfigure()
        default: try changeVRF()
        }
    }

    private mutating func changeSession(_ peer: PeerAddress) {
        if up.remove(peer) != nil {
            let keeps = random.chance(50) && selective.contains(peer)
            box.handle(.down(neighbor: peer, gracefulRestart: keeps ? restart : nil))
            other.handle(.down(neighbor: peer, gracefulRestart: nil))
            guard var former = said.removeValue(forKey: peer), keeps else { return }
            former.waitsUntil = nil
            // What was stale before goes.
            former.removeStale()
            guard !former.wishes.isEmpty else { return }
            former.wishes = former.wishes.mapValues { _ in true }
            former.staleUntil = box.now.advanced(bySeconds: 100)
            former.staleAtMost = box.now.advanced(bySeconds: 360)
            said[peer] = former
            return
        }
        up.insert(peer)
        let families: Set<SessionFamily> = selective.contains(peer) ? Wishes.families : [.vpnv4, .vpnv6]
        let preserves = random.chance(70)
        let restart = preserves && selective.contains(peer) ? restart : nil
        box.handle(
            .established(neighbor: peer, Wishes.parameters(of: peer, families: families, restart: restart)))
        other.handle(.established(neighbor: peer, Wishes.parameters(of: peer, families: [.vpnv4, .vpnv6])))
        guard selective.contains(peer) else { return }
        var said = said[peer] ?? RandomMembershipTests.Said()
        if restart == nil { said.removeStale() }
        if said.staleUntil == nil {
            said.waitsUntil = box.now.advanced(bySeconds: 60)
        } else {
            said.staleUntil = said.staleAtMost
        }
        self.said[peer] = said
    }

    private mutating func say(_ peer: PeerAddress) {
        guard up.contains(peer), selective.contains(peer) else { return }
        let chosen = Set((0...random.next() % 3).map { _ in random.pick(wishes) }).sorted()
        let update = Update(
            announcing: chosen.map { AnnouncedRoute($0) }, attributes: Wishes.attributes(of: peer))
        box.handle(.update(neighbor: peer, update))
        for wish in chosen { said[peer]?.wishes[wish] = false }
    }

    private mutating func takeBack(_ peer: PeerAddress) {
        guard up.contains(peer), selective.contains(peer) else { return }
        let wish = said[peer]?.wishes.keys.sorted().first ?? random.pick(wishes)
        box.handle(.update(neighbor: peer, Update(withdrawing: [.routeTargets(wish)])))
        said[peer]?.wishes[wish] = nil
    }

    private mutating func endOfRIB(_ peer: PeerAddress) {
        guard up.contains(peer), selective.contains(peer) else { return }
        box.handle(.endOfRIB(neighbor: peer, .routeTargets))
        said[peer]?.removeStale()
        said[peer]?.waitsUntil = nil
    }

    private mutating func advance() {
        let moment = box.now.advanced(bySeconds: UInt32(random.next() % 50))
        box.advance(to: moment)
        other.advance(to: moment)
        for peer in Cluster.all { said[peer]?.passTime(box.now) }
    }

    private mutating func announce(_ peer: PeerAddress) throws {
        guard up.contains(peer) else { return }
        var contents = PathAttributes.Contents(origin: .igp, nextHop: BGPNextHop(peer.address))
        contents.localPreference = random.pick([100, 200])
        contents.extendedCommunities = try (1...5).compactMap { number in
            random.chance(30) ? ExtendedCommunity(try target("42:\(number)")) : nil
        }
        let prefix = try vpn(random.pick(["42:501", "42:1"]), "10.\(random.next() % 4).0.0/16")
        handle(.update(neighbor: peer, try announcement(prefix, label: 3001, PathAttributes(contents))))
    }

    private mutating func withdraw(_ peer: PeerAddress) {
        guard up.contains(peer), let prefix = try? vpn("42:501", "10.\(random.next() % 4).0.0/16") else { return }
        handle(.update(neighbor: peer, Update(withdrawing: [.vpn(prefix)])))
    }

    /// Other clients, and others who say what they want: those whose families change have their sessions anew.
    private mutating func reconfigure() throws {
        if random.chance(60) { clients = Set(Cluster.all.filter { _ in random.chance(50) }) }
        let former = selective
        if random.chance(40) { selective = Set(Cluster.all.filter { _ in random.chance(70) }) }
        for peer in former.symmetricDifference(selective) where up.remove(peer) != nil {
            handle(.down(neighbor: peer, gracefulRestart: nil))
        }
        for peer in Cluster.all where !selective.contains(peer) || former.symmetricDifference(selective).contains(peer)
        {
            said[peer] = nil
        }
        let vrfs = inputs.vrfs
        let keeps = random.chance(20)
        inputs = try Wishes.inputs(clients: clients, selective: selective)
        inputs.vrfs = vrfs
        inputs.keepsRoutesWithoutImport = keeps
        configure()
    }

    private mutating func changeVRF() throws {
        let name = random.pick(["one", "two", "three"])
        func targets(_ random: inout SeededGenerator) throws -> Set<RouteTarget> {
            Set(try (1...5).compactMap { random.chance(40) ? try target("42:\($0)") : nil })
        }
        inputs.vrfs[name]?.importTargets = try targets(&random)
        inputs.vrfs[name]?.exportTargets = try targets(&random)
        inputs.vrfs[name]?.sideTargets[.core] = random.chance(30) ? RouteTargetPolicy() : nil
        inputs.vrfs[name]?.sideTargets[.core]?.imported = try targets(&random)
        inputs.vrfs[name]?.sideTargets[.core]?.exported = try targets(&random)
        var eligible = inputs.vrfs[name]?.eligibleNeighbors.subtracting(Cluster.all) ?? []
        for peer in Cluster.all where random.chance(80) { eligible.insert(peer) }
        inputs.vrfs[name]?.eligibleNeighbors = eligible
        configure()
    }

    private func configure() {
        box.handle(.configure(inputs))
        other.handle(.configure(inputsWithoutWishes))
    }
}
