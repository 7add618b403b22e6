import ArgumentParser
import Foundation

/// The program `stile-traffic`: its commands and how it ends.
public struct StileTraffic: ParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "stile-traffic",
        abstract: "Offers traffic to a Stile, or to any other router, and measures what comes back.",
        discussion: """
            Streams come from a profile (--profile FILE) or from a running Stile's own routes and labels (--from-socket \
            PATH). Devices are PCI addresses, or virtual devices such as \
            net_memif0,role=client,id=0,socket=/run/stile/memif.sock. With --from-socket and memif ports no device needs \
            to be named.

            Exit codes: 0 done, 1 failed, 2 usage, 3 profile or capture not valid, 4 no daemon, 5 no link, \
            8 generator-limited, 9 packets of an attack came through, 130 interrupted.
            """,
        version: "0.1.0",
        subcommands: [
            RunCommand.self, SearchCommand.self, Benchmark2544Command.self, AttackCommand.self, ReplayCommand.self,
        ])

    public init() {}

    /// Runs the program.
    ///
    /// - Returns: the exit code.
    public static func start(arguments: [String]) -> Int32 {
        do {
            var command = try parseAsRoot(arguments)
            try command.run()
            return TrafficExitCode.done.rawValue
        } catch let error as TrafficError {
            writeError("stile-traffic: \(error) (\(error.code.rawValue))\n")
            return error.exitCode.rawValue
        } catch let code as ExitCode {
            return code.rawValue
        } catch {
            let isHelp = exitCode(for: error) == .success
            let message = fullMessage(for: error)
            if isHelp { print(message) } else { writeError(message + "\n") }
            return (isHelp ? TrafficExitCode.done : .usage).rawValue
        }
    }

    static func writeError(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
