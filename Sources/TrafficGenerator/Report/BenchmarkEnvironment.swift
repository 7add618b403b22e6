import CDPDKShim
import ControlProtocol
import Dataplane
import Foundation

/// The machine and the software that a result was made with.
public struct BenchmarkEnvironment: Codable, Hashable, Sendable {
    public struct Device: Codable, Hashable, Sendable {
        public let name: String
        public let device: String
        public let driver: String
        public let isInMemory: Bool

        public init(name: String, device: String, driver: String, isInMemory: Bool) {
            self.name = name
            self.device = device
            self.driver = driver
            self.isInMemory = isInMemory
        }
    }

    public var processorModel: String
    public var logicalProcessors: Int
    /// Of the time-stamp counter.
    public var cyclesPerSecond: UInt64
    public var kernel: String
    public var swiftVersion: String
    public var dpdkVersion: String
    public var freeHugepageMegabytes: Int
    public var framesInHugepages: Bool
    /// Of the source tree that the program was started in or lies in, where there is one.
    public var gitCommit: String?
    public var commandLine: [String]
    public var devices: [Device]

    public init(
        processorModel: String, logicalProcessors: Int, cyclesPerSecond: UInt64, kernel: String, swiftVersion: String,
        dpdkVersion: String, freeHugepageMegabytes: Int, framesInHugepages: Bool, gitCommit: String?,
        commandLine: [String], devices: [Device]
    ) {
        self.processorModel = processorModel
        self.logicalProcessors = logicalProcessors
        self.cyclesPerSecond = cyclesPerSecond
        self.kernel = kernel
        self.swiftVersion = swiftVersion
        self.dpdkVersion = dpdkVersion
        self.freeHugepageMegabytes = freeHugepageMegabytes
        self.framesInHugepages = framesInHugepages
        self.gitCommit = gitCommit
        self.commandLine = commandLine
        self.devices = devices
    }

    /// Of this process, after the EAL's start.
    static func current(devices: [GeneratorDevice], framesInHugepages: Bool) -> BenchmarkEnvironment {
        BenchmarkEnvironment(
            processorModel: processorModel(), logicalProcessors: ProcessInfo.processInfo.processorCount,
            cyclesPerSecond: stile_cycles_per_second(), kernel: kernel(), swiftVersion: swiftVersion,
            dpdkVersion: Environment.version, freeHugepageMegabytes: HugepageMemory.freeMegabytes(),
            framesInHugepages: framesInHugepages, gitCommit: gitCommit(), commandLine: CommandLine.arguments,
            devices: devices.map {
                Device(
                    name: $0.name.name, device: $0.name.device, driver: $0.driver, isInMemory: $0.name.isInMemory)
            })
    }

    private static func processorModel() -> String {
        let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("model name") || $0.hasPrefix("CPU part") }
        return line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"
    }

    private static func kernel() -> String {
        let text = (try? String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8)) ?? "unknown"
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// The compiler's version, as far as the language tells it.
    private static var swiftVersion: String {
        #if compiler(>=6.4)
            "6.4 or later"
        #elseif compiler(>=6.3)
            "6.3"
        #else
            "6.2"
        #endif
    }

    /// Looks for a repository from the working directory and from the program's file upwards.
    private static func gitCommit() -> String? {
        let program = URL(fileURLWithPath: CommandLine.arguments.first ?? "").resolvingSymlinksInPath()
        for start in [URL(fileURLWithPath: FileManager.default.currentDirectoryPath), program] {
            var place = start
            while place.pathComponents.count > 1 {
                if let commit = commit(in: place.appendingPathComponent(".git")) { return commit }
                place = place.deletingLastPathComponent()
            }
        }
        return nil
    }

    private static func commit(in repository: URL) -> String? {
        func text(_ name: String) -> String? {
            (try? String(contentsOf: repository.appendingPathComponent(name), encoding: .utf8))?
                .trimmingCharacters(in: .whitespacesAndNewlines)
        }
        guard let head = text("HEAD") else { return nil }
        guard head.hasPrefix("ref: ") else { return head }
        let reference = String(head.dropFirst(5))
        if let commit = text(reference) { return commit }
        let packed = text("packed-refs")?.split(separator: "\n").first { $0.hasSuffix(" " + reference) }
        return packed?.split(separator: " ").first.map(String.init)
    }
}
