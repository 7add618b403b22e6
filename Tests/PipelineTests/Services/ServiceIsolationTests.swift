import CTableLayout
import Pipeline
import Testing

/// The random test of isolation with services on some interfaces: the fate, the octets, the drops, and what the policers
/// count of each frame, compared with the model.
@Suite struct ServiceIsolationTests {
    /// Whole bursts, in which the packets that leave change their order: IPv4 before IPv6, and ICMP errors last. Which of
    /// them an outgoing policer takes depends on that, so that they are left out here.
    @Test func everyFrameOfABurstFaresAsTheModelSays() throws {
        try compare(.withoutOutgoingPolicers, burstSize: Burst.capacity, bursts: max(2_000, IsolationTests.bursts))
    }

    @Test func everyFrameByItselfFaresAsTheModelSays() throws {
        // In a debug build, too, as many as it takes for each policer to have packets of each colour.
        try compare(.everything, burstSize: 1, bursts: max(200_000, IsolationTests.bursts * 8))
    }

    private func compare(_ plan: ServicePlan, burstSize: Int, bursts: Int) throws {
        let lab = try Lab()
        // Late enough for every bucket to be full, as the model's are.
        var nanoseconds: UInt64 = 100_000_000_000
        lab.setRates(punt: .max, icmp: .max, cyclesPerSecond: Lab.nanosecondCounter)
        // Before a route map takes the probe elsewhere.
        lab.useUpProbe(cycles: nanoseconds)
        try lab.install(plan)
        var frames = RandomFrames()
        var model = IsolationModel()
        model.services = ServiceModel(plan)
        var drops: [DropReason: Int] = [:]
        var sent = 0
        for burst in 0..<bursts {
            let batch = (0..<burstSize).map { _ in
                frames.random.once(in: 16) ? frames.tcpPiece() : frames.next()
            }
            // Less than a second in all: a probe to the unreachable next hop would be due again.
            nanoseconds += UInt64(frames.random.below(burstSize * 300))
            model.services?.now = nanoseconds
            let outcomes = lab.run(batch, cycles: nanoseconds)
            var expectedFates: [IsolationModel.Fate] = []
            for frame in batch { expectedFates.append(model.fate(of: frame.octets, port: frame.port)) }
            for (index, (outcome, expected)) in zip(outcomes, expectedFates).enumerated() {
                guard Self.agree(outcome, expected) else {
                    Issue.record(
                        """
                        STILE_SEED=\(frames.random.seed), burst \(burst), frame \(index), port \(batch[index].port): \
                        \(hex(batch[index].octets))
                        pipeline: \(outcome.verdict) \(hex(outcome.frame ?? outcome.punt?.octets ?? []))
                        model: \(expected)
                        """)
                    return
                }
                if case .drop(let reason) = outcome.verdict { drops[reason, default: 0] += 1 }
                if outcome.frame != nil { sent += 1 }
            }
        }
        Self.checkCounters(lab, model, plan)
        // The frames must reach every service, or agreement says little.
        for reason in Self.reasons {
            #expect(drops[reason] ?? 0 > bursts * burstSize / 10_000, "\(reason.identifier)")
        }
        #expect(sent > bursts * burstSize / 10)
    }

    private static func agree(_ outcome: Lab.Outcome, _ expected: IsolationModel.Fate) -> Bool {
        switch (outcome.verdict, expected) {
        case (.transmit(let port), .transmit(let expectedPort, let frame)):
            port == expectedPort && outcome.frame == frame
        case (.fragmented, .fragments), (.replicated, .copies): true
        case (.punt(let puntClass), .punt(let expectedClass, let vrf, let octets)):
            puntClass == expectedClass && outcome.punt?.vrf == vrf && outcome.punt?.octets == octets
        case (_, .dropWithFrame(let fate, _, _)): agree(outcome, fate)
        case (.drop(let reason), .drop(let expectedReason)): reason == expectedReason
        default: false
        }
    }

    private static let reasons: [DropReason] = [
        .reversePathFailed, .accessListDenied, .policerExceeded, .fragmentRefused, .routeMapDiscarded,
    ]

    private static func checkCounters(_ lab: Lab, _ model: IsolationModel, _ plan: ServicePlan) {
        for reason in Self.reasons {
            for counter in 0..<UInt16(Lab.counterCount) {
                let expected = model.counts.drops[counter]?[reason] ?? 0
                #expect(Int(lab.drops(reason, counter: counter)) == expected, "\(reason.identifier) of \(counter)")
            }
        }
        for entry in [plan.routeMaps, plan.outgoingRouteMaps].flatMap({ $0.values.joined() }) {
            let counted = lab.classCounters(entry.instance)
            #expect(counted.packets == model.services?.colours[entry.instance], "entry \(entry.instance)")
            #expect(counted.octets == model.services?.octets[entry.instance], "entry \(entry.instance)")
        }
        for services in plan.services.values {
            for policer in [services.policerIn, services.policerOut].compactMap({ $0 }) {
                let counted = lab.classCounters(policer.instance)
                #expect(counted.packets == model.services?.colours[policer.instance])
                #expect(counted.octets == model.services?.octets[policer.instance])
                #expect(
                    counted.packets.allSatisfy { $0 > 0 } || policer.excessOctets == 0,
                    "policer \(policer.instance): \(counted.packets)")
            }
        }
    }
}

extension RandomFrames {
    /// A piece of a TCP segment, often such as hides or overwrites its header, towards interfaces with access lists.
    fileprivate mutating func tcpPiece() -> (port: UInt16, octets: [UInt8]) {
        let packet = PacketBuilder.ipv4(
            source: random.pick([0x0A01_0009, 0x0A03_0009]), destination: random.pick([0x0A01_0008, 0x0A02_0008]),
            protocolNumber: 6, fragment: random.pick([0x2000, 0x2001, 1, 2, 0x2008]),
            payload: [UInt8](repeating: 0x55, count: 8 + random.below(3) * 8))
        switch random.below(3) {
        case 0: return (2, PacketBuilder.circuitFrame(counter: 41, packet: packet))
        case 1: return (3, PacketBuilder.circuitFrame(counter: 43, packet: packet))
        default: return (0, PacketBuilder.labelledFrame(nni: 0, label: 1001, packet: packet))
        }
    }
}

extension Lab {
    /// What this lab's worker has counted of a class instance, by colour.
    func classCounters(_ instance: UInt32) -> (packets: [Int], octets: [Int]) {
        let words = UnsafeRawPointer(memory.classCounters + Int(instance)).assumingMemoryBound(to: UInt64.self)
        return ((0..<3).map { Int(words[$0]) }, (3..<6).map { Int(words[$0]) })
    }
}
