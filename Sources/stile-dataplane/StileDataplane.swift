import ArgumentParser
import Dataplane
import LogDelivery
import Logging

/// The forwarding process of Stile. Everything that it does is in the module Dataplane.
@main
struct StileDataplane: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stile-dataplane",
        abstract: "Forwards packets by the tables that stiled publishes.",
        discussion: "Waits for stiled where there are no tables yet, and goes on forwarding when stiled is away.",
        version: "0.1.0")

    @Option(help: "Where stiled and stile-dataplane share memory.")
    var runtimeDirectory = "/run/stile"

    @Option(help: "Memory for frames and rings, in MiB: hugepages where enough are free.")
    var memoryMegabytes = 512

    @Option(
        parsing: .unconditional,
        help: "More arguments for DPDK's EAL, separated by blanks; they replace ours of the same name.")
    var eal = ""

    func validate() throws {
        guard (64...1_048_576).contains(memoryMegabytes) else {
            throw ValidationError("--memory-megabytes \(memoryMegabytes): expected 64 to 1048576")
        }
    }

    func run() throws {
        let log = LogBook(journal: .behindStandardError())
        let logger = Logger(label: "stile-dataplane") { LogBookHandler(label: $0, book: log) }
        let process = DataplaneProcess(
            options: .init(
                runtimeDirectory: runtimeDirectory, memoryMegabytes: memoryMegabytes,
                environmentArguments: eal.split(separator: " ").map(String.init)),
            logger: logger)
        do {
            try process.run()
        } catch {
            logger.critical("\(error)")
            throw ExitCode(1)
        }
    }
}
