import Foundation

/// The path of a Unix socket while it is being set up.
///
/// The socket is bound in a directory that nobody else may enter, gets its permissions there, and then takes its place
/// in one step: nobody can connect before the permissions hold, and a socket that a dead process left is replaced.
struct SocketFile {
    let path: String
    private let privateDirectory: String

    /// Where to bind.
    var temporaryPath: String { privateDirectory + "/s" }

    /// - Throws: ``ControlServerError`` when something else than a socket stands at `path`, or the directory cannot be
    ///   written to.
    init(path: String) throws(ControlServerError) {
        self.path = path
        var status = stat()
        if lstat(path, &status) == 0, status.st_mode & S_IFMT != S_IFSOCK {
            throw ControlServerError("\(path) exists and is not a socket; remove it or choose another path")
        }
        var template = Array("\(path).XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else {
            throw ControlServerError("cannot make the socket \(path): \(String(cString: strerror(errno)))")
        }
        privateDirectory = String(cString: made)
    }

    /// Gives the bound socket its permissions and its place.
    func publish(mode: mode_t) throws(ControlServerError) {
        guard chmod(temporaryPath, mode) == 0, rename(temporaryPath, path) == 0 else {
            throw ControlServerError("cannot make the socket \(path): \(String(cString: strerror(errno)))")
        }
        rmdir(privateDirectory)
    }

    /// Removes what ``init(path:)`` and a bind made.
    func abandon() {
        unlink(temporaryPath)
        rmdir(privateDirectory)
    }

    /// Which file stands at the path: its device and inode.
    func identity() -> Identity? {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        return Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }

    struct Identity: Hashable, Sendable {
        let device: UInt64
        let inode: UInt64
    }
}

/// Why the control socket could not be opened.
public struct ControlServerError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
