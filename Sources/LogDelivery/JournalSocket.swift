import Glibc

/// journald's socket for entries with fields. Nobody waits for it: what it does not take at once is not written there.
public final class JournalSocket: Sendable {
    public static let usualPath = "/run/systemd/journal/socket"

    private let descriptor: Int32
    private let path: String

    /// `nil`: there can be no such socket.
    public init?(path: String = JournalSocket.usualPath) {
        guard path.utf8.count < MemoryLayout.size(ofValue: sockaddr_un().sun_path) else { return nil }
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        self.path = path
    }

    deinit { close(descriptor) }

    /// The journal that standard error already leads to, as the service manager says (`JOURNAL_STREAM`, systemd.exec(5)): device
    /// and inode of the socket. `nil`: it leads elsewhere.
    public static func behindStandardError() -> JournalSocket? {
        guard let variable = getenv("JOURNAL_STREAM") else { return nil }
        let numbers = String(cString: variable).split(separator: ":").map { UInt64($0) }
        var status = stat()
        guard numbers.count == 2, fstat(STDERR_FILENO, &status) == 0, numbers[0] == UInt64(status.st_dev),
            numbers[1] == UInt64(status.st_ino)
        else { return nil }
        return JournalSocket()
    }

    /// `false`: the journal has not taken it.
    func send(_ entry: JournalEntry) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let sent = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                entry.octets.withUnsafeBytes {
                    sendto(
                        descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL),
                        pointer, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
        }
        return sent == entry.octets.count
    }
}
