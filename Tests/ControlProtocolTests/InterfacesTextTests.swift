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

    @Test("without services nothing is said of them")
    func none() throws {
        #expect(!(try text(2).contains("services of")))
    }
}
