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

    private func request(sender: [UInt8], from mac: [UInt8]) -> [UInt8] {
        [255, 255, 255, 255, 255, 255] + mac + [8, 6, 0, 1, 8, 0, 6, 4, 0, 1] + mac + sender
            + [0, 0, 0, 0, 0, 0, 10, 1, 0, 1]
    }

    @Test func `a flood on one interface takes nothing from another`() throws {
        let lab = try slowLab()
        let flood = [(port: UInt16, octets: [UInt8])](repeating: (2, arp), count: 60)
        let other = request(sender: [10, 1, 0, 99], from: [2, 0, 0, 0, 9, 9])
        for _ in 0..<8 { #expect(lab.run(flood + [(4, other)]).last?.verdict == .punt(.arp)) }
        #expect(lab.drops(.puntRateExceeded, counter: 45) == 0)
        #expect(lab.drops(.puntRateExceeded, counter: 41) == 8 * 60 - 8)
        // Its own share ends as well.
        #expect(lab.run([(4, other)]).first?.punt == nil)
    }

    @Test func `a known neighbor is heard while strangers flood its interface`() throws {
        let lab = try slowLab()
        let host: [UInt8] = [10, 1, 0, 77]
        let known = request(sender: host, from: LabPlan.neighborMAC(counter: 41))
        let impostor = request(sender: host, from: [2, 0, 0, 0, 9, 9])
        let flood = [(port: UInt16, octets: [UInt8])](repeating: (2, arp), count: 60)
        #expect(lab.run(flood + [(2, known)]).last?.verdict == .punt(.arp))
        #expect(lab.run([(2, impostor)]).last?.punt == nil)
        let peer = request(sender: LabPlan.neighborIPv4, from: [2, 0, 0, 0, 9, 9])
        let port = LabPlan.nnis[0].port
        let floodOfNNI = flood.map { (port: port, octets: $0.octets) }
        #expect(lab.run(floodOfNNI + [(port, peer)]).last?.verdict == .punt(.arp))
        #expect(lab.run([(port, arp)]).last?.punt == nil)
    }

    /// The lab's first NNI answers echo requests from the whole subnets of its own addresses.
    @Test func `a subnet that may ping the box does not make its base address a configured neighbor`() throws {
        let lab = try slowLab()
        let port = LabPlan.nnis[0].port
        let stranger: [UInt8] = [2, 0, 0, 0, 9, 9]
        let base = request(sender: LabPlan.nniIPv4, from: stranger)
        #expect(punted(lab.run([(port: UInt16, octets: [UInt8])](repeating: (port, base), count: 60))) == 8)
        let allNodes: [UInt8] = [0xFF, 2] + [UInt8](repeating: 0, count: 13) + [1]
        let base6 =
            [0x33, 0x33, 0, 0, 0, 1] + stranger + [0x86, 0xDD, 0x60, 0, 0, 0, 0, 24, 58, 255] + LabPlan.nniIPv6
            + allNodes + [135, 0, 0, 0, 0, 0, 0, 0] + LabPlan.nniIPv6
        #expect(punted(lab.run([(port: UInt16, octets: [UInt8])](repeating: (port, base6), count: 60))) == 8)
    }

    @Test func `a known neighbor's advertisement is heard while strangers flood its interface`() throws {
        let lab = try slowLab()
        func advertisement(from mac: [UInt8]) -> [UInt8] {
            let target: [UInt8] = [0x20, 1, 0x0D, 0xB8, 0, 1] + [UInt8](repeating: 0, count: 9) + [0x77]
            let allNodes: [UInt8] = [0xFF, 2] + [UInt8](repeating: 0, count: 13) + [1]
            return [0x33, 0x33, 0, 0, 0, 1] + mac + [0x86, 0xDD, 0x60, 0, 0, 0, 0, 32, 58, 255] + target + allNodes
                + [136, 0, 0, 0, 0x20, 0, 0, 0] + target + [2, 1] + mac
        }
        let stranger = advertisement(from: [2, 0, 0, 0, 9, 9])
        let flood = [(port: UInt16, octets: [UInt8])](repeating: (2, stranger), count: 60)
        let known = advertisement(from: LabPlan.neighborMAC(counter: 41))
        let outcomes = lab.run(flood + [(2, known)])
        #expect(punted(outcomes) == 9)
        #expect(outcomes.last?.verdict == .punt(.neighborDiscovery))
    }

    /// Whoever makes the box answer hosts of another link that are not there uses up nothing of that link, nor of the
    /// box's other answers.
    @Test func `the box's answers to hosts that are not there use up the share of who made it answer`() throws {
        let lab = try slowLab()
        // The lab looks for hosts of 10.1.9.0/24 on circuit 41.
        let answer = PacketBuilder.ipv4(source: 0x0A01_0001, destination: 0x0A01_0909)
        func answers(_ count: Int, becauseOf counter: UInt16) -> [Lab.Outcome] {
            lab.inject(
                [(vrf: UInt16, octets: [UInt8])](repeating: (1, answer), count: count), flags: .saidByTheBox,
                becauseOf: counter)
        }
        let outcomes = answers(20, becauseOf: 45)
        #expect(punted(outcomes) == 8)
        #expect(lab.drops(.puntRateExceeded, counter: 45) == 12)
        #expect(outcomes.compactMap { $0.punt?.counter } == [UInt16](repeating: 45, count: 8))
        #expect(outcomes.compactMap { $0.punt?.isOwn } == [Bool](repeating: true, count: 8))
        #expect(punted(answers(20, becauseOf: 11)) == 8)
        let packet = PacketBuilder.circuitFrame(
            counter: 41, packet: PacketBuilder.ipv4(source: 0x0A01_004D, destination: 0x0A01_0909))
        let received = lab.run([(port: UInt16, octets: [UInt8])](repeating: (2, packet), count: 20))
        #expect(punted(received) == 8)
        #expect(received.compactMap { $0.punt?.isOwn }.allSatisfy { !$0 })
    }

    @Test func `a packet from the box's own address is not answered to itself`() throws {
        let lab = try slowLab()
        let answer = PacketBuilder.ipv4(source: 0x0A01_0001, destination: 0x0A01_0001)
        let outcome = lab.inject([(1, answer)], flags: .saidByTheBox, becauseOf: 41).first
        #expect(outcome?.verdict == .drop(.sourceAddressInvalid))
        #expect(lab.drops(.sourceAddressInvalid, counter: 41) == 1)
    }

    @Test func `floods on many interfaces are bounded by a sum`() throws {
        let lab = try Lab()
        lab.setRates(punt: 10, sum: 10, icmp: 10, cyclesPerSecond: 1_000)
        let other = request(sender: [10, 1, 0, 99], from: [2, 0, 0, 0, 9, 9])
        let frames =
            [(port: UInt16, octets: [UInt8])](repeating: (2, arp), count: 5)
            + [(port: UInt16, octets: [UInt8])](repeating: (4, other), count: 5)
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
