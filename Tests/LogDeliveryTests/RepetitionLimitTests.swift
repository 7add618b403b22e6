import LogDelivery
import Testing

/// How often a message may stand in the log.
@Suite struct RepetitionLimitTests {
    @Test func `a message comes again when its minute is over, whether anybody has asked what was left out or not`() {
        var limit = RepetitionLimit()
        let taken = (0..<150).map { _ in limit.take("link down", .warning, now: .seconds(0)) }
        #expect(taken.count { $0 } == RepetitionLimit.most && taken.prefix(RepetitionLimit.most).allSatisfy { $0 })
        let (atTheEnd, early) = (
            limit.take("link down", .warning, now: .seconds(59)), limit.takeLeftOut(now: .seconds(59))
        )
        #expect(!atTheEnd && early.isEmpty)
        let (behind, leftOut) = (
            limit.take("link down", .warning, now: .seconds(60)), limit.takeLeftOut(now: .seconds(60))
        )
        #expect(behind && leftOut.map(\.message) == ["link down"] && leftOut.map(\.count) == [51])
        let more = limit.takeLeftOut(now: .seconds(200))
        #expect(more.isEmpty)
    }

    @Test func `many messages hide no error`() {
        var limit = RepetitionLimit()
        for number in 0..<1000 { _ = limit.take("flow \(number)", .informational, now: .seconds(0)) }
        let other = limit.take("flow of another", .informational, now: .seconds(1))
        let critical = limit.take("tables cannot be published", .critical, now: .seconds(1))
        let error = limit.take("a label could not be installed", .error, now: .seconds(1))
        #expect(!other && critical && error)
        // What was taken for one says so.
        let leftOut = limit.takeLeftOut(now: .seconds(61))
        #expect(leftOut.map(\.message) == ["other messages"] && leftOut.map(\.count) == [401])
    }
}
