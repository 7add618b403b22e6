import Addressing
import CTableLayout
import ControlPlane
import ControlProtocol
import Testing

/// What `stiled` says because of a packet: where it may go.
@Suite struct AnswerTests {
    private static let echo = PuntTests.packet(
        1, from: IPv4Address(10, 1, 0, 7), to: IPv4Address(10, 1, 0, 1), payload: [8, 0, 0xF7, 0xFD, 0, 1, 0, 1])
    private static let closedPort = PuntTests.packet(
        17, from: IPv4Address(10, 1, 0, 7), to: IPv4Address(10, 1, 0, 1), payload: [0, 9, 0, 9, 0, 8, 0, 0])

    /// An answer to a packet of an NNI's unit keeps to the transit rule, and names the NNI that it may go back by; one to
    /// a circuit's packet goes wherever its VRF leads.
    @Test(arguments: [false, true])
    func anAnswerSaysWhereItsPacketCameFrom(_ allowsTransit: Bool) async throws {
        let laboratory = try Laboratory()
        let line = allowsTransit ? " rd 42:1\n optE transit\n" : " rd 42:1\n"
        try await laboratory.start(LaboratoryConfiguration.first.replacing(" rd 42:1\n", with: line))
        let dataplane = try await laboratory.dataplane()
        let services = try laboratory.services()
        let unit = try #require(services.labelEntries(port: 0).first { $0.vrf == 1 })
        let nni = services.reader.interfaces[Int(services.reader.interface(untaggedOn: 0))].counter
        let circuit = try await PuntTests.number(of: "ten1/1", in: laboratory)
        var injected: [FakeDataplane.Injected] = []
        for packet in [Self.echo, Self.closedPort] {
            dataplane.punt(STILE_PUNT_RECEIVE, counter: unit.counter, vrf: 1, isFrame: false, packet)
            dataplane.punt(STILE_PUNT_RECEIVE, counter: circuit, vrf: 1, isFrame: false, packet)
        }
        // Of an interface that is gone nobody knows where its packets came from.
        dataplane.punt(STILE_PUNT_RECEIVE, counter: 60_000, vrf: 1, isFrame: false, Self.echo)
        try await laboratory.eventually("five answers") {
            injected += dataplane.takeInjected().filter { $0.kind == UInt16(STILE_INJECT_FORWARD.rawValue) }
            return injected.count == 5
        }
        let flags =
            STILE_INJECT_ANSWER.rawValue | STILE_INJECT_CAME_FROM_NNI.rawValue
            | (allowsTransit ? STILE_INJECT_MAY_TRANSIT.rawValue : 0)
        let ofCircuit = STILE_INJECT_ANSWER.rawValue
        #expect(injected.map(\.flags) == [flags, ofCircuit, flags, ofCircuit, flags])
        #expect(injected.map(\.counter) == [nni, 0, nni, 0, 0])
        // What becomes of an answer counts where its packet came in.
        #expect(injected.map(\.becauseOf) == [unit.counter, circuit, unit.counter, circuit, 0])
        await laboratory.stop()
    }

    /// An answer that had to wait for a host goes on as an answer; nobody is told of one that waited in vain, the box
    /// least of all.
    @Test func anAnswerWaitsAsAnAnswer() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(LaboratoryConfiguration.first)
        let dataplane = try await laboratory.dataplane()
        let services = try laboratory.services()
        let unit = try #require(services.labelEntries(port: 0).first { $0.vrf == 1 })
        let circuit = try await PuntTests.number(of: "ten1/1", in: laboratory)
        func answer(to host: IPv4Address) -> [UInt8] {
            PuntTests.packet(6, from: IPv4Address(10, 1, 0, 1), to: host, payload: [UInt8](repeating: 0, count: 20))
        }
        let (there, absent) = (IPv4Address(10, 1, 0, 7), IPv4Address(10, 1, 0, 9))
        for host in [absent, there] {
            dataplane.punt(
                STILE_PUNT_GLEAN, counter: unit.counter, vrf: 1, isFrame: false, isOwn: true, answer(to: host))
        }
        var injected: [FakeDataplane.Injected] = []
        try await laboratory.eventually("the answer to the host that is there") {
            dataplane.punt(
                STILE_PUNT_ARP, counter: circuit, isFrame: true,
                PuntTests.arpReply(from: there, to: IPv4Address(10, 1, 0, 1)))
            injected += dataplane.takeInjected().filter { $0.kind == UInt16(STILE_INJECT_FORWARD.rawValue) }
            return !injected.isEmpty
        }
        try await laboratory.eventually("the end of the search for the other") {
            let drops = try await laboratory.ask(ShowDrops())
            return drops.drops.contains { $0.reason == "neighbor_unresolved" }
        }
        injected += dataplane.takeInjected().filter { $0.kind == UInt16(STILE_INJECT_FORWARD.rawValue) }
        #expect(injected.map(\.data) == [answer(to: there)])
        #expect(injected.map(\.becauseOf) == [unit.counter])
        #expect(injected.allSatisfy { $0.flags & STILE_INJECT_ANSWER.rawValue != 0 })
        await laboratory.stop()
    }
}
