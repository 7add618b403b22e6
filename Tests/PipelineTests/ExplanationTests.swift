import Pipeline
import Testing

@Suite struct ExplanationTests {
    @Test func labelledPacketIsFollowedThroughTheTables() throws {
        let lab = try Lab()
        let packet = PacketBuilder.ipv4(source: 0x0A03_0009, destination: 0x0A01_0009)
        let frame = PacketBuilder.labelledFrame(nni: 0, label: 1001, packet: packet)
        let explanation = try Explanation.of(frame: frame, arrivingOn: 0, tables: lab.writer.reader)
        let nni = try #require(lab.interfaces[1])
        let unit = try #require(lab.interfaces[11])
        let nextHop = try #require(lab.nextHops[Lab.nextHopName("c41", .ipv4)])
        let adjacency = lab.wayOut(nextHop)
        let entry = lab.writer.reader.interfaces[Int(nni)].label_first + 1
        #expect(
            explanation.steps.map(\.stage) == [.ingress, .labelCheck, .admission, .lookup, .departure, .imposition])
        #expect(
            explanation.steps.map(\.entries) == [
                [.interface(nni)], [.labelEntry(entry), .interface(unit), .vrf(1)], [.vrf(1)],
                [.vrf(1), .nextHop(nextHop), adjacency], [adjacency], [adjacency],
            ])
        #expect(explanation.steps.dropLast().allSatisfy { $0.decision == .passed })
        #expect(explanation.steps.last?.decision == .transmitted(port: 2))
        #expect(explanation.output == lab.run([(0, frame)]).compactMap(\.frame))
        #expect(explanation.answer == nil)
        #expect(explanation.path == .common)
    }

    @Test func theStageThatDropsIsTheLast() throws {
        let lab = try Lab()
        let frame = PacketBuilder.labelledFrame(nni: 0, label: 1030, packet: [])
        let explanation = try Explanation.of(frame: frame, arrivingOn: 0, tables: lab.writer.reader)
        #expect(explanation.steps.last?.stage == .labelCheck)
        #expect(explanation.steps.last?.decision == .dropped(.labelNotValidHere))
        #expect(explanation.verdict == .drop(.labelNotValidHere))
        #expect(explanation.output.isEmpty)
        #expect(explanation.path == .stages)
    }

    @Test func icmpErrorHasStepsOfItsOwn() throws {
        let lab = try Lab()
        let packet = PacketBuilder.ipv4(source: 0x0A01_004D, destination: 0x0A02_0009, timeToLive: 1)
        let frame = PacketBuilder.circuitFrame(counter: 41, packet: packet)
        let explanation = try Explanation.of(frame: frame, arrivingOn: 2, tables: lab.writer.reader)
        #expect(explanation.verdict == .drop(.ipTTLExpired))
        #expect(explanation.path == .commonIngress)
        #expect(explanation.steps.last?.decision == .dropped(.ipTTLExpired))
        #expect(explanation.answerSteps.map(\.stage) == [.errorReport, .lookup, .departure, .imposition])
        #expect(explanation.answer == lab.run([(2, frame)]).first?.frame)
    }

    @Test func puntAndFragmentsAreExplained() throws {
        let lab = try Lab()
        let ping = PacketBuilder.ipv4(source: 0x0A01_004D, destination: 0x0A01_0001)
        let large = PacketBuilder.ipv4(
            source: 0x0A01_004D, destination: 0x0A03_0001, payload: [UInt8](repeating: 0, count: 1_480))
        let tables = lab.writer.reader
        let punt = try Explanation.of(
            frame: PacketBuilder.circuitFrame(counter: 41, packet: ping), arrivingOn: 2, tables: tables)
        #expect(punt.steps.last?.decision == .punted(.receive))
        let fragmented = try Explanation.of(
            frame: PacketBuilder.circuitFrame(counter: 41, packet: large), arrivingOn: 2, tables: tables)
        #expect(fragmented.steps.last?.decision == .fragmented)
        #expect(fragmented.output.count == 2)
    }

    @Test func everyPrefixOfAFrameIsExplained() throws {
        let lab = try Lab()
        let frame = PacketBuilder.labelledFrame(
            nni: 0, label: 1001, packet: PacketBuilder.ipv4(source: 0x0A03_0009, destination: 0x0A01_0009))
        for count in 0..<frame.count {
            let explanation = try Explanation.of(
                frame: Array(frame.prefix(count)), arrivingOn: 0, tables: lab.writer.reader)
            #expect(explanation.output.isEmpty)
        }
    }

    @Test func nothingIsCounted() throws {
        let lab = try Lab()
        _ = try Explanation.of(frame: [1, 2, 3], arrivingOn: 0, tables: lab.writer.reader)
        #expect(lab.drops(.frameTooShort, counter: 0) == 0)
    }

    @Test func portAndLengthOutOfRangeAreRefused() throws {
        let lab = try Lab()
        let tables = lab.writer.reader
        #expect(throws: Explanation.Failure.portOutOfRange) {
            try Explanation.of(frame: [], arrivingOn: 64, tables: tables)
        }
        #expect(throws: Explanation.Failure.frameTooLong) {
            try Explanation.of(frame: [UInt8](repeating: 0, count: 20_000), arrivingOn: 0, tables: tables)
        }
    }
}
