import Addressing
import BGP
import Routing
import SeededRandom
import Testing

/// Labels of circuits: those of one are near each other, so that a thousand tables have room.
@Suite struct CircuitLabelsTests {
    private static let whole: ClosedRange<UInt32> = 16...1_048_575
    private static let vrf = VRFIdentity(name: "one", routeDistinguisher: RouteDistinguisher(rawValue: 1))

    /// A prefix as it is told to the router on a circuit.
    private func owner(_ circuit: Int, _ prefix: Int) throws -> LabelOwner {
        LabelOwner(
            .circuitPrefix(
                Self.vrf, IPPrefix(host: .ipv4(IPv4Address(rawValue: 10 << 24 | UInt32(prefix))))),
            neighbor: NeighborIdentity(
                address: .ipv4(IPv4Address(10, 0, UInt8(circuit >> 8), UInt8(circuit & 255))),
                autonomousSystem: 65100, nni: "ten1/1.\(circuit)", vrf: "one"))
    }

    private func owner(onNNI number: Int, _ vrf: Int) -> LabelOwner {
        LabelOwner(
            vrf: VRFIdentity(name: "v\(vrf)", routeDistinguisher: RouteDistinguisher(rawValue: UInt64(vrf))),
            neighbor: NeighborIdentity(
                address: .ipv4(IPv4Address(192, 0, 2, UInt8(number))), autonomousSystem: 65001, nni: "ten2/\(number)"))
    }

    /// How many entries a table has from its lowest label to its highest, in 32s, for each circuit or NNI.
    private func tables(_ labels: LabelAllocations) -> [String: UInt32] {
        var bounds: [String: (low: UInt32, high: UInt32)] = [:]
        for (owner, label) in labels.labels {
            let former = bounds[owner.neighbor.nni] ?? (label.rawValue, label.rawValue)
            bounds[owner.neighbor.nni] = (min(former.low, label.rawValue), max(former.high, label.rawValue))
        }
        return bounds.mapValues { ($0.high / 32 - $0.low / 32 + 1) * 32 }
    }

    private func full() throws -> LabelAllocations {
        var labels = LabelAllocations()
        var generator = SeededGenerator(seed: 5)
        for prefix in 0..<12 {
            for circuit in 0..<1_000 {
                _ = labels.allocate(for: try owner(circuit, prefix), from: Self.whole, using: &generator)
            }
            for vrf in 0..<250 {
                for nni in 0..<8 {
                    let owner = owner(onNNI: nni, prefix * 250 + vrf)
                    _ = labels.allocate(for: owner, from: Self.whole, using: &generator)
                }
            }
        }
        return labels
    }

    @Test func `a thousand circuits with a dozen labels each take no more entries than they need`() throws {
        let labels = try full()
        #expect(labels.labels.count == 12_000 + 24_000)
        #expect(Set(labels.labels.values).count == labels.labels.count)
        let tables = tables(labels)
        let ofCircuits = tables.filter { $0.key.hasPrefix("ten1") }
        #expect(ofCircuits.count == 1_000 && ofCircuits.values.allSatisfy { $0 == 32 })
        // And NNIs have what they had: one block.
        let ofNNIs = tables.filter { $0.key.hasPrefix("ten2") }
        #expect(ofNNIs.count == 8 && ofNNIs.values.allSatisfy { $0 <= 65_536 })
        // Whoever knows some circuits' labels knows nothing of where others' are.
        let parts = Set(labels.labels.filter { $0.key.neighbor.vrf != nil }.values.map { $0.rawValue / 32 })
        #expect(parts.count == 1_000)
        for sixteenth in UInt32(0)..<16 {
            let count = parts.count { $0 / 2_048 == sixteenth }
            #expect(count < 110, "of 1,000 parts \(count) are in one sixteenth")
        }
    }

    @Test func `a circuit with many labels has a table that is no longer than twice as many`() throws {
        var labels = try full()
        var generator = SeededGenerator(seed: 6)
        for prefix in 12..<1_000 {
            _ = labels.allocate(for: try owner(7, prefix), from: Self.whole, using: &generator)
        }
        let table = try #require(tables(labels)["ten1/1.7"])
        #expect((1_000...2_048).contains(table))
    }

    @Test func `what is known after a restart is where they are`() throws {
        let before = try full()
        var labels = try #require(LabelAllocations(labels: before.labels, quarantine: [:]))
        var generator = SeededGenerator(seed: 7)
        for circuit in 0..<100 {
            for prefix in 12..<24 {
                _ = labels.allocate(for: try owner(circuit, prefix), from: Self.whole, using: &generator)
            }
        }
        let tables = tables(labels)
        for circuit in 0..<100 { #expect(tables["ten1/1.\(circuit)"] == 32) }
        // The block of the NNIs is theirs still.
        let block = try #require(labels.labels[owner(onNNI: 0, 0)]).rawValue >> 16
        let new = try #require(
            labels.allocate(for: owner(onNNI: 0, 9_999), from: Self.whole, using: &generator))
        #expect(new.rawValue >> 16 == block)
    }

    @Test func `a label in quarantine is its owner's, and its part the circuit's`() throws {
        var labels = LabelAllocations()
        var generator = SeededGenerator(seed: 8)
        let range: ClosedRange<UInt32> = 1_024...1_087
        let first = try #require(labels.allocate(for: owner(0, 0), from: range, using: &generator))
        labels.release(try owner(0, 0), now: seconds(0), quarantineSeconds: 300)
        // The other part, since the first one is another circuit's.
        let other = try #require(labels.allocate(for: owner(1, 0), from: range, using: &generator))
        #expect(other.rawValue / 32 != first.rawValue / 32)
        #expect(try labels.allocate(for: owner(0, 1), from: range, using: &generator)?.rawValue != first.rawValue)
        #expect(try labels.allocate(for: owner(0, 0), from: range, using: &generator) == first)
        // Where there is no part left a label is one of those that are there.
        for number in 2..<62 {
            #expect(try labels.allocate(for: owner(number, 0), from: range, using: &generator) != nil)
        }
        #expect(Set(labels.labels.values).count == 63)
        #expect(try labels.allocate(for: owner(90, 0), from: range, using: &generator) != nil)
        #expect(try labels.allocate(for: owner(91, 0), from: range, using: &generator) == nil)
    }

    @Test func `none is reserved, provisioned or drawn twice`() throws {
        var labels = LabelAllocations()
        var generator = SeededGenerator(seed: 9)
        let block: ClosedRange<UInt32> = 100...299
        for prefix in 0..<40 {
            for circuit in 0..<10 {
                let owner = try owner(circuit, prefix)
                let label = labels.allocate(for: owner, from: 16...700, without: block, using: &generator)
                #expect(label.map { $0.rawValue >= 16 && !block.contains($0.rawValue) } == true)
            }
        }
        #expect(Set(labels.labels.values).count == 400)
    }
}
