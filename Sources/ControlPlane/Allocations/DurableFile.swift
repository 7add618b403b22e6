import Foundation

/// A file that is replaced as a whole and survives a crash at any moment as either its old or its new contents.
enum DurableFile {
    /// Writes beside the file, forces the octets to disk, renames over it, and forces the directory to disk.
    /// - Throws: ``SystemCallError``.
    static func replace(
        _ path: String, with contents: [UInt8], by files: some FileOperations = KernelFiles()
    ) throws {
        let temporary = path + ".new"
        let file = try files.create(temporary)
        do {
            try files.write(contents, to: file)
            try files.synchronize(file)
        } catch {
            try? files.close(file)
            throw named(error, temporary)
        }
        try files.close(file)
        try files.rename(temporary, to: path)
        try synchronizeDirectory(of: path, by: files)
    }

    /// Forces to disk which names the file's directory has.
    /// - Throws: ``SystemCallError``.
    static func synchronizeDirectory(of path: String, by files: some FileOperations = KernelFiles()) throws {
        let directory = (path as NSString).deletingLastPathComponent
        let handle = try files.openDirectory(directory.isEmpty ? "." : directory)
        do {
            try files.synchronize(handle)
        } catch {
            try? files.close(handle)
            throw named(error, directory)
        }
        try files.close(handle)
    }

    /// The file's contents; `nil` if there is no file.
    /// - Throws: ``SystemCallError`` if it cannot be read or is longer than `limit` octets.
    static func read(
        _ path: String, limit: Int = 64 << 20, by files: some FileOperations = KernelFiles()
    ) throws -> [UInt8]? {
        guard let contents = try files.read(path, first: limit + 1) else { return nil }
        guard contents.count <= limit else { throw SystemCallError(call: "read \(path)", number: EFBIG) }
        return contents
    }

    /// A call on a descriptor has failed: on which file is for people to know.
    private static func named(_ error: any Error, _ path: String) -> any Error {
        guard let error = error as? SystemCallError else { return error }
        return SystemCallError(call: "\(error.call) \(path)", number: error.number)
    }
}
