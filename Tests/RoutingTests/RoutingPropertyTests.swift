import Addressing
import BGP
import Routing
import Testing

/// Routing against a model that computes everything from nothing.
@Suite struct RoutingPropertyTests {
    @Test(arguments: 1...20)
    func `any events lead to the model's FIB and Adj-RIB-Out, and no rule is broken on the way`(seed: UInt64) {
        var network = RandomNetwork(seed: seed)
        for step in 0..<320 {
            network.step()
            let expected = network.model.fib().filter { !$0.value.isEmpty }
            #expect(network.owner.fib.filter { !$0.value.isEmpty } == expected, "seed \(seed), step \(step)")
            if step % 40 == 39 { expectSameOutput(network, "seed \(seed), step \(step)") }
            #expect(network.owner.violations.isEmpty, "seed \(seed), step \(step)")
            #expect(network.owner.validWithoutSession() == [], "seed \(seed), step \(step)")
            #expect(swapsThatMayNotLead(network) == [], "seed \(seed), step \(step)")
            guard network.owner.violations.isEmpty, network.owner.fib.filter({ !$0.value.isEmpty }) == expected else {
                return
            }
        }
    }

    private func expectSameOutput(_ network: RandomNetwork, _ place: String) {
        network.owner.drain()
        for neighbor in network.model.inputs.neighbors.keys {
            let expected = network.model.sent(to: neighbor, labels: network.owner.table.labels.labels)
            #expect(network.owner.sent[neighbor] ?? [:] == expected, "\(place), \(neighbor)")
            let ways = network.model.ways(to: neighbor, labels: network.owner.table.labels.labels)
            #expect(network.owner.labelWays(to: neighbor) == ways, "\(place), \(neighbor)")
            let unicast = network.model.sentUnicast(to: neighbor)
            #expect(network.owner.sentUnicast[neighbor] ?? [:] == unicast, "\(place), \(neighbor)")
            let labeled = network.model.sentLabeled(to: neighbor, labels: network.owner.table.labels.labels)
            #expect(network.owner.sentLabeled[neighbor] ?? [:] == labeled, "\(place), \(neighbor)")
            if network.model.sessions[neighbor] != nil {
                let swaps = network.model.swaps(at: neighbor, labels: network.owner.table.labels.labels)
                #expect(network.owner.validSwaps(at: neighbor) == swaps, "\(place), \(neighbor)")
            }
            let families = Set((network.model.sessions[neighbor]?.families ?? []).map(\.identifier))
            #expect(network.owner.endOfRIBSent[neighbor] ?? [] == families, "\(place), \(neighbor)")
        }
    }

    /// Labels of customers that are carriers which lead where nothing is, or where their neighbor that is away may not go.
    private func swapsThatMayNotLead(_ network: RandomNetwork) -> [LabelOwner] {
        var found: [LabelOwner] = []
        for (owner, target) in network.owner.validSwaps {
            let isAway = !network.owner.up.contains(owner.neighbor.peer)
            if !network.model.mayLead(owner, to: target, isAway: isAway) { found.append(owner) }
        }
        return found
    }

    /// A network in which nothing happens would agree with any model.
    @Test func `of all kinds of routes some are used and some are given on`() {
        var seen: Set<String> = []
        for seed in 1...UInt64(8) {
            var network = RandomNetwork(seed: seed)
            for step in 0..<320 {
                network.step()
                if step % 16 == 15 {
                    noteUsed(in: network.model, &seen)
                    network.owner.drain()
                    noteGiven(by: network.owner, &seen)
                    noteSwaps(of: network.owner, &seen)
                }
            }
        }
        #expect(
            seen == [
                "customer's used", "far end's used", "customer's marked", "far end's marked", "own AS allowed",
                "on a circuit", "own to customer", "learnt to customer", "default to customer", "own to far end",
                "customer's to far end", "transit", "carrier's to far end", "carrier's to carrier",
                "far end's to carrier",
                "far end's to far end", "implicit null", "away",
            ])
    }

    private func noteUsed(in model: NaiveModel, _ seen: inout Set<String>) {
        let choices = model.inputs.vrfs.values.flatMap { vrf in model.choices(of: vrf).values.map { (vrf, $0) } }
        for (vrf, choice) in choices {
            guard case .learnt(let route, _) = choice else { continue }
            if vrf.circuitGateways[route.neighbor] != nil { seen.insert("on a circuit") }
            let whose = route.neighbor.vrf == nil ? "far end's" : "customer's"
            seen.insert("\(whose) used")
            if route.attributes.extendedCommunities.contains(where: { $0.rawValue >> 48 == 3 }) {
                seen.insert("\(whose) marked")
            }
            if route.neighbor.vrf != nil, route.attributes.asPath.contains(42) { seen.insert("own AS allowed") }
        }
    }

    private func noteGiven(by owner: Owner, _ seen: inout Set<String>) {
        for (prefix, attributes) in owner.sentUnicast.values.joined() {
            seen.insert(attributes.asPath.length == 1 ? "own to customer" : "learnt to customer")
            if prefix.length == 0, attributes.asPath.length == 1 { seen.insert("default to customer") }
        }
        for sent in owner.sent.values.joined() {
            let path = sent.value.attributes.asPath.segments.flatMap(\.autonomousSystems)
            let isCustomers = path.contains(65201) || path.contains(65202)
            seen.insert(path.count == 1 ? "own to far end" : isCustomers ? "customer's to far end" : "transit")
        }
    }

    private func noteSwaps(of owner: Owner, _ seen: inout Set<String>) {
        for (label, target) in owner.validSwaps {
            guard case .neighbor(let next) = target.way else { continue }
            let whose = next.vrf == nil ? "far end's" : "carrier's"
            seen.insert("\(whose) to \(label.neighbor.vrf == nil ? "far end" : "carrier")")
            if target.labels.isEmpty { seen.insert("implicit null") }
            if !owner.up.contains(label.neighbor.peer) { seen.insert("away") }
        }
    }

    @Test(arguments: 1...10)
    func `inputs that are the same have no effect, in any state`(seed: UInt64) {
        var network = RandomNetwork(seed: seed)
        for step in 0..<200 {
            network.step()
            #expect(network.owner.handle(.configure(network.model.inputs)).isEmpty, "seed \(seed), step \(step)")
        }
    }
}
