import Glibc

/// The time since the machine started, which goes on while it sleeps and which nobody sets, and which start it was.
public struct BootClock: Sendable {
    /// Empty where that is not known.
    let identifier: String
    let seconds: @Sendable () -> Int64

    package init(identifier: String, seconds: @escaping @Sendable () -> Int64) {
        self.identifier = identifier
        self.seconds = seconds
    }

    /// The kernel's: random(4) has the identifier, clock_gettime(2) the time.
    public static let kernel = BootClock(identifier: kernelIdentifier) {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Int64(time.tv_sec)
    }

    private static var kernelIdentifier: String {
        let octets = (try? KernelFiles().read("/proc/sys/kernel/random/boot_id", first: 64)).flatMap { $0 } ?? []
        return String(decoding: octets.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
}
