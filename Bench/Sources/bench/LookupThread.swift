import CTableLayout
import ForwardingTables
import Foundation

/// A thread that looks up bursts without a pause, publishes the epoch that it has passed, as a worker does, and
/// collects how long its bursts take.
final class LookupThread: @unchecked Sendable {
    private let tables: TablesReader
    private let destinations: [UInt32]
    /// Written by this thread's owner, read by the thread; and the other way round.
    private let writerEpoch = UnsafeMutablePointer<UInt64>.allocate(capacity: 16)
    private let readerEpoch = UnsafeMutablePointer<UInt64>.allocate(capacity: 16)
    private let stopped = UnsafeMutablePointer<UInt64>.allocate(capacity: 16)
    private let lock = NSLock()
    private var figures = Distribution()

    init(tables: TablesReader, destinations: [UInt32]) {
        self.tables = tables
        self.destinations = destinations
        for word in [writerEpoch, readerEpoch, stopped] { word.initialize(repeating: 0, count: 16) }
        writerEpoch.pointee = 1
    }

    deinit {
        for word in [writerEpoch, readerEpoch, stopped] { word.deallocate() }
    }

    func start() {
        Thread.detachNewThread { self.run() }
    }

    func stop() {
        stile_store_release_u64(stopped, 1)
        while stile_load_acquire_u64(stopped) != 2 { Thread.sleep(forTimeInterval: 0.001) }
    }

    func advanceEpoch() -> UInt64 {
        let epoch = writerEpoch.pointee + 1
        stile_store_release_u64(writerEpoch, epoch)
        return epoch
    }

    var passedEpoch: UInt64 { stile_load_acquire_u64(readerEpoch) }

    /// Cycles of each burst since the last call.
    func takeFigures() -> Distribution {
        lock.withLock {
            let taken = figures
            figures = Distribution()
            return taken
        }
    }

    private func run() {
        let queue = FIBQueue()
        var results = Array(repeating: UInt32(0), count: 64)
        var first = 0
        var collected = Distribution()
        while stile_load_acquire_u64(stopped) == 0 {
            stile_store_release_u64(readerEpoch, stile_load_acquire_u64(writerEpoch))
            stile_fence()
            let root = tables.ipv4Root(ofVRF: 1)
            let start = stile_cycles()
            destinations.withUnsafeBufferPointer { buffer in
                for index in 0..<64 {
                    tables.fib.enqueue(ipv4: buffer[first + index], root: root, at: index, in: queue)
                }
            }
            tables.fib.lookup(ipv4: queue, count: 64, results: &results)
            collected.add(Double(stile_cycles() &- start))
            first = (first + 64) % destinations.count
            if collected.values.count == 4_096 {
                lock.withLock { for value in collected.values { figures.add(value) } }
                collected = Distribution()
            }
        }
        queue.deallocate()
        stile_store_release_u64(stopped, 2)
    }
}
