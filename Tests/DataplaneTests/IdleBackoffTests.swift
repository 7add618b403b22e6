import Dataplane
import Testing

@Suite struct IdleBackoffTests {
    @Test func sleepsGrowUpToTheBoundAndStartAnewAfterWork() {
        var backoff = IdleBackoff(isBusy: false)
        for _ in 0..<IdleBackoff.pollsBeforeSleep { #expect(backoff.afterPoll(foundWork: false) == 0) }
        var sleeps: [UInt32] = []
        for _ in 0..<12 { sleeps.append(backoff.afterPoll(foundWork: false)) }
        #expect(sleeps.first == IdleBackoff.firstSleepNanoseconds)
        #expect(sleeps.last == IdleBackoff.longestSleepNanoseconds)
        #expect(sleeps == sleeps.sorted())
        #expect(backoff.afterPoll(foundWork: true) == 0)
        #expect(backoff.afterPoll(foundWork: false) == 0)
    }

    @Test func aBusyWorkerNeverSleeps() {
        var backoff = IdleBackoff(isBusy: true)
        var longest: UInt32 = 0
        for _ in 0..<10_000 { longest = max(longest, backoff.afterPoll(foundWork: false)) }
        #expect(longest == 0)
    }
}
