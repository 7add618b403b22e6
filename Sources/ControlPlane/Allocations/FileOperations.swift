import Foundation

/// What is done to files that have to survive a power cut, one system call each: the order of these calls is what decides
/// which contents are there afterwards. Tests record them.
package protocol FileOperations: Sendable {
    /// Makes an empty file that its owner alone may read, or empties the one that is there.
    /// - Returns: its descriptor, to be closed.
    func create(_ path: String) throws -> Int32
    /// Opens a directory, to be synchronized and closed.
    func openDirectory(_ path: String) throws -> Int32
    func write(_ contents: [UInt8], to file: Int32) throws
    /// Forces to disk what a descriptor stands for; `fsync`.
    func synchronize(_ descriptor: Int32) throws
    func close(_ descriptor: Int32) throws
    func rename(_ path: String, to new: String) throws
    func remove(_ path: String) throws
    func makeDirectory(_ path: String) throws
    /// The names in a directory; none if there is no such directory.
    func names(in directory: String) throws -> [String]
    /// The file's contents, no more than its first `limit` octets; `nil` if there is no file.
    func read(_ path: String, first limit: Int) throws -> [UInt8]?
}

/// The kernel's. What fails is a ``SystemCallError``.
package struct KernelFiles: FileOperations {
    package init() {}

    package func create(_ path: String) throws -> Int32 {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw SystemCallError(call: "open \(path)") }
        // Also where somebody else has left the file: commits hold passwords.
        fchmod(file, 0o600)
        return file
    }

    package func openDirectory(_ path: String) throws -> Int32 {
        let directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw SystemCallError(call: "open \(path)") }
        return directory
    }

    package func write(_ contents: [UInt8], to file: Int32) throws {
        var written = 0
        while written < contents.count {
            let length = contents[written...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if length < 0 {
                if errno == EINTR { continue }
                throw SystemCallError(call: "write")
            }
            written += length
        }
    }

    package func synchronize(_ descriptor: Int32) throws {
        guard fsync(descriptor) == 0 else { throw SystemCallError(call: "fsync") }
    }

    package func close(_ descriptor: Int32) throws {
        guard Glibc.close(descriptor) == 0 else { throw SystemCallError(call: "close") }
    }

    package func rename(_ path: String, to new: String) throws {
        guard Glibc.rename(path, new) == 0 else { throw SystemCallError(call: "rename \(path)") }
    }

    package func remove(_ path: String) throws {
        guard unlink(path) == 0 else { throw SystemCallError(call: "unlink \(path)") }
    }

    package func makeDirectory(_ path: String) throws {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw SystemCallError(call: "mkdir \(path)") }
    }

    package func names(in directory: String) throws -> [String] { try DirectoryListing.allNames(in: directory) }

    package func read(_ path: String, first limit: Int) throws -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw SystemCallError(call: "open \(path)")
        }
        defer { _ = Glibc.close(file) }
        var contents: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while contents.count < limit {
            let length = Glibc.read(file, &buffer, min(buffer.count, limit - contents.count))
            if length < 0 {
                if errno == EINTR { continue }
                throw SystemCallError(call: "read \(path)")
            }
            if length == 0 { break }
            contents += buffer[0..<length]
        }
        return contents
    }
}
