import Addressing
import BGP
import Routing
import Testing

/// RFC 4271 §9.1.2, through the table's own door.
@Suite struct BestPathTests {
    /// One candidate: the far end (0 or 1) it comes from, and what differs.
    struct Candidate: Sendable {
        var farEnd = 0
        var distinguisher = "65000:1"
        var path: [UInt32] = []
        var origin = Origin.igp
        var discriminator: UInt32?
        var second: UInt64 = 0
        var identifier: UInt8 = 5
    }

    struct Contest: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// The first is the one to win.
        let candidates: [Candidate]
    }

    static let contests = [
        Contest(
            testDescription: "the shorter AS path, though it came later",
            candidates: [Candidate(second: 9), Candidate(farEnd: 1, path: [65100])]),
        Contest(
            testDescription: "the lower origin",
            candidates: [Candidate(second: 9), Candidate(farEnd: 1, origin: .incomplete)]),
        Contest(
            testDescription: "a shorter path before a lower origin",
            candidates: [Candidate(origin: .incomplete), Candidate(farEnd: 1, path: [65100])]),
        Contest(
            testDescription: "the lower discriminator of one AS",
            candidates: [
                Candidate(distinguisher: "65000:2", discriminator: 1, second: 9),
                Candidate(distinguisher: "65000:1", discriminator: 2),
            ]),
        Contest(
            testDescription: "no discriminator counts as 0",
            candidates: [
                Candidate(distinguisher: "65000:2", second: 9),
                Candidate(distinguisher: "65000:1", discriminator: 1),
            ]),
        Contest(
            testDescription: "discriminators of different AS are not compared",
            candidates: [Candidate(discriminator: 9), Candidate(farEnd: 1, discriminator: 1, second: 9)]),
        Contest(
            testDescription: "a discriminator rules out before age is looked at",
            candidates: [
                Candidate(farEnd: 1, second: 1), Candidate(distinguisher: "65000:1", discriminator: 5, second: 0),
                Candidate(distinguisher: "65000:2", discriminator: 4, second: 2),
            ]),
        Contest(
            testDescription: "the older one",
            candidates: [Candidate(farEnd: 1, second: 0, identifier: 9), Candidate(second: 1)]),
        Contest(
            testDescription: "the lower identifier",
            candidates: [Candidate(farEnd: 1, identifier: 4), Candidate(identifier: 5)]),
        Contest(
            testDescription: "the lower neighbor address",
            candidates: [Candidate(), Candidate(farEnd: 1)]),
        Contest(
            testDescription: "the lower route distinguisher",
            candidates: [Candidate(distinguisher: "65000:1"), Candidate(distinguisher: "65000:2")]),
    ]

    @Test(arguments: contests, [false, true])
    func `the best candidate is in the FIB, whatever the order of arrival`(contest: Contest, reversed: Bool) throws {
        var inputs = try noteInputs()
        inputs.vrfs["one"]?.eligibleNeighbors = [FarEnd.first, FarEnd.second]
        let owner = Owner()
        owner.handle(.configure(inputs))
        for candidate in contest.candidates {
            let neighbor = candidate.farEnd == 0 ? FarEnd.first : FarEnd.second
            if owner.table.neighborSummary(neighbor)?.isEstablished != true {
                owner.handle(.established(neighbor: neighbor, session(identifier: candidate.identifier)))
            }
        }
        let numbered = Array(contest.candidates.enumerated())
        for (number, candidate) in reversed ? numbered.reversed() : numbered {
            let neighbor = candidate.farEnd == 0 ? FarEnd.first : FarEnd.second
            let system = candidate.farEnd == 0 ? FarEnd.firstAS : FarEnd.secondAS
            owner.now = seconds(candidate.second)
            let attributes = try attributes(
                from: neighbor, targets: ["42:1"], path: [system] + candidate.path, origin: candidate.origin,
                discriminator: candidate.discriminator)
            owner.handle(
                .update(
                    neighbor: neighbor,
                    try announcement(
                        vpn(candidate.distinguisher, "10.2.0.0/16"), label: 500 + UInt32(number), attributes)))
        }
        guard case .labelled(_, let label, _) = owner.fib["one"]?[try prefix("10.2.0.0/16")] else {
            Issue.record("no route")
            return
        }
        #expect(label.rawValue == 500)
        let shown = owner.table.routes(inVRF: "one", family: .ipv4, limit: 100).first { $0.prefix.length == 16 }
        #expect(shown?.candidates.count == contest.candidates.count)
        #expect(shown?.candidates.map(\.isBest) == [true] + Array(repeating: false, count: numbered.count - 1))
        // When the best goes, one of the others takes its place.
        let best = contest.candidates[0]
        owner.handle(
            .update(
                neighbor: best.farEnd == 0 ? FarEnd.first : FarEnd.second,
                Update(withdrawing: [.vpn(try vpn(best.distinguisher, "10.2.0.0/16"))])))
        #expect(owner.fib["one"]?[try prefix("10.2.0.0/16")] != nil)
    }

    @Test func `an announcement without a change keeps its age`() throws {
        let owner = Owner()
        owner.handle(.configure(try noteInputs()))
        owner.handle(.established(neighbor: FarEnd.first, session()))
        let update = try announcement(vpn("65001:1", "10.2.0.0/16"), label: 500, attributes(targets: ["42:1"]))
        owner.handle(.update(neighbor: FarEnd.first, update))
        owner.now = seconds(5)
        #expect(owner.handle(.update(neighbor: FarEnd.first, update)).isEmpty)
        #expect(owner.table.receivedRoutes(from: FarEnd.first, family: .vpnv4, limit: 1).first?.learnedAt == seconds(0))
    }
}
