import Dataplane
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

    /// What the EAL makes when it starts.
    let environmentDirectory: String

    /// - Parameter environment: added to this process's own.
    init(runtimeDirectory: String, environment: [String: String] = [:]) throws {
        log = runtimeDirectory + ".log"
        let prefix = EnvironmentArguments(
            memoryMegabytes: 0, freeHugepageMegabytes: 0, hasPCI: false, processors: "",
            runtimeDirectory: runtimeDirectory, operatorArguments: []
        ).filePrefix
        let parent =
            getuid() == 0 ? "/var/run" : ProcessInfo.processInfo.environment["XDG_RUNTIME_DIR"] ?? "/tmp"
        environmentDirectory = "\(parent)/dpdk/\(prefix)"
        if !FileManager.default.fileExists(atPath: log) {
            guard FileManager.default.createFile(atPath: log, contents: nil) else {
                throw CocoaError(.fileWriteUnknown)
            }
        }
        let output = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
        try output.seekToEnd()
        process.executableURL = Self.program
        process.arguments = [
            "--runtime-directory", runtimeDirectory, "--memory-megabytes", "256", "--eal",
            "--no-huge --no-pci",
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
