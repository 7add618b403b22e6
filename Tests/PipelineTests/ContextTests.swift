import CTableLayout
import ForwardingTables
import Pipeline
import Testing

/// Labels that name a label space: of two labels the second is looked up in the table that the first names on that link. Every rule
/// is in `IsolationTests`, with services in `ServiceIsolationTests`.
@Suite struct ContextTests {
    private static let packet = PacketBuilder.ipv4(source: 0x0A03_0009, destination: 0x0A01_0009)

    private static func frame(
        nni: Int = 0, _ labels: [UInt32], timesToLive: [UInt8] = [], source: [UInt8]? = nil
    ) -> [UInt8] {
        var payload: [UInt8] = packet
        for (place, label) in labels.enumerated().reversed() {
            let timeToLive = timesToLive.indices.contains(place) ? timesToLive[place] : 64
            let bottom: UInt32 = place == labels.count - 1 ? 0x100 : 0
            payload = PacketBuilder.octets(label << 12 | bottom | UInt32(timeToLive)) + payload
        }
        return PacketBuilder.nniFrame(nni: nni, etherType: [0x88, 0x47], payload: payload, source: source)
    }

    @Test(arguments: [true, false])
    func secondLabelIsTheVRFsUnderTheFirstAlone(onTheCommonPath: Bool) throws {
        let lab = try Lab()
        lab.worker.pointee.usesCommonPath = onTheCommonPath
        let cases: [([UInt32], Int, Verdict)] = [
            ([1060, 50_001], 0, .transmit(port: 2)),
            // The context label alone, a unit's label above another, and the two in the other order.
            ([1060], 0, .drop(.labelStackDepth)),
            ([1001, 50_001], 0, .drop(.labelStackDepth)),
            ([50_001, 1060], 0, .drop(.labelStackDepth)),
            ([50_001], 0, .drop(.labelNotValidHere)),
            // Three labels, also where the first two are right.
            ([1060, 50_001, 50_001], 0, .drop(.labelStackDepth)),
            ([1060, 1060, 50_001], 0, .drop(.labelStackDepth)),
            // A label of the default table, of another space, of another NNI's part of the space, and a reserved one.
            ([1060, 1002], 0, .drop(.labelNotValidHere)),
            ([1061, 50_001], 0, .drop(.labelNotValidHere)),
            ([1014, 50_001], 1, .drop(.labelNotValidHere)),
            ([1060, 3], 0, .drop(.labelReserved)),
            ([1062, 50_001], 0, .drop(.labelNotValidHere)),
            // Another NNI's context label.
            ([1014, 50_001], 0, .drop(.labelStackDepth)),
        ]
        for (labels, nni, verdict) in cases {
            let frame = Self.frame(nni: nni, labels)
            let outcomes = lab.run([(LabPlan.nnis[nni].port, frame), (LabPlan.nnis[nni].port, frame)])
            #expect(outcomes.map(\.verdict) == [verdict, verdict], "\(labels)")
        }
    }

    /// RFC 3443 §3.1: no label that is popped gives the packet a higher TTL than it came with.
    @Test(arguments: [true, false])
    func lowerTimeToLiveCounts(onTheCommonPath: Bool) throws {
        let lab = try Lab()
        lab.worker.pointee.usesCommonPath = onTheCommonPath
        let frames = [[9, 7], [7, 9]].map { Self.frame([1060, 50_001], timesToLive: $0) }
        let left = lab.run(frames.map { (0, $0) }).compactMap(\.frame).map { $0[$0.count - Self.packet.count + 8] }
        #expect(left == [6, 6])
        let expired = [[1, 64], [64, 1]].map { Self.frame([1060, 50_001], timesToLive: $0) }
        _ = lab.run(expired.map { (0, $0) })
        #expect(lab.drops(.labelTTLExpired, counter: 1) == 2)
    }

    @Test(arguments: [true, false])
    func secondLabelSaysWhoMaySend(onTheCommonPath: Bool) throws {
        let lab = try Lab()
        lab.worker.pointee.usesCommonPath = onTheCommonPath
        let sources = [33, 3].map { LabPlan.neighborMAC(counter: $0) } + [[2, 0, 0, 0, 0, 9]]
        let frames = sources.map { Self.frame(nni: 2, [2010, 50_003], source: $0) }
        let verdicts = lab.run(frames.map { (LabPlan.nnis[2].port, $0) }).map(\.verdict)
        #expect(verdicts[2] == .drop(.foreignSourceMAC))
        #expect(!verdicts.prefix(2).contains(.drop(.foreignSourceMAC)))
    }

    @Test func bothLabelsAreFollowedThroughTheTables() throws {
        let lab = try Lab()
        let explanation = try Explanation.of(
            frame: Self.frame([1060, 50_001]), arrivingOn: 0, tables: lab.writer.reader)
        let nni = try #require(lab.interfaces[1])
        let outer = lab.writer.reader.interfaces[Int(nni)].label_first + 60
        let inner = try #require(lab.contextTables[1]?[1060]) + 1
        let unit = try #require(lab.interfaces[11])
        #expect(
            explanation.steps.first { $0.stage == .labelCheck }?.entries
                == [.labelEntry(outer), .labelEntry(inner), .interface(unit), .vrf(1)])
        #expect(explanation.path == .common)
        #expect(explanation.output == lab.run([(0, Self.frame([1060, 50_001]))]).compactMap(\.frame))
    }

    /// A larger table takes the place of one under traffic: each packet meets one of the two, or none.
    @Test func noPacketMeetsAMixtureOfTwoTables() throws {
        let lab = try Lab()
        let reader = lab.writer.reader
        let nni = try #require(lab.interfaces[1])
        let place = reader.interfaces[Int(nni)].label_first + 60
        let (one, two) = (
            reader.labelEntry(1001, on: reader.interfaces + Int(nni)),
            reader.labelEntry(1002, on: reader.interfaces + Int(nni))
        )
        let words =
            try [one, two].map { unit in
                let first = try lab.writer.labels.addTable(count: 4)
                try lab.writer.labels.setEntry(first + 1, to: unit)
                return ContextEntry(table: try lab.writer.labels.addContext(base: 50_000, count: 4, first: first)).entry
            } + [ContextEntry(table: 0).entry]
        let frame = (port: UInt16(0), octets: Self.frame([1060, 50_001]))
        var expected: Set<[UInt8]> = []
        for word in words {
            try lab.writer.labels.setEntry(place, to: word)
            expected.formUnion(lab.run([frame]).map { $0.frame ?? [] })
        }
        #expect(expected.count == 3 && expected.contains([]))
        let found = lab.outcomes(of: frame, expecting: expected, whileStoring: words) {
            try $0.labels.setEntry(place, to: $1)
        }
        #expect(found == expected)
    }

    @Test func entryNamesNothingThatIsNotThere() throws {
        let lab = try Lab()
        #expect(throws: TablesError.outOfRange(.contextTables)) {
            try lab.writer.labels.setEntry(1, to: ContextEntry(table: 0xFF_FFFF).entry)
        }
        let end = UInt32(lab.writer.reader.header.pointee.label_entries.count)
        #expect(throws: TablesError.outOfRange(.labelEntries)) {
            try lab.writer.labels.addContext(base: 16, count: 2, first: end - 1)
        }
        let entry = ContextEntry(table: 0x1234_5678)
        #expect(ContextEntry(entry.entry) == entry)
        #expect(ContextEntry(stile_label_entry()) == nil && PopEntry(entry.entry) == nil)
        #expect(SwapEntry(entry.entry) == nil && ContextEntry(SwapEntry.withdrawn.entry) == nil)
    }
}
