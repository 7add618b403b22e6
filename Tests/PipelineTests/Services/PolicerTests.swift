import CTableLayout
import ForwardingTables
import Foundation
import Pipeline
import SeededRandom
import Synchronization
import Testing

/// Policers through the pipeline: how much passes, in what colours, whoever serves the customer.
@Suite struct PolicerTests {
    private static let instance: UInt32 = 7

    private static func packet(octets: Int) -> [UInt8] {
        PacketBuilder.ipv4(
            source: 0x0A01_004D, destination: 0x0A02_0009, payload: [UInt8](repeating: 0, count: octets - 20))
    }

    private static func burst(octets: Int, count: Int = Burst.capacity) -> [(port: UInt16, octets: [UInt8])] {
        let frame = PacketBuilder.circuitFrame(counter: 41, packet: packet(octets: octets))
        return Array(repeating: (2, frame), count: count)
    }

    private static func plan(_ policer: ServicePlan.Policer) -> ServicePlan {
        ServicePlan(services: [41: ServicePlan.Services(policerIn: policer)])
    }

    /// Rates from one end to the other: offered twice the rate for two seconds, the rate passes.
    @Test(arguments: [8_000, 64_000, 10_000_000, 1_000_000_000, 100_000_000_000] as [UInt64])
    func theRateHoldsOverASecond(rate: UInt64) throws {
        let octets = 500
        // A tenth of a second's worth, but a packet at least.
        let depth = max(rate / 80, 1_500)
        let lab = try Lab()
        try lab.install(
            Self.plan(
                ServicePlan.Policer(
                    instance: Self.instance, committedBitsPerSecond: rate, committedOctets: depth)))
        // Packets in a burst that lasts as long as its octets take at twice the rate; long enough for 100 bursts.
        let count = max(1, min(Burst.capacity, Int(rate / 2_000_000)))
        let burst = Self.burst(octets: octets, count: count)
        let nanoseconds = Double(count * octets * 8) / Double(rate * 2) * 1e9
        let bursts = max(200, Int(min(2e9 / nanoseconds, 20_000)))
        for number in 0..<bursts { _ = lab.run(burst, cycles: 1_000_000_000 + UInt64(Double(number) * nanoseconds)) }
        let counted = lab.classCounters(Self.instance)
        let elapsed = nanoseconds * Double(bursts - 1) / 1e9
        let allowed = Double(rate) / 8 * elapsed
        let conformed = Double(counted.octets[0])
        #expect(conformed <= allowed + Double(depth))
        #expect(conformed >= allowed * 0.99)
        #expect(counted.octets.reduce(0, +) == bursts * count * octets)
        #expect(counted.packets[1] == 0)
        #expect(Int(lab.drops(.policerExceeded, counter: 41)) == counted.packets[2])
    }

    /// Two workers serve one customer at the same time, by one clock that both read: together they pass the rate, and
    /// what they count adds up to what was offered.
    @Test func twoWorkersTogetherPassTheRate() throws {
        let rate: UInt64 = 1_000_000_000
        let depth: UInt64 = 125_000
        let octets = 400
        let lab = try Lab()
        try lab.install(
            Self.plan(
                ServicePlan.Policer(
                    instance: Self.instance, committedBitsPerSecond: rate, committedOctets: depth)))
        // Both workers offer as much as the rate: every burst moves the clock by half of what it takes.
        let step = UInt64(Burst.capacity * octets * 8) * 1_000_000_000 / (rate * 2)
        let bursts = 20_000
        let clock = Atomic<UInt64>(1_000_000_000)
        let workers = try [SecondWorker(sharing: lab), SecondWorker(sharing: lab)]
        DispatchQueue.concurrentPerform(iterations: workers.count) { number in
            for _ in 0..<bursts {
                workers[number].run(
                    Self.burst(octets: octets), cycles: clock.add(step, ordering: .relaxed).newValue)
            }
        }
        let seconds = Double(step) * Double(bursts * workers.count) / 1e9
        let allowed = Double(rate) / 8 * seconds
        var colours = [0, 0, 0]
        for worker in workers {
            for (colour, sum) in worker.classCounters(Self.instance).octets.enumerated() { colours[colour] += sum }
        }
        #expect(seconds > 4)
        #expect(colours.reduce(0, +) == workers.count * bursts * Burst.capacity * octets)
        #expect(Double(colours[0]) <= allowed * 1.01 + Double(depth))
        #expect(Double(colours[0]) >= allowed * 0.99)
    }

    /// Two workers in turns, by chance, whose clocks are a little apart: what one has drawn and gives back is not lost, and what
    /// both know of the bucket is not counted twice. Offered twice the highest rate for a second.
    @Test(arguments: [1_000_000, 10_000_000, 100_000_000] as [UInt64], [false, true])
    func workersInTurnsPassTheRate(rate: UInt64, hasPeak: Bool) throws {
        let lab = try Lab()
        let depth = max(rate / 800, 6_000)
        try lab.install(
            Self.plan(
                ServicePlan.Policer(
                    instance: Self.instance, committedBitsPerSecond: rate, committedOctets: depth,
                    peakBitsPerSecond: hasPeak ? 2 * rate : nil, excessOctets: hasPeak ? 2 * depth : 0)))
        let workers = try [SecondWorker(sharing: lab), SecondWorker(sharing: lab)]
        var random = SeededGenerator()
        let octets = 500
        let offered = Double(hasPeak ? 4 * rate : 2 * rate)
        let most = min(max(Int(depth) / 2 / octets, 1), Burst.capacity)
        // The buckets are used up before the second begins.
        var nanoseconds = 0.0
        var (began, before) = (0.0, 0)
        func green() -> Int { workers.reduce(0) { $0 + $1.classCounters(Self.instance).octets[0] } }
        while nanoseconds < 2e9 {
            if nanoseconds < 1e9 { (began, before) = (nanoseconds, green()) }
            let count = 1 + random.below(most)
            nanoseconds += Double(count * octets * 8) / offered * 1e9
            let second = random.below(2)
            let cycles = 1_000_000_000 + UInt64(nanoseconds) + UInt64(second) * 900
            workers[second].run(Self.burst(octets: octets, count: count), cycles: cycles)
        }
        let passed = Double(green() - before)
        let allowed = Double(rate) / 8 * (nanoseconds - began) / 1e9
        #expect(abs(passed - allowed) <= allowed * 0.005 + Double(octets), "STILE_SEED=\(random.seed): \(passed)")
    }

    /// RFC 2697 §3: what the committed bucket has no room for fills the excess bucket.
    @Test func aSingleRateHasYellowFromTheExcessBurst() throws {
        let lab = try Lab()
        try lab.install(
            Self.plan(
                ServicePlan.Policer(
                    instance: Self.instance, committedBitsPerSecond: 8_000_000, committedOctets: 1_000,
                    excessOctets: 2_000, yellowDSCP: 10)))
        var outcomes = lab.run(Self.burst(octets: 500, count: 8), cycles: 1_000_000_000)
        #expect(lab.classCounters(Self.instance).packets == [2, 4, 2])
        #expect(outcomes.map { $0.frame.map { Int($0[19] >> 2) } } == [0, 0, 10, 10, 10, 10, nil, nil])
        // One millisecond brings 1,000 octets, which fill the committed bucket; the next two the excess bucket.
        outcomes = lab.run(Self.burst(octets: 500, count: 8), cycles: 1_003_000_000)
        #expect(lab.classCounters(Self.instance).packets == [4, 8, 4])
        // Half a millisecond: one packet green, none yellow.
        outcomes = lab.run(Self.burst(octets: 500, count: 3), cycles: 1_003_500_000)
        #expect(lab.classCounters(Self.instance).packets == [5, 8, 6])
    }

    /// RFC 2698 §3: red above the peak rate, yellow above the committed one.
    @Test func twoRatesGiveThreeColours() throws {
        let lab = try Lab()
        try lab.install(
            Self.plan(
                ServicePlan.Policer(
                    instance: Self.instance, committedBitsPerSecond: 8_000_000, committedOctets: 1_000,
                    peakBitsPerSecond: 16_000_000, excessOctets: 2_000)))
        _ = lab.run(Self.burst(octets: 500, count: 6), cycles: 1_000_000_000)
        #expect(lab.classCounters(Self.instance).packets == [2, 2, 2])
        _ = lab.run(Self.burst(octets: 500, count: 6), cycles: 1_000_500_000)
        #expect(lab.classCounters(Self.instance).packets == [3, 3, 6])
    }

    /// A clock that goes back, by less than a worker's may be behind another's, gives nothing away.
    @Test func aClockThatIsBehindGivesNothingAway() throws {
        let lab = try Lab()
        try lab.install(
            Self.plan(
                ServicePlan.Policer(
                    instance: Self.instance, committedBitsPerSecond: 8_000_000, committedOctets: 1_000)))
        for _ in 0..<50 {
            _ = lab.run(Self.burst(octets: 500, count: 2), cycles: 2_000_000_000)
            _ = lab.run(Self.burst(octets: 500, count: 2), cycles: 1_999_000_000)
        }
        #expect(lab.classCounters(Self.instance).packets == [2, 0, 198])
    }

    /// A worker draws a little ahead of its packets. What it keeps another worker does not have, until it goes back.
    @Test(arguments: [nil, 20_000_000] as [UInt64?])
    func creditGoesBackToTheBucket(peak: UInt64?) throws {
        let lab = try Lab()
        // 128 packets; a sixteenth of that is more than 2.5 ms of the rate, which are 3,125 octets.
        try lab.install(
            Self.plan(
                ServicePlan.Policer(
                    instance: Self.instance, committedBitsPerSecond: 10_000_000, committedOctets: 64_000,
                    peakBitsPerSecond: peak, excessOctets: peak == nil ? 0 : 128_000)))
        let other = try SecondWorker(sharing: lab)
        let packet = Self.burst(octets: 500, count: 1)
        _ = lab.run(packet, cycles: 1_000_000_000)
        for _ in 0..<2 { other.run(Self.burst(octets: 500), cycles: 1_000_000_000) }
        // 64,000 less the packet and the credit is 60,375 octets.
        #expect(other.classCounters(Self.instance).packets[0] == 120)
        // The credit is six packets and 125 octets. What four of them leave is three packets with what the bucket has left.
        for _ in 0..<4 { _ = lab.run(packet, cycles: 1_000_000_000) }
        #expect(lab.classCounters(Self.instance).packets[0] == 5)
        lab.worker.pointee.giveBackPolicerCredit(cycles: 1_000_000_000)
        other.run(Self.burst(octets: 500), cycles: 1_000_000_000)
        #expect(other.classCounters(Self.instance).packets[0] == 123)
        #expect(lab.classCounters(Self.instance).packets[0] == 5)
    }

    /// A bucket that is full takes nothing more in, whether or not packets are paid from credit meanwhile.
    @Test func whatIsPaidWhileTheBucketIsFullIsMissedAfterwards() throws {
        let lab = try Lab()
        try lab.install(
            Self.plan(
                ServicePlan.Policer(
                    instance: Self.instance, committedBitsPerSecond: 10_000_000, committedOctets: 64_000)))
        // A packet every 0.4 ms, in which the bucket takes in 500 octets.
        for number in 0..<5 as Range<UInt64> {
            _ = lab.run(Self.burst(octets: 500, count: 1), cycles: 1_000_000_000 + number * 400_000)
        }
        // Full again, and three packets at once, then all that is left.
        _ = lab.run(Self.burst(octets: 500, count: 3), cycles: 2_000_000_000)
        for _ in 0..<3 { _ = lab.run(Self.burst(octets: 500), cycles: 2_000_000_000) }
        #expect(lab.classCounters(Self.instance).packets[0] == 5 + 128)
    }

    /// The octets that a policer adds for each packet count.
    @Test func theAccountIsMeasured() throws {
        let lab = try Lab()
        try lab.install(
            Self.plan(
                ServicePlan.Policer(
                    instance: Self.instance, committedBitsPerSecond: 8_000_000, committedOctets: 1_036,
                    accountOctets: 18)))
        _ = lab.run(Self.burst(octets: 500, count: 3), cycles: 1_000_000_000)
        let counted = lab.classCounters(Self.instance)
        #expect(counted.packets == [2, 0, 1])
        #expect(counted.octets == [1_036, 0, 518])
    }
}

/// A further worker over a lab's tables, with the lab's policers and counters of its own.
private final class SecondWorker: @unchecked Sendable {
    private let worker: UnsafeMutablePointer<WorkerState>
    private let counters: UnsafeMutablePointer<stile_interface_counters>
    private let drops: UnsafeMutablePointer<stile_interface_drops>
    private let statistics: UnsafeMutablePointer<stile_worker>
    private let own = ServiceMemory.make()
    private let frames: GuardedFrames
    private let pool = FragmentPool()
    private let lab: Lab

    init(sharing lab: Lab) throws {
        self.lab = lab
        counters = .allocate(capacity: Lab.counterCount)
        counters.initialize(repeating: stile_interface_counters(), count: Lab.counterCount)
        drops = .allocate(capacity: Lab.counterCount)
        drops.initialize(repeating: stile_interface_drops(), count: Lab.counterCount)
        statistics = .allocate(capacity: 1)
        statistics.initialize(to: stile_worker())
        frames = try GuardedFrames(count: Burst.capacity)
        worker = WorkerState.make(
            tables: lab.writer.reader, counters: counters, drops: drops, counterCount: Lab.counterCount,
            statistics: statistics, frames: pool.source,
            serviceMemory: ServiceMemory(
                classCounters: own.classCounters, accessHits: own.accessHits, policers: lab.memory.policers))
        let rates = [UInt32](repeating: .max, count: PuntLimiter.sharesPerInterface)
        worker.pointee.setRates(
            puntPacketsPerSecond: rates, puntSumPerSecond: .max, icmpPerSecond: .max,
            cyclesPerSecond: Lab.nanosecondCounter)
    }

    deinit {
        WorkerState.destroy(worker)
        own.deallocate()
        counters.deallocate()
        drops.deallocate()
        statistics.deallocate()
    }

    func run(_ batch: [(port: UInt16, octets: [UInt8])], cycles: UInt64) {
        let burst = worker.pointee.burst
        for (index, frame) in batch.enumerated() {
            burst.frame[index] = frames.place(frame.octets, at: index)
            burst.frameLength[index] = UInt16(frame.octets.count)
            burst.port[index] = frame.port
        }
        Pipeline.process(worker, count: batch.count, cycles: cycles)
    }

    func classCounters(_ instance: UInt32) -> (packets: [Int], octets: [Int]) {
        let words = UnsafeRawPointer(own.classCounters + Int(instance)).assumingMemoryBound(to: UInt64.self)
        return ((0..<3).map { Int(words[$0]) }, (3..<6).map { Int(words[$0]) })
    }
}
