import ControlProtocol
import Glibc

/// The commits on disk: a file for each in a directory of the state directory. Whatever is written is there for good when
/// the call returns, also when the machine loses its power at that moment. It works beside the event loop, since a slow
/// disk takes its time.
package actor CommitStore {
    /// How many commits are kept.
    package static let kept = 50

    private let directory: CommitDirectory
    /// In ascending order.
    private var numbers: [UInt64]
    /// The highest number that there has been, also of a commit that is damaged.
    private var highest: UInt64

    package init(stateDirectory: String, files: any FileOperations = KernelFiles()) {
        directory = CommitDirectory(stateDirectory: stateDirectory, files: files)
        numbers = directory.numbers
        highest = max(numbers.last ?? 0, directory.highestNumber)
    }

    /// What a commit is made of, but for its number.
    package struct Draft: Sendable {
        package var author: CommitAuthor
        package var comment: String?
        package var source: String
        package var text: String
        package var knownFile: FileFingerprint?
        package var trial: CommitTrial?

        package init(author: CommitAuthor, comment: String? = nil, source: String, text: String) {
            self.author = author
            self.comment = comment
            self.source = source
            self.text = text
        }
    }

    /// Writes the next commit.
    /// - Throws: ``SystemCallError``; there is no such commit then, and the one before is the last.
    package func write(_ draft: Draft) throws -> Commit {
        try directory.make()
        let record = CommitRecord(
            number: highest + 1, madeAt: .now, author: draft.author, comment: draft.comment, source: draft.source,
            knownFile: draft.knownFile, trial: draft.trial)
        let isTerminated = draft.text.isEmpty || draft.text.utf8.last == UInt8(ascii: "\n")
        let commit = Commit(record, text: isTerminated ? draft.text : draft.text + "\n")
        do {
            try directory.replace(commit)
        } catch {
            // It may have got its name before that failed.
            directory.remove(record.number)
            throw error
        }
        highest = record.number
        numbers.append(record.number)
        removeOldest(but: record.trial?.former)
        return commit
    }

    /// Takes back a commit that could not be put into force.
    package func withdraw(_ number: UInt64) {
        directory.remove(number)
        numbers.removeAll { $0 == number }
    }

    /// The commit is there to stay.
    /// - Throws: ``SystemCallError``; it waits for that still.
    package func confirm(_ number: UInt64) throws -> CommitRecord {
        var commit = try directory.read(number)
        commit.record.trial = nil
        try directory.replace(commit)
        return commit.record
    }

    /// The last commit; `nil` without one.
    /// - Throws: why it cannot be read.
    func last() throws -> Commit? { try numbers.last.map(directory.read) }

    /// What is known of all that can be read, the newest first.
    package func records() -> [CommitRecord] { numbers.reversed().compactMap { try? directory.record(of: $0) } }

    /// The commit with the number and the one before it that is kept.
    /// - Throws: a ``ControlError`` for people.
    package func commit(_ number: UInt64) throws(ControlError) -> (commit: Commit, before: Commit?) {
        guard let place = numbers.firstIndex(of: number) else {
            let known = numbers.first.flatMap { first in numbers.last.map { "; those from \(first) to \($0) are kept" }
            }
            throw ControlError(.noSuchObject, "there is no commit \(number)\(known ?? "")")
        }
        do {
            return (
                try directory.read(number), place > 0 ? try? directory.read(numbers[place - 1]) : nil
            )
        } catch {
            throw ControlError(.refused, "commit \(number) cannot be read: \(error)")
        }
    }

    /// What comes back when nobody has confirmed a commit; `nil` where nothing can be read.
    func former(of record: CommitRecord) -> (commit: Commit?, damaged: [DamagedFile]) {
        let (commit, damaged) = directory.former(of: record)
        numbers = directory.numbers
        return (commit, damaged)
    }

    /// What is left of those before is what a rollback can need.
    private func removeOldest(but needed: UInt64?) {
        for number in numbers.dropLast(Self.kept) where number != needed {
            directory.remove(number)
            numbers.removeAll { $0 == number }
        }
    }
}

/// The files of the commits.
package struct CommitDirectory: Sendable {
    let path: String
    let files: any FileOperations

    package init(stateDirectory: String, files: any FileOperations = KernelFiles()) {
        path = stateDirectory + "/commits"
        self.files = files
    }

    private func path(of number: UInt64) -> String { "\(path)/\(number)" }

    func make() throws {
        try files.makeDirectory(path)
        try DurableFile.synchronizeDirectory(of: path, by: files)
    }

    /// Of the commits that can be read, or could be: in ascending order.
    var numbers: [UInt64] { files.names(in: path).compactMap { UInt64($0) }.sorted() }

    /// Also of those that were put aside.
    var highestNumber: UInt64 {
        files.names(in: path).compactMap { $0.split(separator: ".").first.flatMap { UInt64($0) } }.max() ?? 0
    }

    func read(_ number: UInt64) throws -> Commit {
        guard let octets = try DurableFile.read(path(of: number), by: files) else {
            throw CommitFileError("there is no such file")
        }
        let commit = try CommitFile.decode(octets)
        guard commit.record.number == number else { throw CommitFileError("it is commit \(commit.record.number)") }
        return commit
    }

    func record(of number: UInt64) throws -> CommitRecord {
        try CommitFile.header(files.read(path(of: number), first: CommitFile.largestHeader) ?? []).record
    }

    func replace(_ commit: Commit) throws {
        try DurableFile.replace(path(of: commit.record.number), with: CommitFile.encode(commit), by: files)
    }

    /// Nothing depends on when the disk knows of it, but for a commit that is taken back: that one is followed by others.
    func remove(_ number: UInt64) {
        try? files.remove(path(of: number))
        try? DurableFile.synchronizeDirectory(of: path(of: number), by: files)
    }

    /// The last commit that can be read. Those behind it are put aside.
    package func last() -> (commit: Commit?, damaged: [DamagedFile]) { last(of: numbers) { _ in true } }

    /// What comes back when nobody has confirmed a commit: what its trial says, or where that cannot be read the last one
    /// before it that was there to stay. Those that cannot be read are put aside.
    func former(of record: CommitRecord) -> (commit: Commit?, damaged: [DamagedFile]) {
        guard let trial = record.trial else { return (nil, []) }
        return last(of: numbers.filter { $0 < trial.former } + [trial.former]) { $0.trial == nil }
    }

    private func last(
        of numbers: [UInt64], where isMeant: (CommitRecord) -> Bool
    ) -> (commit: Commit?, damaged: [DamagedFile]) {
        var damaged: [DamagedFile] = []
        for number in numbers.reversed() {
            do {
                let commit = try read(number)
                if isMeant(commit.record) { return (commit, damaged) }
            } catch {
                damaged.append(
                    DamagedFile(
                        settingAside: path(of: number), problem: "\(error)",
                        consequence: "commit \(number) is lost, and the one before it is loaded", by: files))
            }
        }
        return (nil, damaged)
    }
}
