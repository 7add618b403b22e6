import Glibc

/// The names in a directory.
enum DirectoryListing {
    /// Empty if the directory cannot be read.
    static func names(in path: String) -> [String] { (try? allNames(in: path)) ?? [] }

    /// None if there is no such directory.
    /// - Throws: ``SystemCallError`` if it cannot be read.
    static func allNames(in path: String) throws -> [String] {
        guard let directory = opendir(path) else {
            if errno == ENOENT { return [] }
            throw SystemCallError(call: "opendir \(path)")
        }
        defer { closedir(directory) }
        var names: [String] = []
        while true {
            // The end and an error look the same but for this.
            errno = 0
            guard let entry = readdir(directory) else { break }
            names.append(terminatedText(in: entry.pointee.d_name))
        }
        guard errno == 0 else { throw SystemCallError(call: "readdir \(path)") }
        return names
    }
}
