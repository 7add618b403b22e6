import Glibc

/// Messages to the service manager over the datagram socket that it names in `NOTIFY_SOCKET` (sd_notify(3)).
///
/// Without that variable every message goes nowhere.
public struct ServiceNotification: Sendable {
    private var path: String?
    /// How often the manager wants to hear of us, in microseconds; `nil` where it does not watch.
    public var watchdogMicroseconds: UInt64?

    public init(socketPath: String?, watchdogMicroseconds: UInt64?) {
        path = socketPath
        self.watchdogMicroseconds = watchdogMicroseconds
    }

    /// To nobody.
    public static let none = ServiceNotification(socketPath: nil, watchdogMicroseconds: nil)

    /// From the process's environment.
    public static func fromEnvironment() -> ServiceNotification {
        from(process: getpid()) { getenv($0).map { String(cString: $0) } }
    }

    /// A watchdog that is meant for another process (sd_watchdog_enabled(3)), such as the one that started this one, is
    /// none.
    package static func from(process: Int32, variable: (String) -> String?) -> ServiceNotification {
        let isWatched = variable("WATCHDOG_PID").map { Int32($0) == process } ?? true
        return ServiceNotification(
            socketPath: variable("NOTIFY_SOCKET"),
            watchdogMicroseconds: isWatched ? variable("WATCHDOG_USEC").flatMap { UInt64($0) } : nil)
    }

    /// The process has begun its work, or what it does now.
    public func isReady(_ status: String) {
        send("STATUS=\(status)")
        send("READY=1")
    }

    /// To be called while the process gets on with its work, and only then: without it the manager starts it anew.
    public func feedWatchdog() {
        guard watchdogMicroseconds != nil else { return }
        send("WATCHDOG=1")
    }

    /// Sends `READY=1`, `WATCHDOG=1`, `STOPPING=1` or `STATUS=…`. Returns whether it was taken; a manager that does
    /// not listen is no error.
    @discardableResult
    public func send(_ message: String) -> Bool {
        guard let path, !path.isEmpty else { return false }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard path.utf8.count < capacity else { return false }
        withUnsafeMutableBytes(of: &address.sun_path) { place in
            // A leading @ stands for the abstract namespace, whose names begin with NUL (unix(7)).
            for (offset, octet) in path.utf8.enumerated() {
                place[offset] = offset == 0 && octet == UInt8(ascii: "@") ? 0 : octet
            }
        }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + path.utf8.count)
        let octets = Array(message.utf8)
        let sent = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, octets, octets.count, Int32(truncatingIfNeeded: MSG_NOSIGNAL), $0, length)
            }
        }
        return sent == octets.count
    }
}
