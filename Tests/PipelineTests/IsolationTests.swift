import CTableLayout
import Pipeline
import Testing

/// A million random frames through the real pipeline, on the common path where it takes them and all by the stages, compared
/// with the model: fate, octets and counters.
@Suite struct IsolationTests {
    #if DEBUG
        /// Without optimisation a frame takes a hundred times as long; the million is the release build's.
        static let bursts = 600
    #else
        static let bursts = 16_000
    #endif

    @Test(arguments: [true, false])
    func everyFrameFaresAsTheModelSays(onTheCommonPath: Bool) throws {
        let lab = try Lab()
        lab.worker.pointee.usesCommonPath = onTheCommonPath
        lab.useUpProbe()
        let before = Self.counters(lab)
        let keptBefore = (0..<UInt16(Lab.counterCount)).map { lab.kept(counter: $0).packets }
        var frames = RandomFrames()
        var model = IsolationModel()
        var checked = 0
        for burst in 0..<Self.bursts {
            let batch = (0..<Burst.capacity).map { _ in frames.next() }
            let outcomes = lab.run(batch)
            var fragments: [FragmentPool.Fragment] = []
            for (frame, outcome) in zip(batch, outcomes) {
                let expected = model.fate(of: frame.octets, port: frame.port)
                let isRight = Self.agree(outcome, expected, &fragments)
                if !isRight {
                    Issue.record(
                        """
                        STILE_SEED=\(frames.random.seed), burst \(burst), port \(frame.port): \(hex(frame.octets))
                        pipeline: \(outcome.verdict) \(hex(outcome.frame ?? outcome.punt?.octets ?? []))
                        model: \(expected)
                        """)
                    return
                }
                checked += 1
            }
            guard Self.sorted(lab.pool.transmitted) == Self.sorted(fragments) else {
                let made = lab.pool.transmitted.filter { !fragments.contains($0) }
                let missing = fragments.filter { !lab.pool.transmitted.contains($0) }
                Issue.record(
                    """
                    STILE_SEED=\(frames.random.seed), burst \(burst): other fragments than the model's
                    pipeline: \(made.map { hex($0.octets) })
                    model: \(missing.map { hex($0.octets) })
                    """)
                return
            }
        }
        #expect(checked == Self.bursts * Burst.capacity)
        #expect(lab.pool.outstanding == 0)
        Self.checkCoverage(model.counts, frames: checked)
        Self.compareCounters(lab, before, keptBefore, model.counts)
    }

    private static func agree(
        _ outcome: Lab.Outcome, _ expected: IsolationModel.Fate, _ fragments: inout [FragmentPool.Fragment]
    ) -> Bool {
        switch (outcome.verdict, expected) {
        case (.transmit(let port), .transmit(let expectedPort, let frame)):
            return port == expectedPort && outcome.frame == frame
        case (.fragmented, .fragments(let port, let frames)):
            fragments += frames.map { FragmentPool.Fragment(port: port, octets: $0) }
            return true
        case (.replicated, .copies(let copies)):
            fragments += copies
            return true
        case (.punt(let puntClass), .punt(let expectedClass, let vrf, let octets)):
            return puntClass == expectedClass && outcome.punt?.vrf == vrf && outcome.punt?.octets == octets
        case (_, .dropWithFrame(let fate, let port, let frame)):
            fragments.append(FragmentPool.Fragment(port: port, octets: frame))
            return agree(outcome, fate, &fragments)
        case (.drop(let reason), .drop(let expectedReason)):
            return reason == expectedReason
        default:
            return false
        }
    }

    /// The frames must reach every rule, or agreement says little: each reason that one frame alone can provoke, and
    /// a fair share of frames that leave.
    private static func checkCoverage(_ counts: IsolationModel.Counts, frames: Int) {
        let ofResources: Set<DropReason> = [
            .multipleSegments, .noFrameForFragments, .puntRateExceeded, .puntRingFull, .egressPortDown,
            .transmitQueueFull, .workerRingFull, .noFrameForCopies,
        ]
        // The services have a test of their own.
        let ofServices: Set<DropReason> = [
            .reversePathFailed, .accessListDenied, .fragmentRefused, .policerExceeded, .routeMapDiscarded,
        ]
        let provoked = Set(counts.drops.values.flatMap(\.keys))
        #expect(provoked.union(ofResources).union(ofServices) == Set(DropReason.allCases))
        #expect(counts.sent.values.reduce(0, +) > frames / 5)
        #expect(counts.ways == ways)
        #expect(Set(LabPlan.nnis.flatMap(\.units).map(\.counter)).isSubset(of: Set(counts.sent.keys)))
        #expect(LabPlan.nnis.allSatisfy { (counts.sent[$0.counter] ?? 0) > 0 } && (counts.sent[6] ?? 0) > 0)
        #expect(Set(LabPlan.circuits.map(\.counter)).isSubset(of: Set(counts.received.keys)))
    }

    /// Option B's labels have none below, Option C's one (three with an entropy label) or a session or a site's packet.
    private static let ways: Set<String> = [
        "a swap above 0 labels, from an NNI", "a swap above 1 labels, from an NNI",
        "a swap above 2 labels, from an NNI",
        "a swap above 3 labels, from an NNI", "a swap above 4 labels, from an NNI",
        "a swap above a session, from an NNI", "a swap above an error about a session, from an NNI",
        "a swap above a frame, from an NNI",
        "a swap above a frame, from the core",
        "a swap above IPv6 alone, from an NNI", "a swap above 0 labels, from the core",
        "a swap above 1 labels, from the core", "a swap above 2 labels, from the core",
        "a swap above 3 labels, from the core", "a swap above a session, from the core",
        "a swap above an error about a session, from the core",
        "a swap above IPv6 alone, from the core", "a swap above 0 labels, from or to a carrier",
        "a swap above 1 labels, from or to a carrier", "a swap above 2 labels, from or to a carrier",
        "a swap above 3 labels, from or to a carrier", "a label's next hop, from an NNI",
        "a label's next hop, from the core", "a group, from a circuit", "a group, from an NNI",
        "a group, from the core", "a group, from an operator's circuit",
    ]

    private static func sorted(_ fragments: [FragmentPool.Fragment]) -> [FragmentPool.Fragment] {
        fragments.sorted { ($0.port, hex($0.octets)) < ($1.port, hex($1.octets)) }
    }

    private static func counters(_ lab: Lab) -> [stile_interface_counters] {
        (0..<Lab.counterCount).map { lab.counters[$0] }
    }

    private static func compareCounters(
        _ lab: Lab, _ before: [stile_interface_counters], _ keptBefore: [Int], _ counts: IsolationModel.Counts
    ) {
        for counter in 0..<UInt16(Lab.counterCount) {
            let now = lab.counters[Int(counter)]
            let old = before[Int(counter)]
            #expect(Int(now.rx_packets - old.rx_packets) == counts.received[counter] ?? 0, "received by \(counter)")
            #expect(Int(now.tx_packets - old.tx_packets) == counts.sent[counter] ?? 0, "sent by \(counter)")
            if !LabPlan.nnis.contains(where: { $0.counter == counter }) {
                let kept = lab.kept(counter: counter).packets - keptBefore[Int(counter)]
                let forwarded = counts.forwarded[counter] ?? 0
                #expect(Int(now.rx_packets - old.rx_packets) - kept == forwarded, "forwarded from \(counter)")
            }
            for reason in DropReason.allCases {
                let expected = counts.drops[counter]?[reason] ?? 0
                #expect(Int(lab.drops(reason, counter: counter)) == expected, "\(reason.identifier) of \(counter)")
            }
        }
    }
}
