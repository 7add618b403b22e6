import SeededRandom
import Testing

/// Which customer's circuit a frame reaches by a label, if any, while VRFs are replaced, neighbors share NNIs and change,
/// sessions come and go, and the process loses its files; all of it compared with a ledger of what was said to whom.
@Suite struct RandomIsolationTests {
    private static let steps = 40

    @Test(arguments: UInt64(1)...4)
    func `a label works for whom it was told to, and for nobody else ever after`(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let probe = try await IsolationProbe(IsolationScene(&random))
        var history: [String] = []
        for step in 0..<Self.steps {
            history.append(try await Self.happen(probe, &random))
            var wrong = try await probe.check()
            if wrong.isEmpty, !probe.ledger.isSettled {
                try await probe.settle()
                history.append("the neighbors are back")
                wrong = try await probe.check()
            }
            guard wrong.isEmpty else {
                Issue.record(
                    """
                    seed \(seed), step \(step): \(wrong.count) differences, after
                    \(history.joined(separator: "\n"))
                    \(wrong.prefix(6).joined(separator: "\n"))
                    \(probe.scene.text)
                    """)
                break
            }
        }
        await probe.laboratory.stop()
        // Agreement says little unless everything has been met.
        for what in ["delivered", "refused", "transit", "answer back"] { #expect(probe.seen[what] ?? 0 > 0, "\(what)") }
        #expect(probe.seen.keys.contains { $0.hasPrefix("restart") })
    }

    /// One thing that happens; says what it is.
    private static func happen(_ probe: IsolationProbe, _ random: inout SeededGenerator) async throws -> String {
        let choice = probe.sessions.isEmpty ? 0 : random.below(16)
        if choice < 5 {
            let without = probe.scene.neighbors.filter {
                $0.isConfigured && !$0.isShutdown && probe.sessions[$0.slot] == nil
            }
            for neighbor in without where !random.once(in: 3) {
                try await probe.establish(neighbor, gracefully: random.once(in: 3))
            }
            if !without.isEmpty { return "neighbors come up" }
        } else if choice < 7 {
            if let slot = probe.sessions.keys.sorted().randomElement(using: &random) {
                try await probe.lose(slot)
                return "\(probe.scene.neighbors[slot].address) goes down"
            }
        }
        var scene = probe.scene
        for _ in 0...random.below(3) { scene.change(&random) }
        switch choice {
        case 7:
            try probe.makeBackup()
            return "a backup is made"
        case 8, 9:
            let losses = IsolationProbe.Loss.allCases
            let loss = losses[(Int(random.seed) + probe.restarts) % losses.count]
            switch random.below(3) {
            case 0: try await probe.restart(losing: loss, with: scene)
            case 1: try await probe.restart(losing: loss, with: probe.scene)
            default:
                // Until they are back the tables of the run before are in use.
                try await probe.restart(losing: loss, with: probe.scene, isAwaited: true)
                return "a restart without \(loss) that waits for the neighbors"
            }
            return "a restart without \(loss)"
        default:
            try await probe.replace(with: scene)
            return "another configuration"
        }
    }
}
