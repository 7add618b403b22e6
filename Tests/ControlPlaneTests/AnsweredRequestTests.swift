import ControlPlane
import ControlProtocol
import Testing

/// Every request of the registry has an answer in the control process.
@Suite struct AnsweredRequestTests {
    @Test func `every request of the registry is answered`() {
        let unanswered = RequestRegistry.all.filter { !($0 is any AnsweredRequest.Type) }.map { $0.method }
        #expect(unanswered.isEmpty)
    }
}
