import Addressing
import ArgumentParser
import Configuration
import ControlPlane
import ControlProtocol
import Foundation
import LogDelivery
import Logging
import NIOPosix
import ServiceSupervision

/// The control process: configuration, BGP, routes and labels, and the forwarding tables that the data plane reads.
@main
struct Stiled: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stiled", abstract: "The control process of Stile.", version: ControlPlane.version)

    @Option(
        help:
            "A file that is the truth at each start, whatever has been committed since; without it the last commit is.")
    var configuration: String?

    @Option(help: "What a box starts with that has no commit; changed later, it is only told of.")
    var firstConfiguration = "/etc/stile/stile.conf"

    @Flag(help: "Also start with a configuration that says nothing, or without one.")
    var force = false

    @Option(help: "Where the two processes and the command line meet.")
    var runtimeDirectory = "/run/stile"

    @Option(help: "What must outlive a restart of the machine.")
    var stateDirectory = "/var/lib/stile"

    @Option(help: "The TUN device that hands the NNIs' own addresses to the kernel.")
    var tunName = "stile0"

    @Flag(help: "No TUN device: BGP uses the kernel's own interfaces.")
    var noTun = false

    @Option(help: "The TCP port of BGP on both sides.")
    var bgpPort: UInt16 = 179

    @Option(help: "An address to listen on for BGP; may be repeated. All by default.")
    var bgpListen: [String] = []

    @Option(help: "A hugetlbfs mount for the tables.")
    var hugepageDirectory: String?

    @Option(
        help:
            "A group whose members may look at the box and change nothing; all others but root and stiled's group are refused."
    )
    var readOnlyGroup: String?

    @Option(help: "trace, debug, info, notice, warning, error or critical.")
    var logLevel = "info"

    func validate() throws {
        guard Logger.Level(rawValue: logLevel) != nil else { throw ValidationError("unknown log level '\(logLevel)'") }
        if let readOnlyGroup, ControlAccess(readOnlyGroup: readOnlyGroup) == nil {
            throw ValidationError("there is no group '\(readOnlyGroup)'")
        }
        for address in bgpListen where IPAddress(address) == nil {
            throw ValidationError("'\(address)' is not an IP address")
        }
    }

    func run() async throws {
        let level = Logger.Level(rawValue: logLevel) ?? .info
        let log = LogBook(journal: .behindStandardError())
        LoggingSystem.bootstrap { label in
            var handler = LogBookHandler(label: label, book: log)
            handler.logLevel = level
            return handler
        }
        let stop = TerminationSignals()
        raiseDescriptorLimit()
        let start = try load()
        for warning in start.loaded.warnings { writeError(warning.description) }
        do {
            let notification = ServiceNotification.fromEnvironment()
            let plane = try ControlPlane(
                options: options, configuration: start, group: MultiThreadedEventLoopGroup.singleton,
                notification: notification, log: log)
            try await plane.start()
            notification.isReady("in control")
            await stop.wait()
            notification.send("STOPPING=1")
            await plane.stop()
        } catch {
            writeError("stiled: \(error)\n")
            throw ExitCode(1)
        }
    }

    private var options: ControlPlaneOptions {
        var options = ControlPlaneOptions(runtimeDirectory: runtimeDirectory, stateDirectory: stateDirectory)
        options.configurationFile = configuration
        options.firstFile = firstConfiguration
        options.tunName = noTun ? nil : tunName
        options.bgpPort = bgpPort
        if let access = readOnlyGroup.flatMap({ ControlAccess(readOnlyGroup: $0) }) { options.access = access }
        options.hugepageDirectory = hugepageDirectory
        let addresses = bgpListen.compactMap { IPAddress($0) }
        if !addresses.isEmpty { options.listenAddresses = addresses }
        return options
    }

    /// Reads the configuration; a wrong one ends the process before it has touched anything.
    private func load() throws -> StartConfiguration {
        do {
            guard let configuration else {
                return try StartConfiguration.lastCommit(
                    in: options, firstFile: firstConfiguration, isForced: force)
            }
            return try load(configuration)
        } catch let error as StartConfigurationError {
            writeError("stiled: \(error)")
            throw ExitCode(3)
        }
    }

    private func load(_ file: String) throws -> StartConfiguration {
        guard let data = FileManager.default.contents(atPath: file) else {
            writeError("stiled: \(file) cannot be read\n")
            throw ExitCode(3)
        }
        let start: StartConfiguration
        do {
            start = try StartConfiguration(text: String(decoding: data, as: UTF8.self), fileName: file)
        } catch {
            writeError(error.description)
            throw ExitCode(3)
        }
        guard force || !start.loaded.configuration.isEmpty else {
            writeError("stiled: \(file) says nothing; add --force if that is meant\n")
            throw ExitCode(3)
        }
        return start
    }

    private func writeError(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}

/// A VRF with BGP neighbors has a device and two listeners, and every session a socket: more than a shell's limit of 1,024.
private func raiseDescriptorLimit() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
}
