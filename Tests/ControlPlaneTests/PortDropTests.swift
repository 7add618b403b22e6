import ControlProtocol
import Pipeline
import Testing

/// What comes by a port and belongs to no interface is told of that port.
@Suite struct PortDropTests {
    private func drops(of interface: String?, in laboratory: Laboratory) async throws -> [InterfaceDrop] {
        let result = try await laboratory.ask(ShowDrops(interface: interface))
        return result.drops
    }

    @Test func anUnknownVLANCountsAtItsPort() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(LaboratoryConfiguration.first)
        let dataplane = try await laboratory.dataplane()
        let reader = try laboratory.tables().reader
        let counters = (0..<3).map { reader.counter(ofPort: $0) }
        #expect(Set(counters).count == 3 && !counters.contains(0))
        for index in 0..<Int(reader.header.pointee.interfaces.count) where reader.interfaces[index].kind != 0 {
            #expect(!counters.contains(reader.interfaces[index].counter))
        }
        dataplane.count(drops: 3, .noInterfaceForVLAN, of: counters[1])
        dataplane.count(drops: 1, .noInterfaceForVLAN, of: 0)
        let all = try await drops(of: nil, in: laboratory)
        #expect(all.filter { $0.reason == "no_interface_for_vlan" }.map(\.interface) == ["-", "port ten1/1"])
        let ofPort = try await drops(of: "ten1/1", in: laboratory)
        #expect(ofPort.map(\.interface) == ["port ten1/1"])
        #expect(ofPort.map(\.packets) == [3])
        // A port without an interface of its own name can be asked for; one that is not there cannot.
        #expect(try await drops(of: "ten1/2", in: laboratory).isEmpty)
        await #expect(throws: ControlError.self) { try await drops(of: "ten1/7", in: laboratory) }
        await laboratory.stop()
    }
}
