import Glibc

/// What the process that asks takes of the machine, by the names that Prometheus' client libraries have for it.
public struct ProcessUsage: Sendable {
    private var cpuSeconds = 0.0
    private var virtualBytes: UInt64 = 0
    private var residentBytes: UInt64 = 0

    /// Reads what the kernel says of this process; all is 0 where it says nothing.
    public init() {
        var time = timespec()
        if clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 {
            cpuSeconds = Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        }
        // proc(5), statm: all and resident pages.
        let pages = Self.firstLine(of: "/proc/self/statm").split(separator: " ").prefix(2).compactMap { UInt64($0) }
        guard pages.count == 2 else { return }
        let pageBytes = UInt64(clamping: sysconf(Int32(_SC_PAGESIZE)))
        virtualBytes = pages[0] * pageBytes
        residentBytes = pages[1] * pageBytes
    }

    private static func firstLine(of path: String) -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var line = [UInt8](repeating: 0, count: 256)
        let count = fread(&line, 1, line.count, file)
        return String(decoding: line.prefix(count).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }

    fileprivate var samples: (cpu: MetricSample, virtual: MetricSample, resident: MetricSample) {
        (MetricSample([:], cpuSeconds), MetricSample([:], virtualBytes), MetricSample([:], residentBytes))
    }
}

extension MetricsText {
    public mutating func write(_ usage: ProcessUsage) {
        let samples = usage.samples
        counter("process_cpu_seconds", "Processor time that stiled has taken, user and system.", [samples.cpu])
        gauge("process_virtual_memory_bytes", "Address space of stiled.", [samples.virtual])
        gauge("process_resident_memory_bytes", "Memory of stiled that is resident.", [samples.resident])
    }
}
