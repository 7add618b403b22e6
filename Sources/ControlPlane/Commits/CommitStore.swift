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
    /// The highest number that there has been, also of a commit that is damaged; `nil` where that is not known.
    private var highest: UInt64?

    package init(stateDirectory: String, files: any FileOperations = KernelFiles()) {
        let directory = CommitDirectory(stateDirectory: stateDirectory, files: files)
        let listing = try? directory.listing()
        self.directory = directory
        numbers = listing?.numbers ?? []
        highest = listing?.highest
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
        let former = try highestNumber()
        let record = CommitRecord(
            number: former + 1, madeAt: .now, author: draft.author, comment: draft.comment, source: draft.source,
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

    /// A directory that could not be listed is looked at again: no number is to be used twice.
    private func highestNumber() throws -> UInt64 {
        if let highest { return highest }
        let listing = try directory.listing()
        numbers = listing.numbers
        highest = listing.highest
        return listing.highest
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

    /// What comes back when nobody has confirmed a commit; `nil` where all are damaged.
    /// - Throws: a ``ControlError`` where the disk cannot be read at the moment.
    func former(of record: CommitRecord) throws(ControlError) -> (commit: Commit?, damaged: [DamagedFile]) {
        do {
            let former = try directory.former(of: record)
            if let listing = try? directory.listing() { numbers = listing.numbers }
            return former
        } catch {
            throw ControlError(.refused, "the earlier commits cannot be read: \(error)")
        }
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

    /// The numbers of the commits that can be read, or could be, in ascending order; and the highest that there has been,
    /// also of those that were put aside.
    func listing() throws -> (numbers: [UInt64], highest: UInt64) {
        let names = try files.names(in: path)
        let highest: UInt64 =
            names.compactMap { $0.split(separator: ".").first.flatMap { UInt64($0) } }.max() ?? 0
        return (names.compactMap { UInt64($0) }.sorted(), highest)
    }

    /// Whether there has been a commit, also one that was put aside. One that was only being written is none.
    func hasHistory() throws -> Bool {
        try files.names(in: path).contains { (name: String) -> Bool in
            let isAside = name.hasSuffix(DamagedFile.suffix)
            return UInt64(isAside ? String(name.dropLast(DamagedFile.suffix.count)) : name) != nil
        }
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

    /// The last commit that is whole. Those behind it are put aside.
    /// - Throws: ``SystemCallError`` where it is not known which that is, since reading has failed.
    package func last() throws -> (commit: Commit?, damaged: [DamagedFile]) {
        let numbers = try listing().numbers
        return try last(of: numbers) { _ in true }
    }

    /// What comes back when nobody has confirmed a commit: what its trial says, or where that is damaged the last one
    /// before it that was there to stay. Those that are damaged are put aside.
    /// - Throws: ``SystemCallError`` where it is not known which that is, since reading has failed.
    func former(of record: CommitRecord) throws -> (commit: Commit?, damaged: [DamagedFile]) {
        guard let trial = record.trial else { return (nil, []) }
        let numbers = try listing().numbers
        return try last(of: numbers.filter { $0 < trial.former } + [trial.former]) { $0.trial == nil }
    }

    private func last(
        of numbers: [UInt64], where isMeant: (CommitRecord) -> Bool
    ) throws -> (commit: Commit?, damaged: [DamagedFile]) {
        var damaged: [DamagedFile] = []
        for number in numbers.reversed() {
            do {
                let commit = try read(number)
                if isMeant(commit.record) { return (commit, damaged) }
            } catch {
                guard Self.isDamage(error) else { throw error }
                damaged.append(
                    DamagedFile(
                        settingAside: path(of: number), problem: "\(error)",
                        consequence: "commit \(number) is lost, and the one before it is loaded", by: files))
            }
        }
        return (nil, damaged)
    }

    /// Whether what was read is wrong. That it could not be read, for want of a descriptor for instance, says nothing of it.
    private static func isDamage(_ error: any Error) -> Bool {
        guard let error = error as? SystemCallError else { return true }
        return error.number == EFBIG || error.number == EISDIR
    }
}
