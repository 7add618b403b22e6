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

    /// Whatever ends a packet before its way out, and whichever service, on the way in or out: the customer whose it is is
    /// not charged for it.
    @Test func whatIsDroppedOrForTheBoxIsKept() throws {
        let lab = try Lab()
        try lab.install(ServicePlan(services: [42: .init(ipv4Out: [.init(permits: false)])]))
        func frame(_ destination: UInt32, timeToLive: UInt8 = 64, bytes: Int = 30) -> (UInt16, [UInt8]) {
            let packet = PacketBuilder.ipv4(
                source: 0x0A01_004D, destination: destination, timeToLive: timeToLive,
                payload: [UInt8](repeating: 1, count: bytes))
            // Padding counts as it does where the frame is counted as received.
            return (2, PacketBuilder.circuitFrame(counter: 41, packet: packet) + [0, 0])
        }
        let forwarded = [frame(0x0A03_0009), frame(0x0A03_0001, bytes: 1480)]
        let arp: [UInt8] =
            [255, 255, 255, 255, 255, 255] + LabPlan.neighborMAC(counter: 41) + [8, 6, 0, 1, 8, 0, 6, 4, 0, 1]
            + [UInt8](repeating: 0, count: 40)
        let kept = [
            frame(0xAC10_0001), frame(0x0A09_0001), frame(0xE000_0005), frame(0x0A03_0009, timeToLive: 1),
            frame(0x0A02_0009), frame(0x0A01_0001), frame(0x0A01_0909), (2, arp),
        ]
        _ = lab.run(forwarded + kept)
        #expect(lab.kept(counter: 41).packets == kept.count)
        #expect(lab.kept(counter: 41).bytes == kept.map(\.1.count).reduce(0, +))
        #expect(lab.counters[41].rx_packets == UInt64(forwarded.count + kept.count))
        #expect([11, 42, 1].map { lab.kept(counter: $0).packets } == [0, 0, 0])
        // Two errors went back, about the missing route and the TTL, and nobody pays for those either.
        #expect(lab.counters[41].tx_packets == 2)
        #expect(lab.own(counter: 41).packets == 2)
        #expect(lab.own(counter: 41).bytes == Int(lab.counters[41].tx_bytes))
        #expect(lab.own(counter: 11).packets == 0)
    }

    @Test func whatTheLabelCheckDropsIsTheNNIs() throws {
        let lab = try Lab()
        let expired = PacketBuilder.labelledFrame(
            nni: 0, label: 1001, timeToLive: 1,
            packet: PacketBuilder.ipv4(source: 0x0A03_0009, destination: 0x0A01_0009))
        let unrouted = PacketBuilder.labelledFrame(
            nni: 0, label: 1001, packet: PacketBuilder.ipv4(source: 0x0A03_0009, destination: 0xAC10_0001))
        _ = lab.run([(0, expired), (0, labelled), (0, unrouted)])
        #expect(lab.kept(counter: 1).packets == 1)
        #expect(lab.kept(counter: 11).packets == 1)
        #expect(lab.kept(counter: 11).bytes == unrouted.count)
        #expect(lab.counters[11].rx_packets == 2)
    }

    @Test func injectedPacketsAreKeptByNobody() throws {
        let lab = try Lab()
        let packets = [0x0A01_0009, 0xAC10_0001, 0x0A01_0909].map {
            (vrf: UInt16(1), octets: PacketBuilder.ipv4(source: 0x0A01_0001, destination: $0))
        }
        _ = lab.inject(packets, flags: .saidByTheBox, becauseOf: 11)
        #expect(lab.kept(counter: 11).packets == 0)
        #expect(lab.own(counter: 41).packets == 1)
        // One that was held is a customer's.
        _ = lab.inject(packets, becauseOf: 11)
        #expect(lab.kept(counter: 11).packets == 0)
        #expect(lab.own(counter: 41).packets == 1)
        #expect(lab.counters[41].tx_packets == 2)
    }

    @Test func stagesAccountTheirPackets() throws {
        for usesCommonPath in [true, false] {
            let lab = try Lab()
            lab.worker.pointee.usesCommonPath = usesCommonPath
            // The label's TTL ends here, which the common path leaves to the stages.
            let expired = PacketBuilder.labelledFrame(
                nni: 0, label: 1001, timeToLive: 1,
                packet: PacketBuilder.ipv4(source: 0x0A03_0009, destination: 0x0A01_0009))
            _ = lab.run([(0, labelled), (0, expired), (0, labelled)])
            let statistics = lab.statistics.pointee
            let (numbers, cycles) = withUnsafeBytes(of: statistics.stage_packets) { packets in
                withUnsafeBytes(of: statistics.stage_cycles) { cycles in
                    (Array(packets.bindMemory(to: UInt64.self)), Array(cycles.bindMemory(to: UInt64.self)))
                }
            }
            func packets(_ stages: [Stage]) -> [UInt64] { stages.map { numbers[Int($0.rawValue)] } }
            let common: [Stage] = [.commonIngress, .commonDeparture]
            let stages: [Stage] = [.ingress, .labelCheck, .admission, .departure, .imposition]
            // The error about it has its own way from the lookup on.
            #expect(packets(common) == (usesCommonPath ? [3, 3] : [0, 0]))
            #expect(packets(stages) == (usesCommonPath ? [1, 1, 0, 1, 1] : [3, 3, 2, 3, 3]))
            #expect(packets([.lookup, .errorReport, .services, .flowMetering]) == [3, 1, 0, 0])
            #expect(packets([.receive, .spread, .transmit]) == [0, 0, 0], "the owner of the ports counts those")
            #expect(cycles[Int(Stage.lookup.rawValue)] > 0)
        }
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
                STILE_PUNT_BFD.rawValue, STILE_PUNT_HOST_DEVICE.rawValue,
            ])
        #expect(Stage.allCases.map { Int($0.rawValue) } == Array(0..<Stage.allCases.count))
        #expect(Stage.allCases.count <= Int(STILE_MAX_STAGES))
        #expect(Set(Stage.allCases.map(\.identifier)).count == Stage.allCases.count)
        #expect(Set(PuntClass.allCases.map(\.identifier)).count == PuntClass.allCases.count)
    }
}
