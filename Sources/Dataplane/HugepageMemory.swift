import Glibc

/// What `/proc/meminfo` says about hugepages.
public enum HugepageMemory {
    /// Free hugepages of the default size, in MiB; 0 where the kernel has none or the text is not as expected.
    public static func freeMegabytes(meminfo text: some StringProtocol) -> Int {
        guard let pages = value(of: "HugePages_Free:", in: text), let kilobytes = value(of: "Hugepagesize:", in: text)
        else { return 0 }
        let (total, overflow) = pages.multipliedReportingOverflow(by: kilobytes)
        return overflow ? 0 : total / 1024
    }

    private static func value(of name: String, in text: some StringProtocol) -> Int? {
        for line in text.split(separator: "\n") where line.hasPrefix(name) {
            guard let number = line.dropFirst(name.count).split(separator: " ").first.flatMap({ Int($0) }), number >= 0
            else { return nil }
            return number
        }
        return nil
    }

    /// Of this machine, now.
    public static func freeMegabytes() -> Int {
        freeMegabytes(meminfo: textOfFile("/proc/meminfo") ?? "")
    }

    private static func textOfFile(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var octets: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            guard count > 0 else { break }
            octets += chunk[..<count]
        }
        return String(decoding: octets, as: UTF8.self)
    }
}
