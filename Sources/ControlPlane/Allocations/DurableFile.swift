import Foundation

/// A file that is replaced as a whole and survives a crash at any moment as either its old or its new contents.
enum DurableFile {
    /// Writes beside the file, forces the octets to disk, renames over it, and forces the directory to disk.
    /// - Throws: ``SystemCallError``.
    static func replace(_ path: String, with contents: [UInt8]) throws {
        let temporary = path + ".new"
        let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw SystemCallError(call: "open \(temporary)") }
        // Also where somebody else has left the file: the running configuration holds passwords.
        fchmod(file, 0o600)
        do {
            try writeAll(contents, to: file, path: temporary)
            guard fsync(file) == 0 else { throw SystemCallError(call: "fsync \(temporary)") }
        } catch {
            close(file)
            throw error
        }
        guard close(file) == 0 else { throw SystemCallError(call: "close \(temporary)") }
        guard rename(temporary, path) == 0 else { throw SystemCallError(call: "rename \(temporary)") }
        let directory = (path as NSString).deletingLastPathComponent
        let handle = open(directory.isEmpty ? "." : directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard handle >= 0 else { throw SystemCallError(call: "open \(directory)") }
        defer { close(handle) }
        guard fsync(handle) == 0 else { throw SystemCallError(call: "fsync \(directory)") }
    }

    /// The file's contents; `nil` if there is no file.
    /// - Throws: ``SystemCallError`` if it cannot be read or is longer than `limit` octets.
    static func read(_ path: String, limit: Int = 64 << 20) throws -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw SystemCallError(call: "open \(path)")
        }
        defer { close(file) }
        var contents: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let length = Glibc.read(file, &buffer, buffer.count)
            if length < 0 {
                if errno == EINTR { continue }
                throw SystemCallError(call: "read \(path)")
            }
            if length == 0 { return contents }
            contents += buffer[0..<length]
            guard contents.count <= limit else { throw SystemCallError(call: "read \(path)", number: EFBIG) }
        }
    }

    private static func writeAll(_ contents: [UInt8], to file: Int32, path: String) throws {
        var written = 0
        while written < contents.count {
            let length = contents[written...].withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            if length < 0 {
                if errno == EINTR { continue }
                throw SystemCallError(call: "write \(path)")
            }
            written += length
        }
    }
}
