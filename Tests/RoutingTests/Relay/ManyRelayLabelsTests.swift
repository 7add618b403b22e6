import Addressing
import BGP
import Routing
import SeededRandom
import Testing

/// As many labels as a far end's routes may call for, which all change at once.
@Suite struct ManyRelayLabelsTests {
    private static let count = 10_000
    private static let peers = [Border.first, Border.reflector]

    /// Carries out what concerns labels and sends what there is, with as little work of its own as can be.
    private final class Carrier {
        let table = RoutingTable(generator: SeededGenerator(seed: 1))
        var installed: Set<LabelBinding> = []
        var removals = 0
        /// Labels that are valid until their neighbor has read the withdrawals.
        private var toConfirm: [(binding: LabelBinding, isRemoved: Bool)] = []
        private var ready: Set<PeerAddress> = []

        func handle(_ event: RoutingEvent) { carryOut(table.handle(event, now: seconds(0))) }

        private func carryOut(_ effects: [RoutingEffect]) {
            for effect in effects {
                switch effect {
                case .installLabel(let binding): toConfirm.append((binding, false))
                case .removeLabel(let binding, _): toConfirm.append((binding, true))
                case .outputReady(let peer): ready.insert(peer)
                default: break
                }
            }
        }

        func drain() {
            while !toConfirm.isEmpty || !ready.isEmpty {
                let confirmed = toConfirm
                toConfirm = []
                for (binding, isRemoved) in confirmed {
                    if isRemoved {
                        installed.remove(binding)
                        removals += 1
                    } else {
                        installed.insert(binding)
                    }
                    handle(isRemoved ? .labelsRemoved([binding]) : .labelsInstalled([binding]))
                }
                for peer in ready {
                    let effects = table.nextBatch(for: peer, limit: 500, now: seconds(0))
                    if effects.isEmpty { ready.remove(peer) }
                    carryOut(effects)
                }
            }
        }
    }

    /// A pass over all labels for each event or portion would take minutes.
    @Test(.timeLimit(.minutes(1))) func `10,000 labels that change at once are not all looked at each time`() throws {
        var inputs = try Border.inputs()
        inputs.labelRange = 100_000...300_000
        for peer in [Border.second, Border.otherReflector] { inputs.neighbors[peer] = nil }
        let carrier = Carrier()
        carrier.handle(.configure(inputs))
        for peer in Self.peers {
            carrier.handle(.established(neighbor: peer, session(identifier: Border.number(of: peer))))
        }
        let attributes = try Border.attributes(from: Border.first, ["65001:7"])
        let routes = try (0..<Self.count).map { try vpn("65001:1", "10.\($0 >> 8).\($0 & 0xFF).0/24") }
        for (number, route) in routes.enumerated() {
            carrier.handle(
                .update(
                    neighbor: Border.first,
                    try announcement(route, label: 100_000 + UInt32(number), attributes)))
        }
        carrier.drain()
        #expect(carrier.installed.count == Self.count)
        // All by one label from now on: the routes are repeated, and what they were sent with goes.
        for route in routes {
            carrier.handle(.update(neighbor: Border.first, try announcement(route, label: 99_999, attributes)))
        }
        carrier.drain()
        #expect(carrier.installed.count == 1)
        #expect(carrier.removals == Self.count)
    }
}
