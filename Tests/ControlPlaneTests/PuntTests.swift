import Addressing
import CTableLayout
import ControlPlane
import ControlProtocol
import SeededRandom
import Testing

@Suite struct PuntTests {
    static let circuit = MACAddress(rawValue: 0x0200_0000_0011)

    /// The number of an interface in the tables.
    static func number(of name: String, in laboratory: Laboratory) async throws -> UInt16 {
        let tables = try laboratory.tables()
        for index in 1..<64 {
            let record = tables.reader.interfaces[index]
            let port = tables.reader.ports[Int(record.port)]
            let portName = withUnsafeBytes(of: port.name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if record.kind == UInt8(STILE_INTERFACE_ATTACHMENT_CIRCUIT.rawValue), portName == name {
                return record.counter
            }
        }
        throw ControlError(.noSuchObject, name)
    }

    static func arpReply(from sender: IPv4Address, to target: IPv4Address) -> [UInt8] {
        var frame = circuit.octets + Laboratory.customer.octets
        frame += [8, 6, 0, 1, 8, 0, 6, 4, 0, 2] + Laboratory.customer.octets + sender.octets
        return frame + circuit.octets + target.octets
    }

    /// An IPv4 header with a right checksum in front of a payload.
    static func packet(
        _ protocolNumber: UInt8, from source: IPv4Address, to destination: IPv4Address, payload: [UInt8]
    ) -> [UInt8] {
        var header: [UInt8] = [0x45, 0, 0, UInt8(20 + payload.count), 0, 0, 0, 0, 64, protocolNumber, 0, 0]
        header += source.octets + destination.octets
        let sum = stride(from: 0, to: 20, by: 2).reduce(0) { $0 + Int(header[$1]) << 8 + Int(header[$1 + 1]) }
        let checksum = ~UInt16(truncatingIfNeeded: (sum & 0xFFFF) + (sum >> 16))
        header[10] = UInt8(checksum >> 8)
        header[11] = UInt8(checksum & 0xFF)
        return header + payload
    }

    @Test func aPacketWaitsForItsNeighborAndThenGoes() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(LaboratoryConfiguration.first)
        let dataplane = try await laboratory.dataplane()
        let counter = try await Self.number(of: "ten1/1", in: laboratory)
        let waiting = Self.packet(17, from: IPv4Address(192, 0, 2, 99), to: IPv4Address(10, 1, 0, 7), payload: [1, 2])
        dataplane.punt(STILE_PUNT_GLEAN, counter: counter, vrf: 1, isFrame: false, waiting)
        var injected: [FakeDataplane.Injected] = []
        try await laboratory.eventually("an ARP request") {
            injected += dataplane.takeInjected()
            return injected.contains {
                $0.kind == UInt16(STILE_INJECT_TRANSMIT.rawValue) && $0.data.count == 60
                    && $0.data[38..<42] == [10, 1, 0, 7]
            }
        }
        dataplane.punt(
            STILE_PUNT_ARP, counter: counter, isFrame: true,
            Self.arpReply(from: IPv4Address(10, 1, 0, 7), to: IPv4Address(10, 1, 0, 1)))
        injected = []
        try await laboratory.eventually("the packet") {
            injected += dataplane.takeInjected()
            return injected.contains { $0.kind == UInt16(STILE_INJECT_FORWARD.rawValue) }
        }
        let forwarded = try #require(injected.first { $0.kind == UInt16(STILE_INJECT_FORWARD.rawValue) })
        #expect(forwarded.vrf == 1)
        #expect(forwarded.data == waiting)
        // And from now on the tables know the way: by ten1/1, to the neighbor's address.
        let explanation = try await laboratory.explain(
            ExplainPacket(interface: "ten1/1", source: IPAddress("10.1.0.8")!, destination: IPAddress("10.1.0.7")!))
        #expect(explanation.verdict == .forwarded)
        #expect(explanation.egressInterface == "ten1/1")
        await laboratory.stop()
    }

    /// Three ARP requests go unanswered; then the sender is told, and `show drops` has the packet.
    @Test func theSenderLearnsThatANeighborDoesNotAnswer() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(LaboratoryConfiguration.first)
        let dataplane = try await laboratory.dataplane()
        let counter = try await Self.number(of: "ten1/1", in: laboratory)
        let lost = Self.packet(17, from: IPv4Address(192, 0, 2, 99), to: IPv4Address(10, 1, 0, 9), payload: [1, 2])
        dataplane.punt(STILE_PUNT_GLEAN, counter: counter, vrf: 1, isFrame: false, lost)
        var answers: [FakeDataplane.Injected] = []
        try await laboratory.eventually("an ICMP error") {
            answers += dataplane.takeInjected().filter { $0.kind == UInt16(STILE_INJECT_FORWARD.rawValue) }
            return !answers.isEmpty
        }
        let answer = try #require(answers.first)
        #expect(answer.vrf == 1)
        #expect(Array(answer.data[12..<22]) == [10, 1, 0, 1, 192, 0, 2, 99, 3, 1])
        let drops = try await laboratory.ask(ShowDrops())
        let row = try #require(drops.drops.first { $0.reason == "neighbor_unresolved" })
        #expect(row.interface == "stiled")
        #expect(row.packets == 1)
        await laboratory.stop()
    }

    @Test func theBoxAnswersEchoRequestsToItsOwnAddressesInAVRF() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(LaboratoryConfiguration.first)
        let dataplane = try await laboratory.dataplane()
        // Type 8, code 0, identifier 1, sequence 1: the checksum is the complement of 0x0802.
        let request = Self.packet(
            1, from: IPv4Address(10, 1, 0, 7), to: IPv4Address(10, 1, 0, 1), payload: [8, 0, 0xF7, 0xFD, 0, 1, 0, 1])
        let counter = try await Self.number(of: "ten1/1", in: laboratory)
        dataplane.punt(STILE_PUNT_RECEIVE, counter: counter, vrf: 1, isFrame: false, request)
        var answers: [FakeDataplane.Injected] = []
        try await laboratory.eventually("an echo reply") {
            answers += dataplane.takeInjected().filter { $0.kind == UInt16(STILE_INJECT_FORWARD.rawValue) }
            return !answers.isEmpty
        }
        let answer = try #require(answers.first)
        #expect(answer.vrf == 1)
        #expect(Array(answer.data[12..<20]) == [10, 1, 0, 1, 10, 1, 0, 7])
        #expect(Array(answer.data[20...]) == [0, 0, 0xFF, 0xFD, 0, 1, 0, 1])
        await laboratory.stop()
    }

    /// Whatever stands in the punt ring, the process goes on.
    @Test func hostilePuntsChangeNothing() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(LaboratoryConfiguration.first)
        let dataplane = try FakeDataplane(directory: laboratory.options.runtimeDirectory)
        var generator = SeededGenerator(seed: 7)
        let classes = [
            STILE_PUNT_ARP, STILE_PUNT_NEIGHBOR_DISCOVERY, STILE_PUNT_BGP, STILE_PUNT_ICMP, STILE_PUNT_RECEIVE,
            STILE_PUNT_GLEAN,
        ]
        for _ in 0..<400 {
            let octets = (0..<Int.random(in: 1..<120, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            dataplane.punt(
                classes[Int.random(in: 0..<classes.count, using: &generator)],
                counter: UInt16.random(in: 0...UInt16.max, using: &generator),
                vrf: UInt16.random(in: 0...UInt16.max, using: &generator), isFrame: Bool.random(using: &generator),
                octets)
        }
        try await Task.sleep(for: .milliseconds(200))
        let isolation = try await laboratory.ask(ShowIsolation())
        #expect(isolation.isIsolated)
        await laboratory.stop()
    }
}
