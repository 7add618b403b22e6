import Foundation

/// The real program as a child process; killed with the object.
final class DataplaneChild {
    private let process = Process()
    private let log: String

    /// The program stands beside the tests.
    private static var program: URL {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("stile-dataplane")
    }

    /// The EAL makes a directory of this name in /var/run/dpdk, which stays empty.
    private static let filePrefix = "stile-test-\(ProcessInfo.processInfo.processIdentifier)"

    /// - Parameter environment: added to this process's own.
    init(runtimeDirectory: String, environment: [String: String] = [:]) throws {
        log = runtimeDirectory + ".log"
        if !FileManager.default.fileExists(atPath: log) {
            guard FileManager.default.createFile(atPath: log, contents: nil) else {
                throw CocoaError(.fileWriteUnknown)
            }
        }
        let output = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
        try output.seekToEnd()
        process.executableURL = Self.program
        process.arguments = [
            "--runtime-directory", runtimeDirectory, "--memory-megabytes", "128", "--eal",
            "--no-huge --no-pci --file-prefix=\(Self.filePrefix)",
        ]
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardOutput = output
        process.standardError = output
        try process.run()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        try? FileManager.default.removeItem(atPath: log)
        rmdir("/var/run/dpdk/\(Self.filePrefix)")
    }

    var isRunning: Bool { process.isRunning }

    /// What it has written.
    var output: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }

    /// Sends a signal and waits for the end.
    ///
    /// - Returns: the exit status, or the signal's number with a minus.
    func end(by signal: Int32) -> Int32 {
        kill(process.processIdentifier, signal)
        return wait()
    }

    func wait() -> Int32 {
        process.waitUntilExit()
        return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    }
}

/// Polls until a condition holds.
///
/// - Returns: whether it did, before ten seconds were over.
func eventually(_ condition: () -> Bool) -> Bool {
    for _ in 0..<500 {
        if condition() { return true }
        usleep(20_000)
    }
    return condition()
}
