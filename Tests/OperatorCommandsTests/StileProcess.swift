import ControlProtocol
import ControlProtocolSamples
import Foundation
import NIOPosix

/// The built `stile` as a process, against a server with canned answers.
struct StileProcess {
    struct Outcome: Sendable {
        let exitCode: ExitCode?
        let standardOutput: String
        let standardError: String
    }

    /// The program stands beside the test bundle that is running.
    static var program: String {
        let bundle = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(filePath: bundle).deletingLastPathComponent().appending(path: "stile").path
    }

    static func run(
        _ arguments: [String], input: String = "", program: String = program,
        environment: [String: String] = [:], interruptAfterOutput: Bool = false
    ) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let (standardInput, standardOutput, standardError) = (Pipe(), Pipe(), Pipe())
        process.standardInput = standardInput
        process.standardOutput = standardOutput
        process.standardError = standardError
        try process.run()
        try standardInput.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try standardInput.fileHandleForWriting.close()
        var output = Data()
        if interruptAfterOutput {
            output += standardOutput.fileHandleForReading.availableData
            process.interrupt()
        }
        output += try standardOutput.fileHandleForReading.readToEnd() ?? Data()
        let errors = try standardError.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Outcome(
            exitCode: process.terminationReason == .exit ? ExitCode(rawValue: process.terminationStatus) : nil,
            standardOutput: String(decoding: output, as: UTF8.self),
            standardError: String(decoding: errors, as: UTF8.self))
    }

    /// Runs `body`, which may block, on a thread of its own with the socket of a server.
    static func withServer<Result: Sendable>(
        _ handler: @escaping ControlServer.Handler = { request, _ in Samples.answer(to: request) },
        access: ControlAccess = .bySocketPermissions,
        _ body: @escaping @Sendable (_ socket: String) throws -> Result
    ) async throws -> Result {
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let server = try await ControlServer.start(
            socketPath: folder + "/stile.sock", group: MultiThreadedEventLoopGroup.singleton, access: access,
            handler: handler)
        let outcome = await withCheckedContinuation { continuation in
            Thread { continuation.resume(returning: Swift.Result { try body(server.socketPath) }) }.start()
        }
        await server.close()
        return try outcome.get()
    }

    static func temporaryFolder() throws -> String {
        var template = Array("/tmp/stile-test.XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw CocoaError(.fileWriteUnknown) }
        return String(cString: made)
    }
}
