import CTableLayout
import Pipeline
import Testing

/// The random test of isolation with services on some interfaces: the fate, the octets, the drops, and what the policers
/// count of each frame, compared with the model.
@Suite struct ServiceIsolationTests {
    @Test func everyFrameFaresAsTheModelOfTheServicesSays() throws {
        let lab = try Lab()
        lab.useUpProbe()
        try lab.install(.everything)
        var frames = RandomFrames()
        var model = IsolationModel()
        model.services = ServiceModel(.everything)
        var drops: [DropReason: Int] = [:]
        var sent = 0
        var nanoseconds: UInt64 = 1_000_000
        for burst in 0..<IsolationTests.bursts {
            let batch = (0..<Burst.capacity).map { _ in frames.next() }
            // Less than a second in all: a probe to the unreachable next hop would be due again.
            nanoseconds += UInt64(frames.random.below(20_000))
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
        Self.checkCounters(lab, model)
        // The frames must reach every service, or agreement says little.
        for reason in [DropReason.reversePathFailed, .accessListDenied, .policerExceeded, .fragmentRefused] {
            #expect(drops[reason] ?? 0 > IsolationTests.bursts / 100, "\(reason.identifier)")
        }
        #expect(sent > IsolationTests.bursts * Burst.capacity / 10)
    }

    private static func agree(_ outcome: Lab.Outcome, _ expected: IsolationModel.Fate) -> Bool {
        switch (outcome.verdict, expected) {
        case (.transmit(let port), .transmit(let expectedPort, let frame)):
            port == expectedPort && outcome.frame == frame
        case (.fragmented, .fragments): true
        case (.punt(let puntClass), .punt(let expectedClass, let vrf, let octets)):
            puntClass == expectedClass && outcome.punt?.vrf == vrf && outcome.punt?.octets == octets
        case (.drop(let reason), .drop(let expectedReason)): reason == expectedReason
        default: false
        }
    }

    private static func checkCounters(_ lab: Lab, _ model: IsolationModel) {
        for reason in [DropReason.reversePathFailed, .accessListDenied, .policerExceeded, .fragmentRefused] {
            for counter in 0..<UInt16(Lab.counterCount) {
                let expected = model.counts.drops[counter]?[reason] ?? 0
                #expect(Int(lab.drops(reason, counter: counter)) == expected, "\(reason.identifier) of \(counter)")
            }
        }
        for services in ServicePlan.everything.services.values {
            for policer in [services.policerIn, services.policerOut].compactMap({ $0 }) {
                let counted = lab.classCounters(policer.instance)
                #expect(counted.packets == model.services?.colours[policer.instance])
                #expect(counted.octets == model.services?.octets[policer.instance])
                #expect(counted.packets.allSatisfy { $0 > 0 } || policer.excessOctets == 0)
            }
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
