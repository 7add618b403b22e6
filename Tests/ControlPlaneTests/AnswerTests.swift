import Addressing
import CTableLayout
import ControlPlane
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
        #expect(injected.map(\.flags) == [flags, 0, flags, 0, flags])
        #expect(injected.map(\.counter) == [nni, 0, nni, 0, 0])
        await laboratory.stop()
    }
}
