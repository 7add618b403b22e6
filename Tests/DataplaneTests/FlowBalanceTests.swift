import Dataplane
import Testing

/// What stays with the worker that receives, by what the workers measured: against a model of workers with known costs.
@Suite struct FlowBalanceTests {
    /// Workers of which the first one receives all packets.
    private struct Model {
        /// Cycles per packet: to receive it and find its flow; of one that stays; of one that is handed over.
        var receiving: Double
        var kept: Double
        var handedOver: Double
        var workers: Int
        /// Cycles of a second in this model, and packets that come in then.
        static let second = 1e9
        var offered: Double

        var samples: [FlowBalance.Sample]
        var now: UInt64 = 0

        init(receiving: Double, kept: Double, handedOver: Double, workers: Int, offered: Double = 1e9) {
            self.receiving = receiving
            self.kept = kept
            self.handedOver = handedOver
            self.workers = workers
            self.offered = offered
            samples = (0..<workers).map { _ in
                FlowBalance.Sample(
                    busyCycles: 0, packets: 0, spreadPackets: 0, spreadLost: 0,
                    ownPlaces: FlowShares.ownPlaces(workerCount: workers))
            }
        }

        var ownPart: Double { Double(samples[0].ownPlaces) / Double(FlowShares.count) }

        /// A tenth of a second. Returns packets forwarded, and lost between workers.
        mutating func run() -> (forwarded: Double, lost: Double) {
            let time = Self.second / 10
            let received = min(offered / 10, time / (receiving + ownPart * kept))
            let staying = received * ownPart
            let handed = received - staying
            let others = Double(workers - 1)
            let taken = min(handed, others * time / handedOver)
            samples[0].busyCycles += UInt64(received * receiving + staying * kept)
            samples[0].packets += UInt64(staying)
            samples[0].spreadPackets += UInt64(handed)
            samples[0].spreadLost += UInt64(handed - taken)
            for other in 1..<workers {
                samples[other].busyCycles += UInt64(taken / others * handedOver)
                samples[other].packets += UInt64(taken / others)
            }
            now += UInt64(time)
            return (staying + taken, handed - taken)
        }

        /// The part with which all do the same work, at most once as much as the first one receives.
        var best: Double {
            let others = Double(workers - 1)
            return max((handedOver / others - receiving) / (handedOver / others + kept), 0)
        }
    }

    /// A NIC and a cheap pipeline; a device that copies; services; other caches far away; many workers.
    @Test(arguments: [
        (30.0, 100.0, 110.0, 2), (90, 80, 100, 2), (60, 400, 420, 2), (80, 130, 280, 2), (40, 200, 230, 4),
        (60, 100, 120, 8),
    ])
    func theWorkersComeToTheSameWork(receiving: Double, kept: Double, handedOver: Double, workers: Int) {
        var model = Model(receiving: receiving, kept: kept, handedOver: handedOver, workers: workers)
        var balance = FlowBalance(model.samples, at: 0)
        for _ in 0..<30 {
            _ = model.run()
            if let places = balance.next(model.samples, at: model.now)[0] { model.samples[0].ownPlaces = places }
        }
        #expect(abs(model.ownPart - model.best) < 0.03, "\(model.ownPart) beside \(model.best)")
        let (forwarded, lost) = model.run()
        #expect(lost < 0.06 * forwarded)
        // Then it rests.
        #expect(balance.next(model.samples, at: model.now) == [Int?](repeating: nil, count: workers))
    }

    @Test func nothingChangesWhileAllHaveRoom() {
        var model = Model(receiving: 30, kept: 100, handedOver: 400, workers: 2, offered: 5e5)
        var balance = FlowBalance(model.samples, at: 0)
        for _ in 0..<5 {
            _ = model.run()
            #expect(balance.next(model.samples, at: model.now) == [nil, nil])
        }
    }

    @Test func aWorkerThatReceivesNothingForOthersKeepsWhatItHas() {
        var model = Model(receiving: 30, kept: 100, handedOver: 110, workers: 3)
        var balance = FlowBalance(model.samples, at: 0)
        _ = model.run()
        #expect(balance.next(model.samples, at: model.now)[1...].allSatisfy { $0 == nil })
    }

    @Test func whatWasMeasuredAcrossAChangeIsLeftOut() {
        var model = Model(receiving: 90, kept: 80, handedOver: 100, workers: 2)
        var balance = FlowBalance(model.samples, at: 0)
        _ = model.run()
        model.samples[0].ownPlaces -= 100
        #expect(balance.next(model.samples, at: model.now) == [nil, nil])
        _ = model.run()
        #expect(balance.next(model.samples, at: model.now)[0] != nil)
    }

    /// A data plane that takes an older one's counters over, a clock that stands still.
    @Test func whatCannotBeIsNoReasonToChange() {
        var model = Model(receiving: 90, kept: 80, handedOver: 100, workers: 2)
        var balance = FlowBalance(model.samples, at: 0)
        _ = model.run()
        #expect(balance.next(model.samples, at: 0) == [nil, nil])
        model.samples[1].packets = 0
        model.samples[1].busyCycles = .max
        let places = balance.next(model.samples, at: model.now)
        #expect(places.compactMap(\.self).allSatisfy { (0...FlowShares.count).contains($0) })
    }
}
