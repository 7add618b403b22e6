import Addressing
import CTableLayout
import Dispatch
import ForwardingTables
import SeededRandom
import Testing

/// A worker that looks up while the writer changes the routes, with epochs as in the product.
@Suite struct ConcurrentReaderTests {
    @Test func `a reader never sees a wrong next hop while routes come and go`() throws {
        let directory = try TemporaryDirectory()
        var capacities = TableCapacities()
        // Small, so that blocks are soon used again.
        capacities.fibArenaBytes = 1 << 20
        let tables = try TablesWriter(directory: directory.path, generation: 1, capacities: capacities, hashKey: 61)
        let control = try ControlSegment(directory: directory.path)
        let dataplane = try DataplaneSegment(
            directory: directory.path, workerCount: 1, counterCount: 4, startedSeconds: 1)
        let observer = try DataplaneReader(directory: directory.path)
        let mapping = try TablesMapping(path: tables.path)
        let controlReader = try ControlReader(directory: directory.path)

        // 10.0.0.0/8 is always 1 or 2; everything below it is 3 or absent; 11.0.0.0/8 never has a route.
        try tables.routes.set(#require(IPPrefix("10.0.0.0/8")), vrf: 1, nextHop: 1)
        tables.markPublished()
        let worker = ReadingWorker(
            tables: mapping.reader, epoch: UnsafeMutablePointer(mutating: stile_worker_epoch(dataplane.worker(0))),
            writerEpoch: controlReader.writerEpochWord)
        let group = DispatchGroup()
        DispatchQueue.global().async(group: group) { worker.run() }
        defer {
            worker.stop()
            group.wait()
        }
        while stile_load_acquire_u64(stile_worker_epoch(dataplane.worker(0))) == STILE_EPOCH_OFFLINE {}

        var random = SeededGenerator(seed: 61)
        var present: [IPPrefix] = []
        for step in 0..<6_000 {
            if present.count > 400 || (step % 3 == 2 && !present.isEmpty) {
                let prefix = present.remove(at: Int.random(in: 0..<present.count, using: &random))
                _ = try tables.routes.remove(prefix, vrf: 1)
            } else {
                let address = IPv4Address(rawValue: 0x0A00_0000 | UInt32.random(in: 0...0xFF_FFFF, using: &random))
                let length = Int.random(in: 9...32, using: &random)
                let prefix = try #require(IPPrefix(covering: .ipv4(address), length: length))
                try tables.routes.set(prefix, vrf: 1, nextHop: 3)
                if !present.contains(prefix) { present.append(prefix) }
            }
            try tables.routes.set(#require(IPPrefix("10.0.0.0/8")), vrf: 1, nextHop: UInt32(step % 2 + 1))
            tables.closeEpoch(control.advanceEpoch())
            tables.reclaim(passed: observer.oldestEpoch)
        }
        worker.stop()
        group.wait()
        #expect(worker.wrongAnswers == 0)
        #expect(worker.lookups > 0)
    }
}

/// The loop of a worker: epoch first, then a burst.
private final class ReadingWorker: @unchecked Sendable {
    private let tables: TablesReader
    private let epoch: UnsafeMutablePointer<UInt64>
    private let writerEpoch: UnsafePointer<UInt64>
    private let stopWord = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
    private(set) var wrongAnswers = 0
    private(set) var lookups = 0

    init(tables: TablesReader, epoch: UnsafeMutablePointer<UInt64>, writerEpoch: UnsafePointer<UInt64>) {
        self.tables = tables
        self.epoch = epoch
        self.writerEpoch = writerEpoch
        stopWord.initialize(to: 0)
    }

    deinit { stopWord.deallocate() }

    func stop() { stile_store_release_u32(stopWord, 1) }

    func run() {
        let queue = FIBQueue()
        defer { queue.deallocate() }
        var random = SeededGenerator(seed: 62)
        var results = [UInt32](repeating: 0, count: 64)
        while stile_load_acquire_u32(stopWord) == 0 {
            stile_store_release_u64(epoch, stile_load_acquire_u64(writerEpoch))
            stile_fence()
            let root = tables.ipv4Root(ofVRF: 1)
            for index in 0..<64 {
                let base: UInt32 = index % 8 == 0 ? 0x0B00_0000 : 0x0A00_0000
                let address = base | UInt32(truncatingIfNeeded: random.next() & 0xFF_FFFF)
                tables.fib.enqueue(ipv4: address, root: root, at: index, in: queue)
            }
            tables.fib.lookup(ipv4: queue, count: 64, results: &results)
            for index in 0..<64 {
                let isRight = index % 8 == 0 ? results[index] == 0 : (1...3).contains(results[index])
                wrongAnswers += isRight ? 0 : 1
            }
            lookups += 64
        }
        stile_store_release_u64(epoch, STILE_EPOCH_OFFLINE)
    }
}
