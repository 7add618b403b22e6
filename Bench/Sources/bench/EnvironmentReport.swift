import CDPDKLookup
import CTableLayout
import Foundation

/// Where and of what a result was made.
struct EnvironmentReport: Codable {
    var date: String
    var cpu: String
    var processors: Int
    var tscHz: Double
    var kernel: String
    /// From `Bench/run`; "unknown" when the program was started by hand.
    var compiler: String
    var commit: String
    var dpdk: String
    /// Free pages of 2 MiB when the program began.
    var hugepagesFree: Int
    var hugepagesTotal: Int
    /// Where the measured tables lay: "2 MiB" or "4 KiB".
    var tablePages: String
    var loadAverage: Double
    var command: String
    var networkInterface = "none: frames in plain memory"

    static func current(tablePages: String, cyclesPerSecond: Double) -> EnvironmentReport {
        let variables = ProcessInfo.processInfo.environment
        return EnvironmentReport(
            date: ISO8601DateFormatter().string(from: Date()), cpu: field("model name", in: "/proc/cpuinfo"),
            processors: ProcessInfo.processInfo.activeProcessorCount, tscHz: cyclesPerSecond.rounded(),
            kernel: text(of: "/proc/sys/kernel/osrelease"), compiler: variables["STILE_BENCH_COMPILER"] ?? "unknown",
            commit: variables["STILE_BENCH_COMMIT"] ?? "unknown", dpdk: String(cString: dpdk_version()),
            hugepagesFree: number("HugePages_Free"), hugepagesTotal: number("HugePages_Total"), tablePages: tablePages,
            loadAverage: Double(text(of: "/proc/loadavg").split(separator: " ").first ?? "0") ?? 0,
            command: variables["STILE_BENCH_COMMAND"] ?? CommandLine.arguments.joined(separator: " "))
    }

    /// The TSC's frequency, counted against the monotonic clock.
    static func measureCyclesPerSecond() -> Double {
        let clock = ContinuousClock()
        let start = clock.now
        let cycles = stile_cycles()
        Thread.sleep(forTimeInterval: 0.1)
        let elapsed = start.duration(to: clock.now)
        let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
        return Double(stile_cycles() &- cycles) / seconds
    }

    private static func text(of path: String) -> String {
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// What stands behind the first `name` and a colon in a file of the kernel.
    private static func field(_ name: String, in path: String) -> String {
        for line in text(of: path).split(separator: "\n") where line.hasPrefix(name) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            return line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        }
        return "unknown"
    }

    private static func number(_ name: String) -> Int {
        Int(field(name, in: "/proc/meminfo").split(separator: " ").first ?? "") ?? 0
    }
}
