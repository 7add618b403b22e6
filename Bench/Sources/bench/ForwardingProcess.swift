import CTableLayout
import ForwardingTables
import Foundation
import Pipeline

/// A `stile-dataplane` of its own that forwards by a box's tables; stopped with the object.
final class ForwardingProcess {
    enum Failure: Error, CustomStringConvertible {
        case doesNotForward(log: String)

        var description: String {
            switch self {
            case .doesNotForward(let log): "stile-dataplane does not forward: \(log)"
            }
        }
    }

    /// What a worker has done so far.
    struct Sample {
        /// Time of the worker's thread on a processor.
        var processorSeconds: Double
        var record: stile_worker
    }

    let workers: Int
    private let process = Process()
    private let control: ControlSegment
    private let reader: DataplaneReader
    private let directory: String
    private let threads: [String]

    /// Starts the program and waits until its workers have the tables.
    init(program: String, box: Box, workers: Int) throws {
        self.workers = workers
        directory = "/tmp/stile-bench-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        let log = "\(directory)/log"
        try Data().write(to: URL(fileURLWithPath: log))
        control = try ControlSegment(directory: directory)
        control.setRates(
            punt: [UInt32](repeating: 1_000, count: PuntLimiter.sharesPerInterface), puntSum: 10_000, icmp: 100)
        box.writer.markPublished()
        try control.publish(generation: box.writer.generation, tablesPath: box.writer.path)
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = ["--runtime-directory", directory, "--memory-megabytes", "256", "--eal", "--no-pci"]
        let output = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
        process.standardOutput = output
        process.standardError = output
        do {
            try process.run()
            (reader, threads) = try Self.wait(for: process, directory: directory, workers: workers, log: log)
        } catch {
            Self.end(process, directory)
            throw error
        }
    }

    deinit { Self.end(process, directory) }

    private static func end(_ process: Process, _ directory: String) {
        if process.isRunning {
            process.terminate()
            process.waitUntilExit()
        }
        try? FileManager.default.removeItem(atPath: directory)
    }

    private static func wait(
        for process: Process, directory: String, workers: Int, log: String
    ) throws -> (DataplaneReader, [String]) {
        for _ in 0..<500 where process.isRunning {
            if let reader = try? DataplaneReader(directory: directory), reader.generationInUse > 0,
                let threads = threads(of: process.processIdentifier, workers: workers)
            {
                return (reader, threads)
            }
            Thread.sleep(forTimeInterval: 0.02)
        }
        throw Failure.doesNotForward(log: (try? String(contentsOfFile: log, encoding: .utf8)) ?? "")
    }

    /// The directories of the workers' threads in /proc, by worker.
    private static func threads(of process: Int32, workers: Int) -> [String]? {
        let tasks = "/proc/\(process)/task"
        var found = [String?](repeating: nil, count: workers)
        for task in (try? FileManager.default.contentsOfDirectory(atPath: tasks)) ?? [] {
            let name = (try? String(contentsOfFile: "\(tasks)/\(task)/comm", encoding: .utf8)) ?? ""
            for worker in 0..<workers where name == "stile-worker\(worker)\n" { found[worker] = "\(tasks)/\(task)" }
        }
        let known = found.compactMap(\.self)
        return known.count == workers ? known : nil
    }

    func sample(_ worker: Int) -> Sample {
        // Time on a processor in nanoseconds is the first number (kernel, scheduler/sched-stats).
        let text = (try? String(contentsOfFile: "\(threads[worker])/schedstat", encoding: .utf8)) ?? ""
        return Sample(
            processorSeconds: (Double(text.split(separator: " ").first ?? "") ?? 0) / 1e9,
            record: reader.worker(worker) ?? stile_worker())
    }
}
