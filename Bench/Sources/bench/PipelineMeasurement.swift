import ForwardingTables
import Pipeline

/// Times the product's pipeline and the C reference over the same frames and tables, in turns.
///
/// Each batch of frames is received (copied, outside of the timed part) and then processed burst by burst. The two
/// sides work half the store apart, so that neither finds the tables' lines that the other has just fetched.
struct PipelineMeasurement {
    struct Result {
        var swift = Distribution()
        var reference = Distribution()
        /// Share of each stage in the cycles of all stages, by `Stage`.
        var stageShares: [Double] = []
        var forwarded = 0
        var received = 0
    }

    enum Failure: Error, CustomStringConvertible {
        case noMemory
        case sidesDiffer(path: String, burst: Int)

        var description: String {
            switch self {
            case .noMemory: "no memory for the reference"
            case .sidesDiffer(let path, let burst):
                "\(path): the product and the C reference made different frames of burst \(burst)"
            }
        }
    }

    let box: Box
    let pool: FramePool
    /// Least time that one case is measured for.
    let seconds: Double
    let cyclesPerSecond: Double

    func run(_ path: Path, _ frames: FrameStore) throws -> Result {
        try box.lead(by: path)
        let store = frames.trim(toMultipleOf: FramePool.batch)
        let counterCount = PortPlan.counterCount(vrfs: box.vrfs)
        let port = path.ingressPort
        let swift = SwiftSide(tables: box.reader, counterCount: counterCount)
        guard let reference = ReferenceSide(tables: box.reader, counterCount: counterCount) else {
            throw Failure.noMemory
        }
        var result = Result()
        try compare(path, store, port, swift, reference)

        let bursts = FramePool.batch / Burst.capacity
        let batches = store.count / FramePool.batch
        var stages = Array(repeating: Distribution(), count: Stage.allCases.count)
        var before = swift.stageCycles
        var cycles = 0.0
        var turn = 0
        while cycles < seconds * cyclesPerSecond || turn < 2 * batches {
            let first = turn % batches * FramePool.batch
            let opposite = (turn + batches / 2) % batches * FramePool.batch
            pool.receive(from: store, first: first)
            for burst in 0..<bursts {
                let offset = burst * Burst.capacity
                swift.take(from: pool, first: offset, store: store, storeFirst: first + offset, port: port)
                let taken = Double(swift.process())
                cycles += taken
                result.swift.add(taken / Double(Burst.capacity))
                let after = swift.stageCycles
                if after[Int(Stage.commonIngress.rawValue)] != before[Int(Stage.commonIngress.rawValue)] {
                    for stage in stages.indices { stages[stage].add(Double(after[stage] &- before[stage])) }
                }
                before = after
                result.received += Burst.capacity
                result.forwarded += forwarded(swift)
            }
            pool.receive(from: store, first: opposite)
            for burst in 0..<bursts {
                let offset = burst * Burst.capacity
                reference.take(from: pool, first: offset, store: store, storeFirst: opposite + offset, port: port)
                let taken = Double(reference.process())
                cycles += taken
                result.reference.add(taken / Double(Burst.capacity))
            }
            turn += 1
        }
        let medians = stages.map(\.median)
        let sum = medians.reduce(0, +)
        result.stageShares = medians.map { sum > 0 ? $0 / sum : 0 }
        return result
    }

    private func forwarded(_ swift: SwiftSide) -> Int {
        let burst = swift.worker.pointee.burst
        var count = 0
        for index in 0..<Burst.capacity {
            if case .transmit = burst.verdict[index] { count += 1 }
        }
        return count
    }

    /// Before anything is timed: both sides make the same frames, octet by octet.
    private func compare(
        _ path: Path, _ store: FrameStore, _ port: UInt16, _ swift: SwiftSide, _ reference: ReferenceSide
    ) throws {
        for burst in 0..<(FramePool.batch / Burst.capacity) {
            let first = burst * Burst.capacity
            pool.receive(from: store, first: 0)
            swift.take(from: pool, first: first, store: store, storeFirst: first, port: port)
            _ = swift.process()
            let made = swift.departures().frames
            pool.receive(from: store, first: 0)
            reference.take(from: pool, first: first, store: store, storeFirst: first, port: port)
            _ = reference.process()
            guard made == reference.departures().frames else {
                throw Failure.sidesDiffer(path: path.rawValue, burst: burst)
            }
        }
    }
}
