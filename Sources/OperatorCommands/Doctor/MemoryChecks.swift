/// Hugepages, the limit of locked memory, and the room for the tables.
extension Doctor {
    func hugepages() -> [DoctorFinding] {
        let values = Dictionary(
            machine.lines("/proc/meminfo").compactMap { line -> (Substring, Int)? in
                let words = line.split { $0 == " " || $0 == ":" }
                guard words.count >= 2, let value = Int(words[1]) else { return nil }
                return (words[0], value)
            }, uniquingKeysWith: { first, _ in first })
        guard let kilobytes = values["Hugepagesize"], kilobytes > 0 else { return [] }
        let (total, overflow) = (values["HugePages_Total"] ?? 0).multipliedReportingOverflow(by: kilobytes)
        guard !overflow, total / 1024 < needs.frameMegabytes else { return [] }
        let pages = (needs.frameMegabytes * 1024 + kilobytes - 1) / kilobytes
        return [
            advice(
                "hugepages",
                "the machine has \(total / 1024) MiB of hugepages, frames and rings take \(needs.frameMegabytes) MiB: they lie in ordinary pages",
                mend:
                    "sysctl -w vm.nr_hugepages=\(pages) && echo vm.nr_hugepages=\(pages) >/etc/sysctl.d/80-stile.conf && systemctl restart stile-dataplane"
            )
        ]
    }

    /// Of a data plane that runs. VFIO locks all memory that a device may write to.
    func lockedMemory() -> [DoctorFinding] {
        guard !needs.functions.isEmpty else { return [] }
        for process in machine.names(in: "/proc") where UInt32(process) != nil {
            guard machine.text("/proc/\(process)/comm") == "stile-dataplane" else { continue }
            for line in machine.lines("/proc/\(process)/limits") where line.hasPrefix("Max locked memory") {
                let words = line.dropFirst("Max locked memory".count).split(separator: " ")
                guard let limit = words.first, limit != "unlimited" else { continue }
                return [
                    problem(
                        "locked-memory", "process \(process) may lock \(limit) octets: VFIO maps no device's memory",
                        mend: "prlimit --pid \(process) --memlock=unlimited:unlimited")
                ]
            }
        }
        return []
    }

    /// Two generations of tables are there while one follows the other.
    func runtimeDirectory() -> [DoctorFinding] {
        let wanted = 2 * needs.tableMegabytes
        for place in ["/run/stile", "/run"] {
            for line in machine.lines("/proc/mounts") {
                let words = line.split(separator: " ")
                guard words.count >= 4, words[1] == place, words[2] == "tmpfs" else { continue }
                let size = words[3].split(separator: ",").first { $0.hasPrefix("size=") }
                guard let size, size.hasSuffix("k"), let kilobytes = Int(size.dropFirst("size=".count).dropLast()),
                    kilobytes / 1024 < wanted
                else { return [] }
                return [
                    advice(
                        "run-size",
                        "\(place) has room for \(kilobytes / 1024) MiB, two generations of full tables take \(wanted) MiB",
                        mend: "mount -o remount,size=\(wanted)M \(place)")
                ]
            }
        }
        return []
    }
}
