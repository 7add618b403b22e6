import CTableLayout
import Dataplane
import SeededRandom
import Testing

/// Workers that are interrupted anywhere: however their steps fall together, no packet overtakes one of its flow while
/// flows change their worker.
@Suite struct ShareChangeTests {
    private struct Packet {
        var flow: Int
        var sequence: Int
    }

    /// A ring between workers, with the words that count.
    private final class Ring {
        private(set) var packets: [Packet] = []
        private let words = UnsafeMutablePointer<UInt32>.allocate(capacity: 2)
        var counts: ShareChange.Ring { .init(filled: words, emptied: words + 1) }

        /// The words have wrapped around once in a while.
        init(first: UInt32) { words.initialize(repeating: first, count: 2) }
        deinit { words.deallocate() }

        func put(_ packet: Packet) {
            packets.append(packet)
            words[0] &+= 1
        }

        func take(_ most: Int) -> [Packet] {
            let taken = Array(packets.prefix(most))
            packets.removeFirst(taken.count)
            words[1] &+= UInt32(taken.count)
            return taken
        }
    }

    /// Worker 0 receives all packets; one worker owns the one transmit queue.
    private final class Model {
        static let flows = 12
        let workers: Int
        let sender: Int
        let statistics: UnsafeMutablePointer<stile_worker>
        let spread: [Ring?]
        let handovers: [Ring]
        var change: ShareChange
        /// Flows below it stay with worker 0.
        var own = 0
        var wanted = 0
        var changes = 0
        var now: UInt64 = 0
        private var sent = [Int](repeating: 0, count: Model.flows)
        private(set) var left: [Packet] = []
        private var inHand: [Packet] = []
        /// What each worker is to do next in its turn, last one first.
        private var steps: [[() -> Void]]
        private var generator: SeededGenerator

        init(workers: Int, sender: Int, generator: SeededGenerator) {
            self.workers = workers
            self.sender = sender
            self.generator = generator
            statistics = .allocate(capacity: workers)
            statistics.initialize(repeating: stile_worker(), count: workers)
            spread = (0..<workers).map { $0 == 0 ? nil : Ring(first: .max - 5) }
            handovers = (0..<workers).map { _ in Ring(first: .max - 50) }
            steps = Array(repeating: [], count: workers)
            var peers: [ShareChange.Peer] = []
            for worker in 0..<workers {
                peers.append(
                    .init(
                        statistics: statistics + worker, handover: handovers[worker].counts,
                        spread: spread[worker]?.counts))
            }
            change = ShareChange(peers, longestCycles: 400, retryCycles: 50)
        }

        deinit {
            change.deallocate()
            statistics.deallocate()
        }

        /// One step of one worker.
        func step() {
            now += 1
            if generator.once(in: 40) { wanted = generator.below(Self.flows + 1) }
            let worker = generator.below(workers)
            if let next = steps[worker].popLast() {
                next()
            } else {
                begin(worker)
            }
        }

        private func begin(_ worker: Int) {
            let record = statistics + worker
            if worker != 0, generator.once(in: 6) {
                record.pointee.epoch.value = STILE_EPOCH_OFFLINE
                steps[worker] = (0..<generator.below(30)).map { _ in {} }
                return
            }
            record.pointee.epoch.value = 1
            record.pointee.loops += 1
            var turn: [() -> Void] = []
            // What was handed over is in hand from here, or from later in the turn, until the turn ends.
            if worker == sender, generator.once(in: 2) { takeHandedOver() }
            if worker == 0 {
                let isWaiting = mayWait()
                if !isWaiting { turn += receive() }
            } else if let ring = spread[worker] {
                turn += ring.take(4).map { packet in { self.send(packet, by: worker) } }
            }
            if worker == sender {
                turn.append { self.takeHandedOver() }
                turn.append {
                    self.left += self.inHand
                    self.inHand = []
                }
            }
            steps[worker] = turn.reversed()
        }

        private func takeHandedOver() { inHand += handovers[sender].take(3) }

        private func mayWait() -> Bool {
            guard wanted != own else {
                change.cancel()
                return false
            }
            switch change.advance(now: now) {
            case .receive: return false
            case .wait: return true
            case .share:
                own = wanted
                changes += 1
                return false
            }
        }

        private func receive() -> [() -> Void] {
            (0..<generator.below(6)).map { _ in
                let packet = Packet(flow: generator.below(Self.flows), sequence: 0)
                return { self.spread(packet.flow) }
            }
        }

        private func spread(_ flow: Int) {
            let packet = Packet(flow: flow, sequence: sent[flow])
            sent[flow] += 1
            if flow < own {
                send(packet, by: 0)
            } else {
                self.spread[1 + flow % (workers - 1)]?.put(packet)
            }
        }

        private func send(_ packet: Packet, by worker: Int) {
            if worker == sender { left.append(packet) } else { handovers[sender].put(packet) }
        }
    }

    @Test(arguments: [2, 3, 4], [0, 1]) func noPacketOvertakesAnotherOfItsFlow(workers: Int, sender: Int) {
        let model = Model(workers: workers, sender: sender, generator: SeededGenerator())
        for _ in 0..<200_000 { model.step() }
        var next = [Int](repeating: 0, count: Model.flows)
        var isInOrder = true
        for packet in model.left {
            if packet.sequence != next[packet.flow] { isInOrder = false }
            next[packet.flow] = packet.sequence + 1
        }
        #expect(isInOrder)
        #expect(model.left.count > 5_000)
        #expect(model.changes > 50)
    }

    /// A worker that stands still holds packets: the change is given up, and tried again later.
    @Test func aChangeThatTakesTooLongIsGivenUp() {
        let statistics = UnsafeMutablePointer<stile_worker>.allocate(capacity: 2)
        statistics.initialize(repeating: stile_worker(), count: 2)
        defer { statistics.deallocate() }
        let rings = [Ring(first: 0), Ring(first: 0)]
        let spread = Ring(first: 0)
        spread.put(Packet(flow: 0, sequence: 0))
        var change = ShareChange(
            [
                .init(statistics: statistics, handover: rings[0].counts, spread: nil),
                .init(statistics: statistics + 1, handover: rings[1].counts, spread: spread.counts),
            ], longestCycles: 100, retryCycles: 1_000)
        defer { change.deallocate() }
        let steps = stride(from: UInt64(0), to: 3_000, by: 10).map { now in
            if case .wait = change.advance(now: now) { true } else { false }
        }
        #expect(steps.prefix(10).allSatisfy { $0 })
        #expect(!steps[10])
        let waits = steps.count { $0 }
        #expect((20...30).contains(waits), "ten at a time, a hundred turns apart")
    }
}
