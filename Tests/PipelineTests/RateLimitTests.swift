import CTableLayout
import Pipeline
import Testing

@Suite struct RateLimitTests {
    /// With 1,000 cycles a second and 10 packets a second, a packet costs 100 cycles and a full bucket holds eight.
    private func slowLab() throws -> Lab {
        let lab = try Lab()
        lab.setRates(punt: 10, icmp: 10, cyclesPerSecond: 1_000)
        return lab
    }

    private let arp: [UInt8] =
        [255, 255, 255, 255, 255, 255] + LabPlan.neighborMAC(counter: 41) + [8, 6, 0, 1, 8, 0, 6, 4, 0, 1]
        + [UInt8](repeating: 0, count: 40)

    private func punted(_ outcomes: [Lab.Outcome]) -> Int { outcomes.count { $0.punt != nil } }

    @Test func puntsOfAClassStopAtItsRateAndGoOnWithTime() throws {
        let lab = try slowLab()
        let frames = [(port: UInt16, octets: [UInt8])](repeating: (2, arp), count: 20)
        #expect(punted(lab.run(frames, cycles: 1)) == 8)
        #expect(lab.drops(.puntRateExceeded, counter: 41) == 12)
        #expect(punted(lab.run(frames, cycles: 100)) == 0)
        #expect(punted(lab.run(frames, cycles: 301)) == 3)
        #expect(punted(lab.run(frames, cycles: 1_000_000)) == 8)
        #expect(lab.statistics.pointee.punted.0 == 19)
    }

    @Test func classesDoNotShareARate() throws {
        let lab = try slowLab()
        _ = lab.run([(port: UInt16, octets: [UInt8])](repeating: (2, arp), count: 20))
        let packet = PacketBuilder.ipv4(source: 0x0A01_004D, destination: 0x0A01_0001)
        let outcomes = lab.run([(2, PacketBuilder.circuitFrame(counter: 41, packet: packet))])
        #expect(outcomes.first?.verdict == .punt(.receive))
    }

    private func request(counter: UInt16, sender: [UInt8], from mac: [UInt8]) -> [UInt8] {
        [255, 255, 255, 255, 255, 255] + mac + [8, 6, 0, 1, 8, 0, 6, 4, 0, 1] + mac + sender
            + [0, 0, 0, 0, 0, 0, 10, 1, 0, 1]
    }

    @Test func `a flood on one interface takes nothing from another`() throws {
        let lab = try slowLab()
        let flood = [(port: UInt16, octets: [UInt8])](repeating: (2, arp), count: 60)
        let other = request(counter: 42, sender: [10, 1, 0, 99], from: LabPlan.neighborMAC(counter: 42))
        for _ in 0..<20 {
            #expect(
                lab.run(flood + [(3, other)]).last?.verdict == .punt(.arp)
                    || lab.drops(.puntRateExceeded, counter: 42) > 0)
        }
        #expect(lab.drops(.puntRateExceeded, counter: 42) == 12)
        #expect(lab.drops(.puntRateExceeded, counter: 41) == 20 * 60 - 8)
    }

    @Test func `floods on many interfaces are bounded by a sum`() throws {
        let lab = try Lab()
        lab.setRates(punt: 10, sum: 10, icmp: 10, cyclesPerSecond: 1_000)
        let other = request(counter: 42, sender: [10, 1, 0, 99], from: LabPlan.neighborMAC(counter: 42))
        let frames =
            [(port: UInt16, octets: [UInt8])](repeating: (2, arp), count: 5)
            + [(port: UInt16, octets: [UInt8])](repeating: (3, other), count: 5)
        #expect(punted(lab.run(frames)) == 8)
    }

    @Test func icmpErrorsAreLimitedPerInterface() throws {
        let lab = try slowLab()
        let packet = PacketBuilder.ipv4(source: 0x0A01_004D, destination: 0x0A02_0009, timeToLive: 1)
        let first = PacketBuilder.circuitFrame(counter: 41, packet: packet)
        let second = PacketBuilder.circuitFrame(counter: 42, packet: packet)
        let frames = [(port: UInt16, octets: [UInt8])](repeating: (2, first), count: 20) + [(3, second)]
        let outcomes = lab.run(frames)
        #expect(outcomes.count { $0.verdict == .transmit(port: 2) } == 9)
        #expect(outcomes.last?.verdict == .transmit(port: 2))
        #expect(lab.drops(.ipTTLExpired, counter: 41) == 20)
    }

    @Test func unreachableNextHopIsProbedOnceASecond() throws {
        let lab = try slowLab()
        let packet = PacketBuilder.ipv4(source: 0x0A01_004D, destination: 0x0A08_0001)
        let frames = [(port: UInt16, octets: [UInt8])](
            repeating: (2, PacketBuilder.circuitFrame(counter: 41, packet: packet)), count: 3)
        #expect(punted(lab.run(frames, cycles: 1)) == 1)
        #expect(punted(lab.run(frames, cycles: 999)) == 0)
        #expect(punted(lab.run(frames, cycles: 1_001)) == 1)
    }

    @Test func nothingIsPuntedBeforeARateIsSet() throws {
        let lab = try slowLab()
        lab.setRates(punt: 0, icmp: 0, cyclesPerSecond: 1_000)
        #expect(punted(lab.run([(2, arp)], cycles: 5_000_000)) == 0)
    }
}
