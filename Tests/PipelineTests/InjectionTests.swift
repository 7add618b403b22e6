import CTableLayout
import Pipeline
import Testing

/// Packets from the control process: as they are, in the VRF that they are given.
@Suite struct InjectionTests {
    @Test func packetLeavesWithItsTimeToLive() throws {
        let lab = try Lab()
        let packet = PacketBuilder.ipv4(source: 0x0A01_0001, destination: 0x0A01_0009, timeToLive: 1)
        let outcome = try #require(lab.inject([(1, packet)]).first)
        #expect(outcome.verdict == .transmit(port: 2))
        #expect(outcome.frame.map { Array($0.dropFirst(14)) } == packet)
    }

    @Test func packetIsForwardedInItsOwnVRF() throws {
        let lab = try Lab()
        let packet = PacketBuilder.ipv4(source: 0x0A01_0001, destination: 0x0A01_0009)
        #expect(
            lab.inject([(1, packet), (2, packet), (3, packet)]).map(\.verdict) == [
                .transmit(port: 2), .transmit(port: 3), .transmit(port: 3),
            ])
    }

    @Test func packetLeavesByAnNNIWithTheLabelOfItsVRF() throws {
        let lab = try Lab()
        let packet = PacketBuilder.ipv4(source: 0x0A01_0001, destination: 0x0A03_0009, timeToLive: 9)
        let outcome = try #require(lab.inject([(1, packet)]).first)
        #expect(outcome.frame.map { Array($0[14..<18]) } == PacketBuilder.octets(5001 << 12 | 0x100 | 9))
    }

    @Test func heldPacketOfAnNNILeavesByAnNNIOnlyWithTransit() throws {
        let lab = try Lab()
        let packet = PacketBuilder.ipv4(source: 0x0A01_0001, destination: 0x0A03_0009, timeToLive: 9)
        let flags = PacketFlags.cameLabelled.with(.mayTransit)
        let verdicts = lab.inject([(1, packet), (2, packet)], flags: flags).map(\.verdict)
        #expect(verdicts == [.drop(.transitNotAllowed), .transmit(port: 0)])
        // The VRF that it came in by has none.
        #expect(lab.inject([(2, packet)], flags: .cameLabelled).first?.verdict == .drop(.transitNotAllowed))
        let toCircuit = PacketBuilder.ipv4(source: 0x0A01_0001, destination: 0x0A01_0009)
        #expect(lab.inject([(1, toCircuit)], flags: .cameLabelled).first?.verdict == .transmit(port: 2))
    }

    @Test func heldPacketOfTheCoreGoesAnywhereButBack() throws {
        let lab = try Lab()
        let flags = PacketFlags.cameLabelled.with(.heldFromCore)
        func packet(_ destination: UInt32) -> [UInt8] {
            PacketBuilder.ipv4(source: 0x0A01_0001, destination: destination, timeToLive: 9)
        }
        let (toNNI, toCore, toCircuit) = (packet(0x0A03_0009), packet(0x0A04_0009), packet(0x0A01_0009))
        #expect(
            lab.inject([(1, toNNI), (1, toCore), (1, toCircuit)], flags: flags).map(\.verdict) == [
                .transmit(port: 0), .drop(.coreToCore), .transmit(port: 2),
            ])
        #expect(lab.inject([(1, toCore)], flags: .cameLabelled).first?.verdict == .transmit(port: 5))
    }

    @Test func heldPacketOfAnNNIGoesToAnotherBordersOnlyWithTransit() throws {
        let lab = try Lab()
        func packet(_ destination: UInt32) -> [UInt8] {
            PacketBuilder.ipv4(source: 0x0A01_0001, destination: destination, timeToLive: 9)
        }
        let toBorder = packet(0x0A04_0809)
        #expect(lab.inject([(1, toBorder)], flags: .cameLabelled).first?.verdict == .drop(.transitNotAllowed))
        #expect(lab.inject([(1, toBorder)]).first?.verdict == .transmit(port: 5))
        let transit = PacketFlags.cameLabelled.with(.mayTransit)
        #expect(lab.inject([(2, packet(0x0A05_0809))], flags: transit).first?.verdict == .transmit(port: 5))
        #expect(
            lab.inject([(1, toBorder)], flags: .cameLabelled.with(.heldFromCore)).first?.verdict == .drop(.coreToCore))
    }

    @Test func packetWithoutARouteCausesNoError() throws {
        let lab = try Lab()
        let packet = PacketBuilder.ipv4(source: 0x0A01_0001, destination: 0xAC10_0001)
        #expect(lab.inject([(1, packet)]).first?.verdict == .drop(.noRoute))
    }

    @Test func malformedPacketIsDropped() throws {
        let lab = try Lab()
        #expect(lab.inject([(1, [0x45, 0, 0])]).first?.verdict == .drop(.ipHeaderTruncated))
        #expect(lab.drops(.ipHeaderTruncated, counter: 0) == 1)
    }

    @Test func heldPacketOfAResolvedNextHopHasLostOneHop() throws {
        let lab = try Lab()
        let packet = PacketBuilder.ipv4(source: 0x0A01_004D, destination: 0x0A01_0909, timeToLive: 9)
        let arrival = lab.run([(3, PacketBuilder.circuitFrame(counter: 42, packet: packet))])
        let held = try #require(arrival.first?.punt)
        #expect(arrival.first?.verdict == .punt(.glean))
        #expect(held.octets[8] == 8)
        let resolved = try #require(lab.nextHops[Lab.nextHopName("c41", .ipv4)])
        let unresolved = try #require(lab.nextHops[Lab.nextHopName("glean", .ipv4)])
        try lab.writer.nextHops.set(unresolved, to: lab.writer.reader.nextHop(resolved))
        let outcome = try #require(lab.inject([(held.vrf, held.octets)]).first)
        #expect(outcome.frame.map { Array($0.dropFirst(14)) } == held.octets)
    }
}
