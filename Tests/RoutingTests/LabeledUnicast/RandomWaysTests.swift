import Testing

/// Option C against a model that computes everything from nothing, over random events.
@Suite struct RandomWaysTests {
    @Test(arguments: UInt64(1)...40)
    func `what neighbors are told, where labels lead and how long, is what the rules say`(seed: UInt64) throws {
        var network = try RandomWays(seed: seed)
        for step in 0..<150 {
            try network.step()
            // Now and then not everything is sent before the next event.
            if step % 4 != 3 { try network.check("seed \(seed), step \(step)") }
            guard network.owner.violations.isEmpty else { return }
        }
        try network.restart()
    }

    /// A network in which nothing happens would agree with any model.
    @Test func `of all depths and directions something is told`() throws {
        var seen: Set<String> = []
        for seed in UInt64(1)...10 {
            var network = try RandomWays(seed: seed)
            for step in 0..<150 {
                try network.step()
                try network.check("seed \(seed), step \(step)")
            }
            seen.formUnion(network.seen)
        }
        #expect(
            seen == [
                "a site to a far end", "depth 1 to a far end", "depth 2 to a far end", "depth 4 to a far end",
                "a site to the own network", "depth 1 to the own network", "depth 2 to the own network",
                "depth 4 to the own network", "transit", "a label ends at once",
            ])
    }
}
