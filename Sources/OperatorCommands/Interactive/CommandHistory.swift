import Foundation

/// The lines that were typed in earlier sessions, in a file that only its user reads. Lines with passwords are not kept.
struct CommandHistory {
    private static let kept = 1000

    private let path: String?

    /// - Parameter path: `nil` for none.
    init(path: String?) { self.path = path }

    /// In the home of the user, or where `STILE_HISTORY` says; nowhere if that is empty.
    static func ofUser(_ environment: [String: String]) -> CommandHistory {
        if let path = environment["STILE_HISTORY"] { return CommandHistory(path: path.isEmpty ? nil : path) }
        return CommandHistory(path: environment["HOME"].map { $0 + "/.stile_history" })
    }

    /// The last ones, the newest last.
    func lines() -> [String] {
        guard let path, let text = try? String(contentsOfFile: path, encoding: .utf8) else { return [] }
        let lines = text.split(separator: "\n").map(String.init)
        if lines.count > 2 * Self.kept { write(lines.suffix(Self.kept).map { $0 + "\n" }.joined(), O_TRUNC) }
        return Array(lines.suffix(Self.kept))
    }

    func append(_ line: String) {
        guard !line.lowercased().contains("pass"), !line.contains("\n") else { return }
        write(line + "\n", O_APPEND)
    }

    /// What cannot be kept is not: the session goes on without.
    private func write(_ text: String, _ flag: Int32) {
        guard let path else { return }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | flag, 0o600)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let octets = Array(text.utf8)
        _ = octets.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
    }
}
