import Addressing
import Routing
import Testing

@Suite struct LabelAllocationsTests {
    @Test func `labels are given from the bottom of the range and kept`() throws {
        var labels = LabelAllocations()
        #expect(labels.allocate(for: "a", from: 100...102, now: seconds(0)) == (try label(100)))
        #expect(labels.allocate(for: "b", from: 100...102, now: seconds(0)) == (try label(101)))
        #expect(labels.allocate(for: "a", from: 100...102, now: seconds(0)) == (try label(100)))
        #expect(labels.allocate(for: "a", from: 500...502, now: seconds(0)) == (try label(100)))
        #expect(labels.holder(of: try label(101)) == "b")
    }

    @Test func `reserved labels and labels of more than 20 bits are never given`() throws {
        var labels = LabelAllocations()
        #expect(labels.allocate(for: "a", from: 0...15, now: seconds(0)) == nil)
        #expect(labels.allocate(for: "a", from: 0...16, now: seconds(0)) == (try label(16)))
        #expect(labels.allocate(for: "b", from: 1_048_575...2_000_000, now: seconds(0)) == (try label(1_048_575)))
        #expect(labels.allocate(for: "c", from: 1_048_575...2_000_000, now: seconds(0)) == nil)
        #expect(labels.allocate(for: "c", from: 3_000_000...4_000_000, now: seconds(0)) == nil)
    }

    @Test func `a label in quarantine goes to its former VRF only`() throws {
        var labels = LabelAllocations()
        _ = labels.allocate(for: "a", from: 100...100, now: seconds(0))
        labels.release("a", now: seconds(10), quarantineSeconds: 300)
        #expect(labels.allocate(for: "b", from: 100...100, now: seconds(309)) == nil)
        #expect(labels.allocate(for: "a", from: 100...100, now: seconds(309)) == (try label(100)))
        labels.release("a", now: seconds(309), quarantineSeconds: 300)
        #expect(labels.allocate(for: "b", from: 100...100, now: seconds(609)) == (try label(100)))
        #expect(labels.quarantine.isEmpty)
    }

    @Test func `saved allocations that contradict themselves are refused`() throws {
        let (first, second) = (try label(100), try label(101))
        let entry = LabelAllocations.Quarantined(vrf: "c", until: seconds(0))
        #expect(LabelAllocations(labels: ["a": first, "b": second], quarantine: [:]) != nil)
        #expect(LabelAllocations(labels: ["a": first, "b": first], quarantine: [:]) == nil)
        #expect(LabelAllocations(labels: ["a": first], quarantine: [first: entry]) == nil)
        #expect(LabelAllocations(labels: ["a": try label(3)], quarantine: [:]) == nil)
    }

    @Test func `exhaustion is reported per VRF and ends with a quarantine`() throws {
        var inputs = try noteInputs()
        inputs.labelRange = 1000...1001
        let owner = Owner()
        owner.handle(.configure(inputs))
        owner.handle(.established(neighbor: FarEnd.first, session()))
        owner.drain()
        #expect(owner.log == [.labelsExhausted(vrf: "two")])
        #expect(owner.sent[FarEnd.first]?.count == 2)
        #expect(owner.endOfRIBSent[FarEnd.first]?.count == 2)
        inputs.vrfs["one"] = nil
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(owner.sent[FarEnd.first]?.count == 1)
        owner.advance(to: seconds(299))
        #expect(owner.table.labels.labels["two"] == nil)
        owner.advance(to: seconds(300))
        owner.drain()
        #expect(owner.table.labels.labels["two"] == (try label(1000)))
        #expect(owner.sent[FarEnd.first]?.count == 2)
        #expect(owner.violations.isEmpty)
    }

    @Test func `a quarantine that would end too late, because the clock was set back, is shortened`() throws {
        let entry = LabelAllocations.Quarantined(vrf: "gone", until: seconds(1_000_000))
        let labels = try #require(LabelAllocations(labels: [:], quarantine: [try label(1000): entry]))
        let owner = Owner(RoutingTable(labels: labels))
        owner.handle(.configure(try noteInputs()))
        #expect(owner.table.labels.quarantine[try label(1000)]?.until == seconds(300))
        #expect(owner.table.labels.labels["one"] == (try label(1001)))
    }
}
