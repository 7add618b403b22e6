import CTableLayout
import Pipeline
import Testing

/// Frames with labels on the circuit of a customer that is a carrier itself: what counts where, and what an operator is told. Every
/// rule is in `IsolationTests`.
@Suite struct CarrierTests {
    private static let packet = PacketBuilder.ipv4(source: 0x0A08_0808, destination: 0x0A09_0909)
    private static let circuit = LabPlan.carriers[0]

    private static func frame(
        _ stack: [UInt32], timeToLive: UInt32 = 64, packet: [UInt8] = packet, on link: LabPlan.NNI = circuit
    ) -> (port: UInt16, octets: [UInt8]) {
        let entries = stack.enumerated().flatMap { place, label in
            PacketBuilder.octets(label << 12 | (place == stack.count - 1 ? 0x100 : 0) | timeToLive)
        }
        return (link.port, PacketBuilder.frame(on: link, etherType: [0x88, 0x47], payload: entries + packet))
    }

    @Test(arguments: [true, false])
    func labelledPacketsCountOnTheirCircuits(onTheCommonPath: Bool) throws {
        let lab = try Lab()
        lab.worker.pointee.usesCommonPath = onTheCommonPath
        let outcomes = lab.run([
            Self.frame([501]), Self.frame([501, 77, 78, 79]), Self.frame([3020, 77], on: LabPlan.nnis[3]),
        ])
        #expect(outcomes.map(\.verdict) == [.transmit(port: 5), .transmit(port: 5), .transmit(port: 4)])
        #expect(lab.counters[47].rx_packets == 2 && lab.counters[47].tx_packets == 1)
        #expect(lab.kept(counter: 47).packets == 0)
        // One label of its own takes the place, and what is below stays.
        #expect(
            outcomes[2].frame?.suffix(8 + Self.packet.count).prefix(8) == [0x05, 0xDC, 0x10, 63, 0, 0x04, 0xD1, 64])
    }

    @Test func eachRefusalHasItsReason() throws {
        let lab = try Lab()
        let refused: [([UInt32], DropReason)] = [
            ([504, 77], .labelWithdrawn), ([510], .labelNotValidHere), ([1001], .labelNotValidHere),
            ([3020, 77], .labelStackDepth), ([501, 77, 78, 79, 80], .labelStackDepth), ([0, 501], .labelStackDepth),
            ([3], .labelReserved), ([501, 0], .labelReserved), ([501, 7], .labelReserved),
            ([505, 77], .transitNotAllowed),
        ]
        for (stack, reason) in refused {
            #expect(lab.run([Self.frame(stack)]).map(\.verdict) == [.drop(reason)], "\(stack)")
            #expect(lab.drops(reason, counter: 47) > 0)
        }
        // An entropy label with its indicator is among those that may be below.
        #expect(lab.run([Self.frame([501, 77, 7, 78])]).map(\.verdict) == [.transmit(port: 5)])
        // On another circuit of the same VRF nothing has a label.
        let other = PacketBuilder.circuitFrame(counter: 41, packet: Self.packet)
        var labelled = other
        labelled.replaceSubrange(12..<14, with: [0x88, 0x47])
        #expect(lab.run([(2, labelled)]).map(\.verdict) == [.drop(.etherTypeNotAccepted)])
    }

    @Test func packetsWithoutALabelAreTheVRFs() throws {
        let lab = try Lab()
        let packet = PacketBuilder.ipv4(source: 0x0A07_0909, destination: 0x0A01_0005)
        let outcomes = lab.run([(4, PacketBuilder.circuitFrame(counter: 47, packet: packet))])
        #expect(outcomes.map(\.verdict) == [.transmit(port: 2)])
        #expect(lab.counters[41].tx_packets == 1)
    }

    /// The record's 1,500 octets are those of a packet under one label: the circuit's own MTU is 1,496.
    @Test(arguments: [true, false])
    func withoutALabelNothingIsLongerThanTheCircuitSays(onTheCommonPath: Bool) throws {
        let core = LabPlan.nnis[3]
        func packet(_ length: Int) -> [UInt8] {
            PacketBuilder.ipv4(
                source: 0x0A08_0808, destination: 0x0A09_0909, fragment: 0x4000,
                payload: [UInt8](repeating: 7, count: length - 20))
        }
        for (stack, most) in [([3021], 1496), ([3021, 77], 1500), ([3020], 1500)] as [([UInt32], Int)] {
            let lab = try Lab()
            lab.worker.pointee.usesCommonPath = onTheCommonPath
            let outcomes = lab.run([
                Self.frame(stack, packet: packet(most), on: core),
                Self.frame(stack, packet: packet(most + 1), on: core),
            ])
            #expect(outcomes.map(\.verdict) == [.transmit(port: 4), .drop(.fragmentationNeeded)], "\(stack)")
            // RFC 1191 §4: behind 18 octets of Ethernet with a tag, 20 of IP and six of ICMP the error says how long it may be.
            guard most == 1496 else { continue }
            #expect(Array(try #require(lab.pool.transmitted.last).octets[44..<46]) == [0x05, 0xD8])
        }
    }

    @Test func anErrorGoesOnAlongTheLabels() throws {
        let lab = try Lab()
        let outcomes = lab.run([Self.frame([501, 77], timeToLive: 1)])
        #expect(outcomes.map(\.verdict) == [.drop(.labelTTLExpired)])
        #expect(lab.pool.transmitted.map(\.port) == [5] && lab.kept(counter: 47).packets == 1)
    }

    @Test func aSwapOnACircuitIsFollowedThroughTheTables() throws {
        let lab = try Lab()
        let (port, frame) = Self.frame([501, 77])
        let explanation = try Explanation.of(frame: frame, arrivingOn: port, tables: lab.writer.reader)
        let circuit = try #require(lab.interfaces[47])
        let nextHop = try #require(lab.nextHops[Lab.nextHopName("sCore", .ipv4)])
        let entry = lab.writer.reader.interfaces[Int(circuit)].label_first + 1
        #expect(explanation.steps.map(\.stage) == [.ingress, .labelCheck, .imposition])
        #expect(
            explanation.steps.map { $0.entries.first } == [
                .interface(circuit), .labelEntry(entry), lab.wayOut(nextHop),
            ])
        #expect(explanation.verdict == .transmit(port: 5) && explanation.path == .stages)
    }
}
