import Addressing
import BGP
import Routing
import Testing

/// How many labels a neighbor's routes may have.
@Suite struct MaximumLabelsTests {
    private func owner(_ maximum: Int?) throws -> (Owner, RoutingInputs) {
        let owner = Owner()
        var inputs = try noteInputs()
        inputs.neighbors[FarEnd.first]?.maximumLabels = maximum
        owner.handle(.configure(inputs))
        owner.handle(.established(neighbor: FarEnd.first, session()))
        return (owner, inputs)
    }

    @discardableResult
    private func announce(_ number: Int, label: UInt32, to owner: Owner) throws -> [RoutingEffect] {
        owner.handle(
            .update(
                neighbor: FarEnd.first,
                try announcement(vpn("65001:1", "10.\(number).0.0/16"), label: label, attributes(targets: ["42:1"]))))
    }

    private func withdraw(_ number: Int, from owner: Owner) throws -> [RoutingEffect] {
        owner.handle(
            .update(neighbor: FarEnd.first, Update(withdrawing: [.vpn(try vpn("65001:1", "10.\(number).0.0/16"))])))
    }

    private func summary(_ owner: Owner) throws -> (labels: Int, held: Int, refused: UInt64) {
        let summary = try #require(owner.table.neighborSummary(FarEnd.first))
        let family = try #require(summary.families[.vpnv4])
        return (summary.labelCount, family.receivedCount, family.rejectedCount[.maximumLabels] ?? 0)
    }

    @Test func `a route with one label more counts as withdrawn, and the log says so`() throws {
        let (owner, _) = try owner(3)
        for number in 2..<5 { try announce(number, label: 500 + UInt32(number), to: owner) }
        let effects = try announce(5, label: 505, to: owner)
        let example = try vpn("65001:1", "10.5.0.0/16")
        #expect(
            effects.contains(
                .log(.routesRejected(neighbor: FarEnd.first, .maximumLabels, count: 1, example: .vpn(example)))))
        #expect(try summary(owner) == (3, 3, 1))
        // Routes with a label that is there take none.
        for number in 20..<40 { try announce(number, label: 502, to: owner) }
        #expect(try summary(owner) == (3, 23, 1))
        // A route that comes with another label frees the one that it had, if it was the last to have it.
        try announce(4, label: 510, to: owner)
        #expect(try summary(owner) == (3, 23, 1))
        try announce(2, label: 511, to: owner)
        #expect(try summary(owner) == (3, 22, 2))
    }

    @Test func `what was refused is asked for when half of the labels are free again`() throws {
        let (owner, _) = try owner(4)
        for number in 2..<8 { try announce(number, label: 500 + UInt32(number), to: owner) }
        #expect(try summary(owner) == (4, 4, 2))
        let asks = RoutingEffect.requestRefresh(neighbor: FarEnd.first, .vpnIPv4)
        #expect(try !withdraw(2, from: owner).contains(asks))
        #expect(try withdraw(3, from: owner).contains(asks))
        #expect(try !withdraw(4, from: owner).contains(asks))
    }

    @Test func `a lower limit is obeyed at once and a higher one asks for the routes`() throws {
        let (owner, former) = try owner(nil)
        var inputs = former
        for number in 2..<12 { try announce(number, label: 500 + UInt32(number / 2), to: owner) }
        #expect(try summary(owner) == (5, 10, 0))
        inputs.neighbors[FarEnd.first]?.maximumLabels = 2
        owner.handle(.configure(inputs))
        #expect(try summary(owner) == (2, 4, 6))
        inputs.neighbors[FarEnd.first]?.maximumLabels = nil
        #expect(
            owner.handle(.configure(inputs)).contains(.requestRefresh(neighbor: FarEnd.first, .vpnIPv4)))
        owner.handle(.down(neighbor: FarEnd.first, gracefulRestart: nil))
        #expect(try summary(owner).labels == 0)
    }
}
