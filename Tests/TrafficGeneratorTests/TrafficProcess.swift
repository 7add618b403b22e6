import Foundation

/// The built `stile-traffic` as a process.
struct TrafficProcess {
    let exitCode: Int32
    let standardOutput: Data
    let standardError: String

    /// The program stands beside the test bundle that is running.
    static var program: URL {
        let bundle = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent("stile-traffic")
    }

    /// Runs the program to its end.
    init(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = Self.program
        process.arguments = arguments
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("stile-traffic-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        // A file, not a pipe: nobody has to empty it while the program runs.
        let errors = folder.appendingPathComponent("errors")
        let output = folder.appendingPathComponent("output")
        try Data().write(to: errors)
        try Data().write(to: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        process.standardOutput = try FileHandle(forWritingTo: output)
        try process.run()
        process.waitUntilExit()
        exitCode = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
        standardOutput = try Data(contentsOf: output)
        standardError = try String(contentsOf: errors, encoding: .utf8)
    }
}
