import Addressing
import BGP
import Routing
import SeededRandom

/// Far ends that do anything whatever, an owner that is now quick and now slow, and the model beside it.
struct RandomNetwork {
    let owner = Owner()
    private(set) var model = NaiveModel()
    private var random: SeededGenerator
    private var multipathRandom: SeededGenerator
    private var commonRandom: SeededGenerator
    private var carriers: RandomCarriers
    /// Which common label the first VRF has, if it has one.
    private var firstCommonLabel: UInt32 = 51
    private var inputs = RoutingInputs(autonomousSystem: 42)
    /// What each far end has announced and not withdrawn, kept by us or not: what a refresh brings again.
    private var told: [PeerAddress: [NLRI: (attributes: PathAttributes, route: AnnouncedRoute)]] = [:]
    private typealias FarSide = (peer: PeerAddress, system: UInt32, nni: String)
    private var farEnds: [FarSide]
    /// Inside VRFs, some with the address of another one, or of a far end.
    private let customers: [(peer: PeerAddress, system: UInt32, circuit: String)]
    private let sites = (1...2).map { ExtendedCommunity(rawValue: 3 << 48 | $0) }
    private let targets: [RouteTarget]
    private let distinguishers: [RouteDistinguisher]
    private let prefixes: [IPPrefix]

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        multipathRandom = SeededGenerator(seed: seed + 1_000)
        commonRandom = SeededGenerator(seed: seed + 2_000)
        carriers = RandomCarriers(seed: seed + 3_000)
        let addresses = ["1.2.3.4", "5.6.7.8", "5.6.7.10", "2001:db8::1"].compactMap {
            IPAddress($0).map { PeerAddress($0) }
        }
        farEnds = zip(addresses, zip([65001, 65002, 65001, 65003], ["a", "b", "b", "c"])).map { ($0, $1.0, $1.1) }
        targets = (1...4).compactMap { RouteTarget("42:\($0)") }
        distinguishers = (1...3).compactMap { RouteDistinguisher("65001:\($0)") }
        prefixes = [
            "10.2.0.0/16", "10.1.0.0/24", "10.1.0.2/32", "0.0.0.0/0", "127.1.0.0/16", "2001:db8:1::/48",
            "2001:db8:3::/64", "fe80::/64", "::/0",
        ]
        .compactMap { IPPrefix($0) }
        customers = [
            ("10.1.0.2", "v1", 65201), ("10.1.0.3", "v1", 65201), ("2001:db8:3::2", "v1", 65001),
            ("10.1.0.2", "v2", 65201), ("10.1.0.2", "v4", 65202),
        ].compactMap { text, vrf, system in
            IPAddress(text).map {
                (PeerAddress($0, vrf: VRFNumber(stringLiteral: vrf)), system, "ten1/" + vrf.dropFirst())
            }
        }
        for farEnd in farEnds { addNeighbor(farEnd) }
        for number in 1...3 { inputs.vrfs["v\(number)"] = randomVRF(number) }
        inputs.labelRange = 16...70
        inputs.commonBlock = 51...60
        configure()
    }

    private mutating func addNeighbor(_ farEnd: FarSide) {
        let own = farEnd.peer.address.family == .ipv4 ? "1.2.3.5" : "2001:db8::2"
        guard let local = IPAddress(own) else { return }
        var neighbor = NeighborInputs(
            peer: farEnd.peer, remoteAutonomousSystem: farEnd.system, nni: farEnd.nni, localAddress: local)
        let role = random.chance(50) ? NeighborRole.optionE : .optionB
        neighbor.families = [.vpnv4: family(role), .vpnv6: family(random.chance(80) ? role : nil)]
        neighbor.announcedRestartSeconds = random.chance(70) ? 90 : 0
        inputs.neighbors[farEnd.peer] = neighbor
    }

    /// An Option B neighbor's routes are taken whatever their targets, and nothing is relayed to it.
    private func family(_ role: NeighborRole?) -> NeighborInputs.Family {
        var family = NeighborInputs.Family(role)
        if role == .optionB {
            family.relay.imported = ListedTargets(Dictionary(targets.map { ($0, $0) }) { a, _ in a })
        }
        return family
    }

    /// The customers of the VRFs that there are: all of them, or those without `peer` but with new settings for it.
    private mutating func reviseCustomers(changing peer: PeerAddress? = nil) {
        for customer in customers {
            guard inputs.vrfs.values.contains(where: { $0.number == customer.peer.vrf }) else {
                inputs.neighbors[customer.peer] = nil
                continue
            }
            guard inputs.neighbors[customer.peer] == nil || customer.peer == peer else { continue }
            if peer == customer.peer, random.chance(20) {
                inputs.neighbors[customer.peer] = nil
                continue
            }
            inputs.neighbors[customer.peer] = randomCustomer(customer.peer, customer.system, customer.circuit)
        }
    }

    private mutating func randomCustomer(_ peer: PeerAddress, _ system: UInt32, _ circuit: String) -> NeighborInputs {
        let addresses = (random.chance(90) ? ["10.1.0.1/24", "2001:db8:3::1/64"] : ["10.1.0.1/24"]).compactMap {
            InterfaceAddress($0)
        }
        let local = addresses.first { $0.address.family == peer.address.family } ?? addresses[0]
        var neighbor = NeighborInputs(
            peer: peer, remoteAutonomousSystem: system, nni: nil, localAddress: local.address)
        neighbor.circuit = .init(number: InterfaceNumber(stringLiteral: circuit), addresses: addresses)
        neighbor.announcedRestartSeconds = random.chance(70) ? 90 : 0
        for family in [SessionFamily.ipv4, .ipv6] {
            var settings = NeighborInputs.Family(random.chance(90) ? .customer : nil)
            settings.importFilter = random.chance(30) ? RandomFilter.make(&random) : nil
            settings.exportFilter = random.chance(30) ? RandomFilter.make(&random) : nil
            settings.importPolicy = random.chance(60) ? RandomRoutePolicy.make(&random) : RandomRoutePolicy.everything
            settings.exportPolicy = random.chance(60) ? RandomRoutePolicy.make(&random) : RandomRoutePolicy.everything
            settings.allowedOwnSystems = random.chance(50) ? 1 : 0
            settings.overridesSystem = random.chance(40)
            settings.siteOfOrigin = random.chance(40) ? sites.randomElement(using: &random) : nil
            settings.originatesDefault = random.chance(30)
            neighbor.families[family] = settings
        }
        return neighbor
    }

    /// Of five that go round among the VRFs.
    private func commonLabel(ofVRF number: Int) -> CommonLabel? {
        MPLSLabel(rawValue: 51 + (firstCommonLabel + UInt32(number)) % 5).map { CommonLabel($0) }
    }

    /// The labels of the VRFs become those of others, or are theirs alone from now on.
    private mutating func changeCommonLabels() {
        firstCommonLabel += UInt32.random(in: 0...2, using: &commonRandom)
        inputs.commonBlock = commonRandom.chance(30) ? 51...55 : 51...60
        for number in 1...5 {
            let label = commonRandom.chance(60) ? commonLabel(ofVRF: number) : nil
            inputs.vrfs["v\(number)"]?.commonLabel = label
            inputs.vrfs["v\(number)"]?.hasFallbackLabel = commonRandom.chance(50)
        }
    }

    private mutating func randomVRF(_ number: Int) -> VRFInputs {
        // Now and then another VRF takes the place of the one that has the name.
        let distinguisher = RouteDistinguisher(rawValue: UInt64(random.chance(70) ? number : number + 10))
        var vrf = VRFInputs(name: "v\(number)", routeDistinguisher: distinguisher)
        vrf.importTargets = subset(targets)
        vrf.exportTargets = subset(targets)
        if random.chance(40) {
            let sides = [.core, .everyNNI] + farEnds.map { RouteTargetSide.nni(neighbor: $0.peer.address) }
            for side in sides where random.chance(50) {
                vrf.sideTargets[side] = RouteTargetPolicy()
                vrf.sideTargets[side]?.imported = subset(targets)
                vrf.sideTargets[side]?.exported = subset(targets)
            }
        }
        vrf.families = random.chance(85) ? [.ipv4, .ipv6] : [.ipv4]
        vrf.allowsTransit = random.chance(50)
        vrf.labelMode = LabelMode.allCases.randomElement(using: &random) ?? .perVRF
        vrf.commonLabel = commonRandom.chance(40) ? commonLabel(ofVRF: number) : nil
        vrf.hasFallbackLabel = commonRandom.chance(50)
        vrf.acceptsConnectedSubnets = random.chance(30)
        vrf.eligibleNeighbors = subset(farEnds.map(\.peer))
        vrf.circuitGateways = randomGateways(number, vrf.eligibleNeighbors)
        vrf.circuitAddresses = subset(
            ["10.1.0.1/24", "10.3.0.1/32", "2001:db8:3::1/64"].compactMap { InterfaceAddress($0) }
                .map { CircuitAddress(circuit: "ten1/\(number)", address: $0) })
        let nextHop = random.chance(70) ? IPAddress("10.1.0.2").map(StaticRouteInputs.NextHop.address) : .discard
        if let nextHop, let prefix = IPPrefix("10.2.0.0/16"), random.chance(50) {
            vrf.staticRoutes = [
                StaticRouteInputs(prefix: prefix, nextHop: nextHop, distance: random.chance(50) ? 1 : 200)
            ]
        }
        if let prefix = IPPrefix("2001:db8:2::/48"), let nextHop = IPv6Address("fe80::2"), random.chance(30) {
            vrf.staticRoutes.insert(
                StaticRouteInputs(prefix: prefix, nextHop: .onLink(circuit: "ten1/\(number)", nextHop)))
        }
        for family in AddressFamily.allCases where random.chance(30) {
            vrf.importFilters[family] = RandomFilter.make(&random)
            vrf.exportFilters[family] = RandomFilter.make(&random)
            vrf.importPolicies[family] = RandomRoutePolicy.make(&random)
            vrf.exportPolicies[family] = RandomRoutePolicy.make(&random)
        }
        vrf.redistributed = [.ipv4: subset([.connected, .staticRoutes]), .ipv6: subset([.connected])]
        for family in AddressFamily.allCases where multipathRandom.chance(60) {
            vrf.maximumPaths[family] = randomMultipathLimits()
        }
        return vrf
    }

    private mutating func randomMultipathLimits() -> MultipathLimits {
        var limits = MultipathLimits()
        limits.external = Int.random(in: 1...4, using: &multipathRandom)
        limits.mixed = multipathRandom.chance(30) ? Int.random(in: 2...3, using: &multipathRandom) : nil
        limits.relaxesASPath = multipathRandom.chance(60)
        return limits
    }

    /// Option AB towards some of the neighbors, each with far ends of its own.
    private mutating func randomGateways(
        _ number: Int, _ eligible: Set<PeerAddress>
    ) -> [PeerAddress: [AddressFamily: CircuitGateway]] {
        var gateways: [PeerAddress: [AddressFamily: CircuitGateway]] = [:]
        for (index, farEnd) in farEnds.enumerated() where eligible.contains(farEnd.peer) && random.chance(40) {
            gateways[farEnd.peer] = [:]
            for text in ["10.1.0.\(90 + index)", "2001:db8:3::\(90 + index)"] where random.chance(80) {
                guard let address = IPAddress(text) else { continue }
                gateways[farEnd.peer]?[address.family] = CircuitGateway(
                    circuit: InterfaceNumber(stringLiteral: "ten1/\(number)"), address: address)
            }
        }
        return gateways
    }

    private mutating func subset<Element: Hashable>(_ elements: [Element]) -> Set<Element> {
        var chosen: Set<Element> = []
        for element in elements where random.chance(60) { chosen.insert(element) }
        return chosen
    }

    private mutating func configure() {
        reviseCustomers()
        let settled = carriers.settled(inputs)
        owner.handle(.configure(settled))
        model.configure(settled)
        for neighbor in told.keys where model.sessions[neighbor] == nil { told[neighbor] = nil }
        answerRefreshes()
    }

    mutating func step() {
        if random.chance(40) { advance() }
        if carriers.isTurn(), let carrier = carrier() { return stepOfCarrier(carrier.peer, carrier.system) }
        if random.chance(35) { return stepOfCustomer() }
        let farEnd = farEnds[Int.random(in: 0..<farEnds.count, using: &random)]
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<45: announce(farEnd)
        case 45..<55: withdraw(farEnd.peer)
        case 55..<65: changeSession(farEnd.peer)
        case 65..<69: endOfRIB(farEnd.peer)
        case 69..<72: owner.handle(.routeRefresh(neighbor: farEnd.peer, .vpnIPv4))
        case 72..<80: reconfigure()
        case 80..<82: changeNextHop(farEnd.peer)
        case 82..<83: changeGateway()
        case 83..<91: owner.confirmOne()
        default: owner.pull(farEnd.peer, limit: Int.random(in: 1...4, using: &random))
        }
    }

    private mutating func carrier() -> (peer: PeerAddress, system: UInt32)? {
        customers.filter { RandomCarriers.isCarrier(model.inputs.neighbors[$0.peer]) }.randomElement(using: &random)
            .map { ($0.peer, $0.system) }
    }

    /// The routers of carriers are up for most of the time, and say something new.
    private mutating func stepOfCarrier(_ peer: PeerAddress, _ system: UInt32) {
        guard model.sessions[peer] != nil else { return changeSession(peer) }
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<55: announce(peer, system)
        case 55..<70: withdraw(peer)
        case 70..<75: changeSession(peer)
        case 75..<85: owner.confirmOne()
        default: owner.pull(peer, limit: Int.random(in: 1...4, using: &random))
        }
    }

    private mutating func stepOfCustomer() {
        let customer = customers[Int.random(in: 0..<customers.count, using: &random)]
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<50: announce(customer.peer, customer.system)
        case 50..<60: withdraw(customer.peer)
        case 60..<72: changeSession(customer.peer)
        case 72..<76: endOfRIB(customer.peer)
        case 76..<78: owner.handle(.routeRefresh(neighbor: customer.peer, families(of: customer.peer)[0].identifier))
        case 78..<86:
            reviseCustomers(changing: customer.peer)
            configure()
        case 86..<89: changeNextHop(customer.peer)
        default: owner.pull(customer.peer, limit: Int.random(in: 1...4, using: &random))
        }
    }

    /// A customer's routes, with next hops of its own, of another host, of ours and of nowhere.
    private mutating func announce(_ customer: PeerAddress, _ system: UInt32) {
        guard model.sessions[customer] != nil else { return }
        var path = [system]
        if random.chance(30) { path.append(65001) }
        if random.chance(25) { path.append(42) }
        if random.chance(5) { path.removeFirst() }
        let nextHops = ["10.1.0.77", "10.1.0.1", "10.9.9.9", "2001:db8:3::7", "2001:db8:99::7"]
        let other = random.chance(30) ? nextHops.randomElement(using: &random).flatMap { IPAddress($0) } : nil
        var contents = PathAttributes.Contents(
            origin: random.chance(80) ? .igp : .incomplete, asPath: ASPath(sequence: path),
            nextHop: BGPNextHop(
                other ?? customer.address, linkLocal: random.chance(20) ? IPv6Address("fe80::7") : nil))
        contents.multiExitDiscriminator = random.chance(30) ? 1 : nil
        if random.chance(10) { contents.communities = [.noExport] }
        contents.extendedCommunities = subset(targets).sorted().map { ExtendedCommunity($0) }
        let isCarrier = RandomCarriers.isCarrier(model.inputs.neighbors[customer])
        announce(
            (0...Int.random(in: 0...3, using: &random)).compactMap { _ in
                prefixes.randomElement(using: &random).flatMap {
                    isCarrier ? carriers.route(to: $0) : AnnouncedRoute(unicast: $0)
                }
            }, PathAttributes(contents), from: customer)
    }

    private mutating func announce(
        _ routes: [AnnouncedRoute], _ attributes: PathAttributes, from neighbor: PeerAddress
    ) {
        var each: [AnnouncedRoute] = []
        for route in routes where !each.contains(where: { $0.nlri == route.nlri }) { each.append(route) }
        for route in each { told[neighbor, default: [:]][route.nlri] = (attributes, route) }
        deliver(Update(announcing: each, attributes: attributes), neighbor)
    }

    private mutating func advance() {
        let moment = owner.now.advanced(bySeconds: UInt32.random(in: 0...60, using: &random))
        owner.advance(to: moment)
        model.passTime(now: owner.now)
    }

    private mutating func announce(_ farEnd: FarSide) {
        guard model.sessions[farEnd.peer] != nil else { return }
        var path = [farEnd.system]
        if random.chance(40) { path.append(65100) }
        if random.chance(5) { path.append(42) }
        if random.chance(5) { path.removeFirst() }
        var contents = PathAttributes.Contents(
            origin: random.chance(50) ? .igp : .incomplete, asPath: ASPath(sequence: path),
            nextHop: BGPNextHop((random.chance(5) ? farEnds[0] : farEnd).peer.address))
        contents.multiExitDiscriminator = random.chance(50) ? UInt32.random(in: 0...2, using: &random) : nil
        if random.chance(20) { contents.communities = [.gracefulShutdown] }
        contents.extendedCommunities = subset(targets).sorted().map { ExtendedCommunity($0) }
        if random.chance(20), let site = sites.randomElement(using: &random) {
            contents.extendedCommunities.append(site)
        }
        var routes: [AnnouncedRoute] = []
        for _ in 0...Int.random(in: 0...3, using: &random) {
            guard let distinguisher = distinguishers.randomElement(using: &random),
                let prefix = prefixes.randomElement(using: &random),
                let label = MPLSLabel(rawValue: random.chance(5) ? 3 : UInt32.random(in: 100...102, using: &random)),
                let space = MPLSLabel(rawValue: UInt32.random(in: 110...111, using: &commonRandom)),
                let labels = LabelStack(
                    random.chance(15) ? [space, label] : [label])
            else { continue }
            let key = VPNPrefix(routeDistinguisher: distinguisher, prefix: prefix)
            routes.append(AnnouncedRoute(key, labels: labels))
        }
        announce(routes, PathAttributes(contents), from: farEnd.peer)
    }

    private mutating func withdraw(_ neighbor: PeerAddress) {
        guard model.sessions[neighbor] != nil, let prefix = told[neighbor]?.keys.min() else { return }
        told[neighbor]?[prefix] = nil
        deliver(Update(withdrawing: [prefix]), neighbor)
    }

    private mutating func deliver(_ update: Update, _ neighbor: PeerAddress) {
        owner.handle(.update(neighbor: neighbor, update))
        model.receive(update, from: neighbor, now: owner.now)
    }

    private mutating func changeSession(_ neighbor: PeerAddress) {
        guard let settings = inputs.neighbors[neighbor], !settings.isShutdown else { return }
        if model.sessions[neighbor] == nil {
            let families = families(of: neighbor)
            let session = SessionParameters(
                peerIdentifier: IPv4Address(9, 9, 9, UInt8.random(in: 1...2, using: &random)),
                families: Set(random.chance(90) ? families : [families[0]]),
                extendedNextHops: random.chance(50), multipleLabels: Set(commonRandom.chance(70) ? families : []),
                gracefulRestart: random.chance(70) ? gracefulRestart(families: families) : nil)
            owner.handle(.established(neighbor: neighbor, session))
            model.establish(neighbor, session, now: owner.now)
        } else {
            told[neighbor] = nil
            let families = families(of: neighbor)
            let restart = random.chance(60) ? gracefulRestart(seconds: 100, families: families) : nil
            owner.handle(.down(neighbor: neighbor, gracefulRestart: restart))
            model.takeDown(neighbor, restart, now: owner.now)
        }
    }

    private func families(of neighbor: PeerAddress) -> [SessionFamily] {
        guard neighbor.vrf != nil else { return [.vpnv4, .vpnv6] }
        return RandomCarriers.isCarrier(model.inputs.neighbors[neighbor])
            ? [SessionFamily(labeledUnicast: neighbor.address.family)] : [.ipv4, .ipv6]
    }

    private mutating func changeNextHop(_ neighbor: PeerAddress) {
        guard inputs.neighbors[neighbor] != nil,
            let state = NextHopState.allCases.randomElement(using: &random)
        else { return }
        model.nextHops[neighbor] = state
        owner.handle(.nextHopChanged(neighbor: neighbor, state))
    }

    private mutating func changeGateway() {
        let all = inputs.vrfs.values.sorted { $0.name < $1.name }.flatMap { vrf in
            Set(vrf.circuitGateways.values.flatMap(\.values)).sorted { $0.address < $1.address }.map { (vrf, $0) }
        }
        guard let (vrf, gateway) = all.randomElement(using: &random) else { return }
        let isSilent = random.chance(60)
        if isSilent {
            model.silent[vrf.name, default: []].insert(gateway)
        } else {
            model.silent[vrf.name]?.remove(gateway)
        }
        owner.handle(.circuitGatewayChanged(vrf: vrf.number, gateway, isSilent: isSilent))
    }

    private mutating func endOfRIB(_ neighbor: PeerAddress) {
        guard model.sessions[neighbor] != nil else { return }
        let families = families(of: neighbor)
        let family = random.chance(50) ? families[0] : families[families.count - 1]
        owner.handle(.endOfRIB(neighbor: neighbor, family.identifier))
        model.endStale(.init(neighbor: neighbor, family: family))
    }

    private mutating func reconfigure() {
        let number = Int.random(in: 1...5, using: &random)
        if commonRandom.chance(20) { changeCommonLabels() }
        carriers.change(among: customers.map(\.peer))
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<5: inputs.vrfs["v\(number)"] = randomVRF(number)
        case 5: inputs.vrfs["v\(number)"] = nil
        case 6: inputs.keepsRoutesWithoutImport.toggle()
        case 7:
            let farEnd = farEnds[Int.random(in: 0..<farEnds.count, using: &random)]
            if inputs.neighbors[farEnd.peer] == nil {
                addNeighbor(farEnd)
            } else if random.chance(25) {
                inputs.neighbors[farEnd.peer] = nil
            } else if random.chance(20) {
                inputs.neighbors[farEnd.peer]?.keepsRoutesOverRestarts.toggle()
            } else if random.chance(20) {
                inputs.staleRetentionSeconds = UInt32.random(in: 1...200, using: &random)
            } else if random.chance(30) {
                inputs.neighbors[farEnd.peer]?.isShutdown.toggle()
            } else if random.chance(40) {
                changeIdentity(of: farEnd)
            } else {
                let role = inputs.neighbors[farEnd.peer]?.families[.vpnv4]?.role
                let other = family(random.chance(60) ? role : nil)
                inputs.neighbors[farEnd.peer]?.families[.vpnv6] = other
                let filters = (RandomFilter.make(&random), RandomFilter.make(&random))
                inputs.neighbors[farEnd.peer]?.families[.vpnv4]?.importFilter = filters.0
                inputs.neighbors[farEnd.peer]?.families[.vpnv4]?.exportFilter = filters.1
                let policies = (RandomRoutePolicy.make(&random), RandomRoutePolicy.make(&random))
                inputs.neighbors[farEnd.peer]?.families[.vpnv4]?.importPolicy = policies.0
                inputs.neighbors[farEnd.peer]?.families[.vpnv4]?.exportPolicy = policies.1
                inputs.neighbors[farEnd.peer]?.families[.vpnv4]?.allowedOwnSystems = random.chance(30) ? 1 : 0
                inputs.neighbors[farEnd.peer]?.families[.vpnv4]?.overridesSystem = random.chance(30)
                let site = random.chance(40) ? sites.randomElement(using: &random) : nil
                inputs.neighbors[farEnd.peer]?.families[.vpnv4]?.siteOfOrigin = site
            }
        default:
            let limits = randomMultipathLimits()
            inputs.vrfs["v\(number)"]?.maximumPaths[.ipv4] = multipathRandom.chance(80) ? limits : nil
            let eligible = subset(farEnds.map(\.peer))
            let allowsTransit = random.chance(50)
            if random.chance(50) {
                inputs.vrfs["v\(number)"]?.labelMode = LabelMode.allCases.randomElement(using: &random) ?? .perVRF
                break
            }
            inputs.vrfs["v\(number)"]?.eligibleNeighbors = eligible
            let gateways = randomGateways(number, eligible)
            inputs.vrfs["v\(number)"]?.circuitGateways = gateways
            inputs.vrfs["v\(number)"]?.allowsTransit = allowsTransit
        }
        configure()
    }

    /// Another operator on the port, or the same on another one.
    private mutating func changeIdentity(of farEnd: FarSide) {
        guard let index = farEnds.firstIndex(where: { $0.peer == farEnd.peer }) else { return }
        if random.chance(50) { farEnds[index].system = farEnd.system == 65004 ? 65005 : 65004 }
        if random.chance(50) { farEnds[index].nni = farEnd.nni == "d" ? "e" : "d" }
        inputs.neighbors[farEnd.peer]?.remoteAutonomousSystem = farEnds[index].system
        inputs.neighbors[farEnd.peer]?.nni = farEnds[index].nni
    }

    private mutating func answerRefreshes() {
        let requests = owner.refreshRequests
        owner.refreshRequests = []
        for (neighbor, family) in requests {
            for (nlri, route) in told[neighbor] ?? [:] where nlri.family == family {
                deliver(Update(announcing: [route.route], attributes: route.attributes), neighbor)
            }
        }
    }
}
