import Addressing
import BGP
import Routing
import SeededRandom

/// Which VRFs of the random network serve a customer that is a carrier itself, and which of their neighbors are its routers.
struct RandomCarriers {
    private var random: SeededGenerator
    private var serving: Set<String>
    private var carriers: Set<PeerAddress> = []

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        serving = random.chance(70) ? ["v1", "v2"] : ["v1"]
    }

    static func isCarrier(_ neighbor: NeighborInputs?) -> Bool {
        neighbor?.families.values.contains { $0.role == .customerCarrier } ?? false
    }

    /// Whether it is for a carrier's router to do something.
    mutating func isTurn() -> Bool { random.chance(25) }

    /// A VRF comes to serve one, or does not any more; a router comes to say labels, or does not.
    mutating func change(among customers: [PeerAddress]) {
        if carriers.isEmpty { carriers = Set(customers.filter { _ in random.chance(70) }) }
        if random.chance(15), let customer = customers.randomElement(using: &random) {
            carriers.formSymmetricDifference([customer])
        }
        if random.chance(10) { serving.formSymmetricDifference([random.chance(50) ? "v1" : "v2"]) }
    }

    /// Inputs as the configuration could have them: such a VRF has a label for each prefix, and a part with Option B neighbors alone.
    func settled(_ inputs: RoutingInputs) -> RoutingInputs {
        var settled = inputs
        for (name, vrf) in inputs.vrfs where serving.contains(name) {
            settled.vrfs[name]?.servesCarrier = true
            settled.vrfs[name]?.labelMode = .perPrefix
            settled.vrfs[name]?.commonLabel = nil
            settled.vrfs[name]?.circuitGateways = [:]
            settled.vrfs[name]?.eligibleNeighbors = vrf.eligibleNeighbors.filter { address in
                inputs.neighbors[address]?.families.values.contains { $0.role == .optionE } == false
            }
            for (peer, neighbor) in inputs.neighbors where peer.vrf == vrf.number && carriers.contains(peer) {
                guard neighbor.circuit?.addresses.contains(where: { $0.subnet.contains(peer.address) }) == true else {
                    continue
                }
                settled.neighbors[peer]?.nni = "ten1/" + name.dropFirst()
                var family = neighbor.families[peer.address.family == .ipv4 ? .ipv4 : .ipv6] ?? .init(nil)
                family.role = family.role == nil ? nil : .customerCarrier
                family.originatesDefault = false
                settled.neighbors[peer]?.families = [SessionFamily(labeledUnicast: peer.address.family): family]
            }
        }
        return settled
    }

    /// A route as such a router says it: now and then with a label, or labels, that it must not give.
    mutating func route(to prefix: IPPrefix) -> AnnouncedRoute? {
        let null: UInt32 = random.chance(50) ? 3 : 0
        let number = random.chance(15) ? null : UInt32.random(in: 200...202, using: &random)
        let labels = [random.chance(3) ? 4 : number] + (random.chance(3) ? [203] : [])
        return LabelStack(labels.compactMap { MPLSLabel(rawValue: $0) }).map {
            AnnouncedRoute(labeledUnicast: prefix, labels: $0)
        }
    }
}
