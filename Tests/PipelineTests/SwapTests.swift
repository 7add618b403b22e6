import CTableLayout
import ForwardingTables
import Pipeline
import Testing

/// Labels that are swapped: what counts where, what an operator is told, and a target that changes under traffic. What leaves
/// octet by octet is in `FrameFixtureTests`, every rule in `IsolationTests`.
@Suite struct SwapTests {
    private static let packet = PacketBuilder.ipv4(source: 0x0A08_0808, destination: 0x0A09_0909)

    @Test(arguments: [true, false])
    func swappedPacketCountsOnTheInterfacesAlone(onTheCommonPath: Bool) throws {
        let lab = try Lab()
        lab.worker.pointee.usesCommonPath = onTheCommonPath
        let toCore = PacketBuilder.labelledFrame(nni: 0, label: 1010, packet: Self.packet)
        let toNNI = PacketBuilder.labelledFrame(nni: 3, label: 3004, packet: Self.packet)
        let outcomes = lab.run([(0, toCore), (5, toNNI), (0, toCore)])
        #expect(outcomes.map(\.verdict) == [.transmit(port: 5), .transmit(port: 0), .transmit(port: 5)])
        #expect(lab.counters[1].rx_packets == 2 && lab.counters[1].rx_bytes == UInt64(2 * toCore.count))
        #expect(lab.counters[4].rx_packets == 1)
        // Into the core: what is swapped has a counter of its own beside the core interface's.
        #expect(lab.counters[6].tx_packets == 2 && lab.counters[4].tx_packets == 2)
        #expect(lab.counters[4].tx_bytes == UInt64(2 * (toCore.count + 8)))
        // By an NNI: its own, once.
        #expect(lab.counters[1].tx_packets == 1 && lab.counters[1].tx_bytes == UInt64(toNNI.count - 4))
        #expect([11, 12, 13, 14].allSatisfy { lab.counters[$0].rx_packets == 0 && lab.counters[$0].tx_packets == 0 })
        #expect(lab.kept(counter: 1).packets == 0 && lab.kept(counter: 4).packets == 0)
    }

    @Test func errorAlongTheLabelsIsTheBoxsOwn() throws {
        let lab = try Lab()
        let frame = PacketBuilder.labelledFrame(nni: 3, label: 3004, timeToLive: 1, packet: Self.packet)
        let outcomes = lab.run([(5, frame), (5, frame)])
        #expect(outcomes.allSatisfy { $0.verdict == .drop(.labelTTLExpired) })
        #expect(lab.pool.transmitted.count == 2 && lab.pool.outstanding == 0)
        #expect(lab.kept(counter: 4).packets == 2 && lab.own(counter: 1).packets == 2)
        #expect(lab.counters[1].tx_packets == 2)
        #expect(lab.own(counter: 1).bytes == Int(lab.counters[1].tx_bytes))
    }

    @Test func errorsAlongTheLabelsAreLimitedByWhereThePacketsCameIn() throws {
        let lab = try Lab()
        lab.setRates(punt: .max, icmp: 1, cyclesPerSecond: 1 << 30)
        let frame = PacketBuilder.labelledFrame(nni: 3, label: 3004, timeToLive: 1, packet: Self.packet)
        let other = PacketBuilder.labelledFrame(nni: 0, label: 1010, timeToLive: 1, packet: Self.packet)
        let batch = [(port: UInt16(5), octets: frame)] + Array(repeating: (port: UInt16(5), octets: frame), count: 20)
        _ = lab.run(batch, cycles: 1 << 40)
        let few = lab.pool.transmitted.count
        #expect(few > 0 && few < batch.count)
        _ = lab.run([(0, other)], cycles: 1 << 40)
        #expect(lab.pool.transmitted.count == 1)
    }

    @Test func errorWithoutAFrameOrAnAddressIsNone() throws {
        let lab = try Lab()
        let frame = PacketBuilder.labelledFrame(nni: 3, label: 3004, timeToLive: 1, packet: Self.packet)
        lab.pool.remaining = 0
        #expect(lab.run([(5, frame)]).first?.verdict == .drop(.labelTTLExpired))
        #expect(lab.pool.transmitted.isEmpty && lab.drops(.noFrameForFragments, counter: 4) == 1)
        lab.pool.remaining = nil
        lab.pool.capacity = 100
        #expect(lab.run([(5, frame)]).first?.verdict == .drop(.labelTTLExpired))
        #expect(lab.pool.transmitted.isEmpty && lab.pool.outstanding == 0)
    }

    @Test func swapIsFollowedThroughTheTables() throws {
        let lab = try Lab()
        let frame = PacketBuilder.labelledFrame(nni: 0, label: 1010, packet: Self.packet)
        let explanation = try Explanation.of(frame: frame, arrivingOn: 0, tables: lab.writer.reader)
        let nni = try #require(lab.interfaces[1])
        let nextHop = try #require(lab.nextHops[Lab.nextHopName("sCore", .ipv4)])
        let adjacency = lab.wayOut(nextHop)
        let entry = lab.writer.reader.interfaces[Int(nni)].label_first + 10
        #expect(explanation.steps.map(\.stage) == [.ingress, .labelCheck, .imposition])
        #expect(
            explanation.steps.map(\.entries) == [
                [.interface(nni)], [.labelEntry(entry), .nextHop(nextHop), adjacency], [adjacency],
            ])
        #expect(explanation.steps.last?.decision == .transmitted(port: 5))
        #expect(explanation.output == lab.run([(0, frame)]).compactMap(\.frame))
        #expect(explanation.path == .common)
    }

    @Test func errorAlongTheLabelsIsExplained() throws {
        let lab = try Lab()
        let frame = PacketBuilder.labelledFrame(nni: 3, label: 3004, timeToLive: 1, packet: Self.packet)
        let explanation = try Explanation.of(frame: frame, arrivingOn: 5, tables: lab.writer.reader)
        #expect(explanation.verdict == .drop(.labelTTLExpired) && explanation.path == .stages)
        #expect(explanation.answerSteps.map(\.decision) == [.transmitted(port: 0)])
        _ = lab.run([(5, frame)])
        #expect(explanation.answer != nil && explanation.answer == lab.pool.transmitted.first?.octets)
    }

    /// Whatever the target is at a moment, label and way out are those of one; between NNIs the entry decides.
    @Test func noPacketLeavesByAMixtureOfTwoTargets() throws {
        let lab = try Lab()
        let reader = lab.writer.reader
        let number = try #require(lab.nextHops[Lab.nextHopName("sCore", .ipv4)])
        let words = try ["sCore", "sCoreFar", "s2"].map {
            reader.nextHop(try #require(lab.nextHops[Lab.nextHopName($0, .ipv4)]))
        }
        let frame = (port: UInt16(0), octets: PacketBuilder.labelledFrame(nni: 0, label: 1010, packet: Self.packet))
        var expected: Set<[UInt8]> = []
        for word in words {
            try lab.writer.nextHops.set(number, to: word)
            expected.formUnion(lab.run([frame]).map { $0.frame ?? [] })
        }
        // The label was not given for another NNI.
        #expect(expected.count == 3 && expected.contains([]))
        let found = lab.outcomes(of: frame, expecting: expected, whileStoring: words) {
            try $0.nextHops.set(number, to: $1)
        }
        #expect(found == expected)
    }

    @Test func entryNamesNothingThatIsNotThere() throws {
        let lab = try Lab()
        let beyond = SwapEntry(nextHop: 1 << 30, mayTransit: false, isBySource: false)
        #expect(throws: TablesError.outOfRange(.nextHops)) { try lab.writer.labels.setEntry(1, to: beyond.entry) }
        let entry = SwapEntry(nextHop: 77, depth: 2, options: [.entropy, .ipv6], mayTransit: true, isBySource: true)
        #expect(SwapEntry(entry.entry) == entry)
        #expect(UInt32(entry.entry.flags) & STILE_FLAG_VALID.rawValue == 0)
        #expect(SwapEntry(stile_label_entry()) == nil)
    }
}
