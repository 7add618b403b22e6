import CTableLayout
import Pipeline
import Testing

@Suite struct CountingTests {
    private let labelled = PacketBuilder.labelledFrame(
        nni: 0, label: 1001, packet: PacketBuilder.ipv4(source: 0x0A03_0009, destination: 0x0A01_0009))

    @Test func labelledPacketCountsOnNNIUnitAndCircuit() throws {
        let lab = try Lab()
        _ = lab.run([(0, labelled), (0, labelled)])
        for counter in [1, 11] {
            #expect(lab.counters[counter].rx_packets == 2)
            #expect(lab.counters[counter].rx_bytes == UInt64(2 * labelled.count))
        }
        #expect(lab.counters[41].tx_packets == 2)
        #expect(lab.counters[41].tx_bytes == UInt64(2 * (labelled.count - 4)))
    }

    @Test func packetTowardsTheNNICountsOnUnitAndNNI() throws {
        let lab = try Lab()
        let packet = PacketBuilder.ipv4(source: 0x0A01_004D, destination: 0x0A03_0009)
        _ = lab.run([(2, PacketBuilder.circuitFrame(counter: 41, packet: packet))])
        #expect(lab.counters[11].tx_packets == 1)
        #expect(lab.counters[1].tx_packets == 1)
        #expect(lab.counters[1].tx_bytes == UInt64(packet.count + 18))
        #expect(lab.counters[12].tx_packets == 0)
    }

    @Test func whatComesInIsWhatUnitsGotAndWhatWasDropped() throws {
        let lab = try Lab()
        let invalid = PacketBuilder.labelledFrame(nni: 0, label: 1009, packet: [])
        _ = lab.run([(0, labelled), (0, invalid), (0, labelled)])
        #expect(lab.counters[1].rx_packets == lab.counters[11].rx_packets + lab.drops(.labelNotValidHere, counter: 1))
    }

    @Test func stagesAccountTheirPackets() throws {
        let lab = try Lab()
        _ = lab.run([(0, labelled), (0, labelled)])
        func packets(_ stage: Stage) -> UInt64 {
            withUnsafeBytes(of: lab.statistics.pointee.stage_packets) {
                $0.load(fromByteOffset: Int(stage.rawValue) * 8, as: UInt64.self)
            }
        }
        #expect([Stage.ingress, .labelCheck, .imposition].map(packets) == [2, 2, 2])
        #expect([Stage.services, .errorReport, .flowMetering].map(packets) == [0, 0, 0])
        #expect([Stage.receive, .spread, .transmit].map(packets) == [0, 0, 0], "the owner of the ports counts those")
        #expect(lab.statistics.pointee.stage_cycles.2 > 0)
    }

    /// The owner of the ports clocks what it does in the bursts whose stages are clocked: one in 64, the first of them.
    @Test func theOwnersStagesAreClockedWithTheOthers() throws {
        let lab = try Lab()
        var clocked: [Int] = []
        for burst in 0..<130 {
            if lab.worker.pointee.isNextBurstClocked { clocked.append(burst) }
            _ = lab.run([(0, labelled)])
        }
        #expect(clocked == [0, 64, 128])
        var clock: UInt64 = 0
        lab.worker.pointee.countStage(.receive, since: &clock, packets: 7)
        #expect(lab.statistics.pointee.stage_packets.0 == 7)
        #expect(lab.statistics.pointee.stage_cycles.0 == clock && clock > 0)
    }

    @Test func numbersOfClassesAndStagesAreTheSharedMemoryContract() {
        #expect(
            PuntClass.allCases.map { UInt32($0.rawValue) } == [
                STILE_PUNT_ARP.rawValue, STILE_PUNT_NEIGHBOR_DISCOVERY.rawValue, STILE_PUNT_BGP.rawValue,
                STILE_PUNT_ICMP.rawValue, STILE_PUNT_RECEIVE.rawValue, STILE_PUNT_GLEAN.rawValue,
                STILE_PUNT_BFD.rawValue,
            ])
        #expect(Stage.allCases.map { Int($0.rawValue) } == Array(0..<Stage.allCases.count))
        #expect(Stage.allCases.count <= Int(STILE_MAX_STAGES))
        #expect(Set(Stage.allCases.map(\.identifier)).count == Stage.allCases.count)
        #expect(Set(PuntClass.allCases.map(\.identifier)).count == PuntClass.allCases.count)
    }
}
