import ControlPlane
import NIOCore
import Testing

@Suite struct PollPaceTests {
    private static func pauses(_ pace: inout PollPace, _ count: Int) -> [TimeAmount] {
        (0..<count).map { _ in pace.nextPause() }
    }

    @Test func `it slows down when nothing comes`() {
        var pace = PollPace()
        #expect(Self.pauses(&pace, 20).allSatisfy { $0 == .milliseconds(1) })
        #expect(Self.pauses(&pace, 100).allSatisfy { $0 == .milliseconds(5) })
    }

    @Test func `what comes makes it fast again, for as long from then on`() {
        var pace = PollPace()
        _ = Self.pauses(&pace, 500)
        pace.hurry()
        #expect(Self.pauses(&pace, 15).allSatisfy { $0 == .milliseconds(1) })
        pace.hurry()
        #expect(Self.pauses(&pace, 20).allSatisfy { $0 == .milliseconds(1) })
        #expect(pace.nextPause() == .milliseconds(5))
    }
}
