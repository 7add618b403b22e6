import Foundation

/// A connected Unix stream socket with a deadline on everything that may wait.
struct UnixStreamSocket: ~Copyable {
    private let descriptor: Int32
    private let path: String
    private let timeoutSeconds: Double
    private let isInterrupted: @Sendable () -> Bool
    private var received: [UInt8] = []
    /// Octets of `received` that are known to hold no newline.
    private var scannedBytes = 0

    /// - Throws: `.noDaemon`, `.notPermitted`.
    init(
        path: String, timeoutSeconds: Double, isInterrupted: @escaping @Sendable () -> Bool
    ) throws(ControlClientError) {
        self.path = path
        self.timeoutSeconds = timeoutSeconds
        self.isInterrupted = isInterrupted
        descriptor = try Self.connect(to: path, timeoutSeconds, isInterrupted)
    }

    deinit {
        close(descriptor)
    }

    /// A connected descriptor on which nothing but poll waits.
    private static func connect(
        to path: String, _ timeoutSeconds: Double, _ isInterrupted: () -> Bool
    ) throws(ControlClientError) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw .noDaemon(path: path, reason: "the path is too long for a socket")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_UNIX, kind, 0)
        guard descriptor >= 0 else { throw .noDaemon(path: path, reason: String(cString: strerror(errno))) }
        let deadline = ContinuousClock.now + .seconds(timeoutSeconds)
        while true {
            let outcome = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            let code = errno
            if outcome == 0 { return descriptor }
            // unix(7): EAGAIN means that the daemon's queue of new connections is full, and nothing can be polled.
            if code == EAGAIN || code == EINTR, !isInterrupted(), ContinuousClock.now < deadline {
                usleep(50_000)
                continue
            }
            close(descriptor)
            switch code {
            case EINTR, EAGAIN: throw isInterrupted() ? .interrupted : .timedOut(seconds: timeoutSeconds)
            case EACCES, EPERM: throw .notPermitted(path: path)
            default: throw .noDaemon(path: path, reason: String(cString: strerror(code)))
            }
        }
    }

    /// Sends all octets.
    func send(_ bytes: [UInt8]) throws(ControlClientError) {
        let deadline = ContinuousClock.now + .seconds(timeoutSeconds)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 {
                sent += count
            } else if errno == EAGAIN || errno == EINTR {
                try wait(for: POLLOUT, until: deadline)
            } else {
                throw .brokenAnswer("the daemon closed the connection: \(String(cString: strerror(errno)))")
            }
        }
    }

    /// The next line without its newline.
    mutating func receiveLine(largestBytes: Int) throws(ControlClientError) -> [UInt8] {
        let deadline = ContinuousClock.now + .seconds(timeoutSeconds)
        while true {
            if let newline = received[scannedBytes...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(received[..<newline])
                received.removeFirst(newline + 1)
                scannedBytes = 0
                return line
            }
            scannedBytes = received.count
            guard received.count <= largestBytes else { throw .brokenAnswer("the daemon's answer is too long") }
            try receive(until: deadline)
        }
    }

    private mutating func receive(until deadline: ContinuousClock.Instant) throws(ControlClientError) {
        var failure: Int32 = 0
        var count = 0
        let chunk = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, initialized in
            count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            failure = errno
            initialized = max(0, count)
        }
        if count > 0 {
            received += chunk
        } else if count == 0 {
            throw .brokenAnswer("the daemon closed the connection without an answer")
        } else if failure == EAGAIN || failure == EINTR {
            try wait(for: POLLIN, until: deadline)
        } else {
            throw .brokenAnswer("the connection failed: \(String(cString: strerror(failure)))")
        }
    }

    private func wait(for events: Int32, until deadline: ContinuousClock.Instant) throws(ControlClientError) {
        if isInterrupted() { throw .interrupted }
        let left = ContinuousClock.now.duration(to: deadline)
        guard left > .zero else { throw .timedOut(seconds: timeoutSeconds) }
        // A signal that comes just before poll does not wake it: hence no wait is longer than a quarter of a second.
        let milliseconds = left >= .milliseconds(250) ? 250 : left / .milliseconds(1)
        var poll = pollfd(fd: descriptor, events: Int16(truncatingIfNeeded: events), revents: 0)
        _ = Foundation.poll(&poll, 1, Int32(milliseconds.rounded(.up)))
    }
}
