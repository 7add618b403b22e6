import Addressing
import Foundation

/// The state directory while this process has it: a second one is refused, since what one writes the other would lose.
final class StateDirectory {
    private let descriptor: Int32

    /// Takes the lock, which ends with the object or the process.
    /// - Throws: ``ControlPlaneStartError``, with the holder's process number.
    init(_ directory: String) throws {
        let path = directory + "/lock"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw ControlPlaneStartError.directory(SystemCallError(call: "open \(path)"))
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let error = SystemCallError(call: "flock \(path)")
            defer { close(descriptor) }
            guard error.number == EWOULDBLOCK else { throw ControlPlaneStartError.directory(error) }
            throw ControlPlaneStartError.stateInUse(directory: directory, process: Self.process(in: descriptor))
        }
        // For whoever comes second; the lock is what counts.
        let text = "\(getpid())\n"
        ftruncate(descriptor, 0)
        pwrite(descriptor, text, text.utf8.count, 0)
    }

    deinit { close(descriptor) }

    private static func process(in descriptor: Int32) -> Int32? {
        var octets = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &octets, octets.count, 0)
        guard count > 0 else { return nil }
        return Int32(
            String(decoding: octets.prefix(count), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
    }
}

/// A file of the state directory that could not be read as what it should be, and what is lost with it.
package struct DamagedFile: Sendable, CustomStringConvertible {
    let path: String
    /// What is wrong with it.
    let problem: String
    /// What the box does without it, for people.
    let consequence: String
    /// Where it is kept for somebody to look at; `nil` if it could not be put aside.
    let keptAs: String?
    /// What the name of a file that was put aside ends with.
    static let suffix = ".damaged"

    /// Puts the file aside, so that nothing overwrites it.
    init(
        settingAside path: String, problem: String, consequence: String, by files: any FileOperations = KernelFiles()
    ) {
        self.path = path
        self.problem = problem
        self.consequence = consequence
        let aside = path + Self.suffix
        keptAs = (try? files.rename(path, to: aside)) == nil ? nil : aside
    }

    package var description: String {
        "\(path): \(problem): \(consequence)" + (keptAs.map { "; the file is kept as \($0)" } ?? "")
    }
}

extension DamagedFile {
    /// The lines of a file that `isValid`. A file with others is put aside.
    static func lines(
        of path: String, consequence: String, isValid: (Substring) -> Bool
    ) -> (lines: [Substring], damage: DamagedFile?) {
        do {
            guard let octets = try DurableFile.read(path) else { return ([], nil) }
            let lines = String(decoding: octets, as: UTF8.self).split(separator: "\n")
            let valid = lines.filter(isValid)
            guard valid.count < lines.count else { return (valid, nil) }
            let problem = "\(lines.count - valid.count) of \(lines.count) lines are damaged"
            return (valid, DamagedFile(settingAside: path, problem: problem, consequence: consequence))
        } catch {
            return ([], DamagedFile(settingAside: path, problem: "\(error)", consequence: consequence))
        }
    }
}
