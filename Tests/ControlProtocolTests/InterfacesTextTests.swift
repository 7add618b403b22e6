import ControlProtocol
import ControlProtocolSamples
import Testing

@Suite("Text of one interface")
struct InterfacesTextTests {
    private func text(_ index: Int) throws -> String {
        let all = Samples.interfaces
        let one = try #require(all.interfaces.indices.contains(index) ? all.interfaces[index] : nil)
        return InterfacesResult(takenAt: all.takenAt, interfaces: [one]).text(.plain)
    }

    @Test("services stand among the facts")
    func services() throws {
        let lines = try text(0).split(separator: "\n").map(String.init)
        for fact in [
            "source check ipv4     strict", "source check ipv6     feasible allow-default",
            "access list in ipv4   web", "access list out ipv6  out6", "policy in             gold",
            "refused               all packets: what is configured does not fit into the tables",
        ] {
            #expect(lines.contains(fact), "\(lines)")
        }
    }

    @Test("what policies drop is apart from errors")
    func drops() {
        let counted: [DropClass: UInt64] = [.policy: 1, .security: 10, .noRoute: 100, .resources: 1000]
        let status = InterfaceStatus(
            name: "ten1/1", number: 1, kind: .attachmentCircuit, port: "ten1/1", portState: .up,
            encapsulation: "untagged", isImplied: false, addresses: [], mtuBytes: 1500, rxPackets: 0, rxBytes: 0,
            txPackets: 0, txBytes: 0,
            drops: counted.map { DropCount(reason: $0.key.rawValue, dropClass: $0.key, packets: $0.value) })
        #expect(status.policyDropPackets == 1 && status.otherDropPackets == 1110)
    }

    @Test("without services nothing is said of them")
    func none() throws {
        #expect(!(try text(2).contains("services of")))
    }
}
