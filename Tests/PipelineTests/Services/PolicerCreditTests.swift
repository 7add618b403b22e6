import CTableLayout
import Pipeline
import SeededRandom
import Testing

/// A worker that keeps credit meters as a bucket that has none: compared with one, packet by packet.
@Suite struct PolicerCreditTests {
    /// RFC 2697 §3 and RFC 2698 §3 in times, as a policer's record has them: a bucket is the time at which it was empty, and
    /// the excess bucket of a single rate what it holds.
    private struct Model {
        var committedEmpty: UInt64
        var peakEmpty: UInt64
        var excess: UInt64

        mutating func colour(_ octets: UInt64, _ policer: stile_policer, now: UInt64) -> UInt32 {
            let isTwoRate = UInt32(policer.kind) == STILE_POLICER_TWO_RATE.rawValue
            let overflow = Self.fill(&committedEmpty, depth: policer.committed_depth, now: now)
            let cost = octets * policer.committed_cost
            guard isTwoRate else {
                excess = min(excess + min(overflow, policer.excess_depth), policer.excess_depth)
                if Self.take(cost, from: &committedEmpty, now: now) { return STILE_GREEN.rawValue }
                guard excess >= cost else { return STILE_RED.rawValue }
                excess -= cost
                return STILE_YELLOW.rawValue
            }
            _ = Self.fill(&peakEmpty, depth: policer.excess_depth, now: now)
            guard Self.take(octets * policer.peak_cost, from: &peakEmpty, now: now) else { return STILE_RED.rawValue }
            return Self.take(cost, from: &committedEmpty, now: now) ? STILE_GREEN.rawValue : STILE_YELLOW.rawValue
        }

        private static func fill(_ empty: inout UInt64, depth: UInt64, now: UInt64) -> UInt64 {
            let content = now &- empty
            guard content > depth else { return 0 }
            empty = now &- depth
            return content - depth
        }

        private static func take(_ cost: UInt64, from empty: inout UInt64, now: UInt64) -> Bool {
            guard now &- empty >= cost else { return false }
            empty &+= cost
            return true
        }
    }

    private static func cost(_ rate: UInt64) -> UInt64 { (8_000_000_000 << UInt64(STILE_POLICER_TIME_BITS)) / rate }

    private static func policer(
        _ kind: stile_policer_kind, rate: UInt64, committedOctets: UInt64, excessOctets: UInt64
    ) -> stile_policer {
        var policer = stile_policer()
        policer.kind = UInt8(kind.rawValue)
        policer.committed_cost = cost(rate)
        policer.committed_depth = cost(rate) * committedOctets
        policer.peak_cost = cost(2 * rate)
        policer.excess_depth =
            (kind == STILE_POLICER_TWO_RATE ? policer.peak_cost : policer.committed_cost) * excessOctets
        return policer
    }

    /// Bursts and pauses by chance, from far below the rate to far above it; the bucket's depth changes now and then, the
    /// worker sleeps now and then, and the time runs over its end.
    @Test(arguments: [STILE_POLICER_SINGLE_RATE.rawValue, STILE_POLICER_TWO_RATE.rawValue])
    func aWorkerWithCreditMetersAsOneWithout(kind: UInt32) {
        let kind = stile_policer_kind(rawValue: kind)
        var random = SeededGenerator()
        var seen: Set<UInt8> = []
        for rate in [64_000, 1_000_000, 50_000_000, 10_000_000_000] as [UInt64] {
            let meter = PolicerMeter(workers: 1)
            defer { meter.deallocate() }
            var now = UInt64.max - PolicerMeter.time(nanoseconds: 200_000_000_000)
            var policer = Self.policer(kind, rate: rate, committedOctets: 20_000, excessOctets: 10_000)
            var state = stile_policer_state()
            state.committed_empty = now &- policer.committed_depth
            state.peak_empty = now &- policer.excess_depth
            var model = Model(committedEmpty: state.committed_empty, peakEmpty: state.peak_empty, excess: 0)
            for burst in 0..<20_000 {
                // From half of the rate to all at once, and long pauses.
                let count = 1 + random.below(8)
                let octets = (0..<count).map { _ in UInt32(40 + random.below(1_461)) }
                let sum = octets.reduce(0) { $0 + UInt64($1) }
                let pause = random.once(in: 50) ? policer.committed_depth * 2 : sum * policer.committed_cost * 2
                now = now &+ pause / UInt64(1 + random.below(8))
                if random.once(in: 200) {
                    policer = Self.policer(
                        kind, rate: rate, committedOctets: UInt64(1_500 + random.below(50_000)),
                        excessOctets: kind == STILE_POLICER_TWO_RATE ? UInt64(1_500 + random.below(50_000)) : 10_000)
                }
                if random.once(in: 10) { meter.giveBack(to: &state, now: now) }
                var colours = [UInt8](repeating: 0, count: count)
                meter.meter(
                    &policer, &state, instance: 0, octets: octets, colours: &colours, count: count, now: now)
                let expected = octets.map { UInt8(model.colour(UInt64($0), policer, now: now)) }
                seen.formUnion(expected)
                guard colours == expected else {
                    Issue.record(
                        "STILE_SEED=\(random.seed), rate \(rate), burst \(burst): \(colours), model \(expected)")
                    return
                }
            }
        }
        #expect(seen == [0, 1, 2])
    }

    /// A policer that becomes one of a single rate has no more in its excess bucket than that holds, whatever the worker kept
    /// of the peak rate's.
    @Test(arguments: [false, true])
    func aChangedKindGivesNothingAway(sleeps: Bool) {
        let meter = PolicerMeter(workers: 1)
        defer { meter.deallocate() }
        var state = stile_policer_state()
        let start = PolicerMeter.time(nanoseconds: 5_000_000_000)
        var colours = [UInt8](repeating: 0, count: 1)
        func meterOne(_ policer: stile_policer, at now: UInt64) -> UInt32 {
            var policer = policer
            meter.meter(&policer, &state, instance: 0, octets: [500], colours: &colours, count: 1, now: now)
            return UInt32(colours[0])
        }
        let two = Self.policer(STILE_POLICER_TWO_RATE, rate: 8_000_000, committedOctets: 100_000, excessOctets: 200_000)
        #expect(meterOne(two, at: start) == STILE_GREEN.rawValue)
        if sleeps { meter.giveBack(to: &state, now: start) }
        let one = Self.policer(
            STILE_POLICER_SINGLE_RATE, rate: 8_000_000, committedOctets: 100_000, excessOctets: 5_000)
        let said = (0..<400).map { _ in meterOne(one, at: start) }
        if sleeps { meter.giveBack(to: &state, now: start) }
        // 100,000 octets are 200 packets, of which one is spent; the excess bucket holds ten at most.
        #expect(said.filter { $0 == STILE_GREEN.rawValue }.count == 199)
        #expect(said.filter { $0 == STILE_YELLOW.rawValue }.count <= 10)
        #expect((0..<100).allSatisfy { _ in meterOne(one, at: start) == STILE_RED.rawValue })
    }
}
