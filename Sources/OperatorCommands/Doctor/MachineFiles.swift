import Foundation

/// What a machine says of itself in `/proc`, `/sys` and `/etc`: this one's, or one's that was recorded below a folder.
struct MachineFiles: Sendable {
    /// Without a slash at its end; empty for this machine.
    private let root: String

    init(root: String) { self.root = root == "/" ? "" : root }

    /// A file's text without white space around it; `nil` where it is not there or may not be read.
    func text(_ path: String) -> String? {
        // Files of /proc and /sys have no size: they are read to their end.
        guard let file = FileHandle(forReadingAtPath: root + path), let data = try? file.readToEnd() else { return nil }
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func lines(_ path: String) -> [Substring] { text(path)?.split(separator: "\n") ?? [] }

    /// The names in a folder, sorted.
    func names(in path: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: root + path))?.sorted() ?? []
    }

    /// The last part of where a symbolic link leads, as sysfs names a device's driver.
    func target(_ path: String) -> String? {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: root + path))?.split(separator: "/").last.map(
            String.init)
    }

    func has(_ path: String) -> Bool { FileManager.default.fileExists(atPath: root + path) }
}

extension MachineFiles {
    /// The numbers of a list of processors such as `0,2-5`; empty where there is none.
    func processors(_ path: String) -> Set<UInt16> {
        var numbers: Set<UInt16> = []
        for part in (text(path) ?? "").split(separator: ",") {
            let ends = part.split(separator: "-").compactMap { UInt16($0) }
            guard let first = ends.first, let last = ends.last, first <= last else { continue }
            numbers.formUnion(first...last)
        }
        return numbers
    }
}
