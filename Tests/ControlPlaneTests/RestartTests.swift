import Addressing
import CTableLayout
import ControlPlane
import ControlProtocol
import ForwardingTables
import Testing

@Suite struct RestartTests {
    @Test func theNextRunHasTheSameLabelsNumbersAndNeighbors() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(LaboratoryConfiguration.first)
        let dataplane = try FakeDataplane(directory: laboratory.options.runtimeDirectory)
        let counter = try await PuntTests.number(of: "ten1/1", in: laboratory)
        var frame = PuntTests.arpReply(from: IPv4Address(10, 1, 0, 7), to: IPv4Address(10, 1, 0, 1))
        // As a request for our address it makes an entry.
        frame[21] = 1
        dataplane.punt(STILE_PUNT_ARP, counter: counter, isFrame: true, frame)
        try await laboratory.eventually("the neighbor is in the tables") {
            let reader = try laboratory.tables().reader
            return reader.neighbors[0].family == 4 || reader.neighbors[1].family == 4
        }
        let labels = try await laboratory.ask(ShowLabels())
        let vrfs = try await laboratory.ask(ShowVRFs())
        #expect(labels.labels.count == 2)
        await laboratory.stop()

        try await laboratory.start(LaboratoryConfiguration.first)
        #expect(try laboratory.tables().generation == 2)
        let found = try await laboratory.ask(ShowLabels())
        #expect(found.labels.map(\.label) == labels.labels.map(\.label))
        #expect(found.labels.map(\.unit) == labels.labels.map(\.unit))
        #expect(try await laboratory.ask(ShowVRFs()) == vrfs)
        #expect(try await PuntTests.number(of: "ten1/1", in: laboratory) == counter)
        let explanation = try await laboratory.explain(
            ExplainPacket(interface: "ten1/1", source: IPAddress("10.1.0.8")!, destination: IPAddress("10.1.0.7")!))
        #expect(explanation.verdict == .forwarded)
        await laboratory.stop()
    }

    @Test func aSecondProcessIsRefused() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(LaboratoryConfiguration.first)
        await #expect(throws: ControlPlaneStartError.self) {
            try await laboratory.start(LaboratoryConfiguration.first)
        }
        await laboratory.stop()
    }
}
