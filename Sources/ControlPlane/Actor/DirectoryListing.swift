import Glibc

/// The names in a directory.
enum DirectoryListing {
    /// Empty if the directory cannot be read.
    static func names(in path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) { names.append(terminatedText(in: entry.pointee.d_name)) }
        return names
    }
}
