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
            let families = Set((network.model.sessions[neighbor]?.families ?? []).map(\.identifier))
            #expect(network.owner.endOfRIBSent[neighbor] ?? [] == families, "\(place), \(neighbor)")
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
