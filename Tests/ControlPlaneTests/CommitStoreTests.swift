import ControlPlane
import ControlProtocol
import Foundation
import Testing

/// Commits on disk, and what a power cut leaves of them.
@Suite struct CommitStoreTests {
    private static let author = CommitAuthor(userIdentifier: 1000, userName: "alice")

    private static func draft(_ text: String) -> CommitStore.Draft {
        CommitStore.Draft(author: author, source: "new.conf", text: text)
    }

    private static func text(_ number: UInt64) -> String {
        "! as it was written\nhostname box\(number)\n" + String(repeating: "! \(number)\n", count: 20)
    }

    private static func temporaryDirectory() throws -> String {
        let path = NSTemporaryDirectory() + "stile-commits-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    /// Writes, confirms and lets others wait, and says of each when it is done.
    private static func record(on files: RecordedFiles) async throws {
        let store = CommitStore(stateDirectory: "/state", files: files)
        for number in UInt64(1)...4 {
            var draft = draft(text(number))
            if number == 3 { draft.trial = CommitTrial(former: 2, boot: "first", deadlineSeconds: 60) }
            let commit = try await store.write(draft)
            files.say(commit.record.number)
            if number == 3 {
                _ = try await store.confirm(3)
                files.say(3)
            }
        }
    }

    /// For every moment of a power cut, and all that can be lost then, what the box would start with: how many times that is
    /// neither the last commit that somebody was told of nor the one that was being made, whole.
    private static func violations(of files: RecordedFiles) throws -> [String] {
        let steps = files.steps
        var violations: [String] = []
        for count in 0...steps.count {
            let told = steps.prefix(count).compactMap { step -> UInt64? in
                if case .said(let number) = step { number } else { nil }
            }.max()
            for loss in RecordedFiles.Loss.allCases {
                let left = files.afterPowerCut(behind: count, losing: loss)
                let last = try CommitDirectory(stateDirectory: "/state", files: left).last().commit
                let number = last?.record.number ?? 0
                let isRight = number == told ?? 0 || number == (told ?? 0) + 1
                let isWhole = last.map { $0.text == text($0.record.number) && $0.record.author == author } ?? true
                if !isRight || !isWhole { violations.append("\(loss) behind step \(count): commit \(number)") }
            }
        }
        return violations
    }

    @Test func `a power cut leaves the commit before or the one after`() async throws {
        let files = RecordedFiles()
        try await Self.record(on: files)
        #expect(files.steps.count > 25)
        #expect(try Self.violations(of: files) == [])
    }

    @Test func `without fsync it would not`() async throws {
        let files = RecordedFiles(synchronizes: false)
        try await Self.record(on: files)
        #expect(try Self.violations(of: files) != [])
    }

    @Test func `a commit comes back as it was written`() async throws {
        let directory = try Self.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let store = CommitStore(stateDirectory: directory)
        var draft = Self.draft("! a comment\n\nhostname ä\n  vrf definition  one")
        draft.comment = "a new customer: ä"
        draft.knownFile = FileFingerprint(checksum: 0xFEED, octets: 7)
        draft.trial = CommitTrial(former: 9, boot: "b00t", deadlineSeconds: 77)
        let written = try await store.write(draft)
        let (read, before) = try await CommitStore(stateDirectory: directory).commit(1)
        #expect(read == written && before == nil)
        #expect(read.text == draft.text + "\n")
        var status = stat()
        #expect(lstat(directory + "/commits/1", &status) == 0 && status.st_mode & 0o7777 == 0o600)
        // The file is a configuration as well: what is known of the commit stands in its comments.
        let lines = try String(contentsOfFile: directory + "/commits/1", encoding: .utf8).split(separator: "\n")
        #expect(lines.filter { !$0.hasPrefix("!") } == ["hostname ä", "  vrf definition  one"])
    }

    @Test func `a commit of nothing is one too`() async throws {
        let directory = try Self.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let written = try await CommitStore(stateDirectory: directory).write(Self.draft(""))
        #expect(try CommitDirectory(stateDirectory: directory).last().commit == written)
    }

    @Test func `whatever an octet of a file becomes, it is no other commit`() async throws {
        let files = RecordedFiles()
        let store = CommitStore(stateDirectory: "/state", files: files)
        var draft = Self.draft("hostname a\n")
        draft.trial = CommitTrial(former: 1, boot: "first", deadlineSeconds: 60)
        let commit = try await store.write(draft)
        let octets = try #require(try files.read("/state/commits/1", first: 10_000))
        for place in octets.indices {
            for other in [octets[place] ^ 1, octets[place] ^ 0x80, UInt8(ascii: "\n"), UInt8(ascii: " ")] {
                var damaged = octets
                damaged[place] = other
                let left = RecordedFiles()
                let file = try left.create("/state/commits/1")
                try left.write(damaged, to: file)
                let last = try CommitDirectory(stateDirectory: "/state", files: left).last().commit
                #expect(last == nil || last == commit, "octet \(place) as \(other)")
            }
            // Cut short there.
            let left = RecordedFiles()
            try left.write(Array(octets[..<place]), to: try left.create("/state/commits/1"))
            #expect(try CommitDirectory(stateDirectory: "/state", files: left).last().commit == nil)
        }
    }

    @Test(arguments: [EMFILE, EIO, EACCES])
    func `a commit that cannot be read at the moment is not put aside`(failure: Int32) async throws {
        let files = RecordedFiles()
        let store = CommitStore(stateDirectory: "/state", files: files)
        for number in UInt64(1)...2 { _ = try await store.write(Self.draft(Self.text(number))) }
        let directory = CommitDirectory(stateDirectory: "/state", files: files)
        files.failReads(with: failure)
        #expect(throws: SystemCallError.self) { _ = try directory.last() }
        files.failReads(with: nil)
        let (last, damaged) = try directory.last()
        #expect(last?.record.number == 2 && damaged.isEmpty)
    }

    @Test func `a directory that cannot be listed is not one without commits`() throws {
        let directory = try Self.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        #expect(try CommitDirectory(stateDirectory: directory).last().commit == nil)
        try "".write(toFile: directory + "/commits", atomically: false, encoding: .utf8)
        #expect(throws: SystemCallError.self) { _ = try CommitDirectory(stateDirectory: directory).last() }
    }

    @Test func `fifty commits are kept, and what a rollback can need`() async throws {
        let directory = try Self.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let store = CommitStore(stateDirectory: directory)
        for number in UInt64(1)...60 {
            var draft = Self.draft(Self.text(number))
            if number > 55 { draft.trial = CommitTrial(former: 7, boot: "first", deadlineSeconds: 1) }
            _ = try await store.write(draft)
        }
        let numbers = await store.records().map(\.number)
        #expect(numbers == (UInt64(11)...60).reversed() + [7])
        let error = await #expect(throws: ControlError.self) { try await store.commit(8) }
        #expect(error?.code == .noSuchObject)
        // A process that starts goes on counting.
        let next = try await CommitStore(stateDirectory: directory).write(Self.draft(Self.text(61)))
        #expect(next.record.number == 61)
    }

    @Test(arguments: ["", "! stile-commit 1\n! number 2\n", "half", "changed", "renamed"])
    func `a damaged commit is put aside, and the one before it is the last`(damage: String) async throws {
        let directory = try Self.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let store = CommitStore(stateDirectory: directory)
        for number in UInt64(1)...2 { _ = try await store.write(Self.draft(Self.text(number))) }
        let path = directory + "/commits/2"
        let whole = try String(contentsOfFile: path, encoding: .utf8)
        let damaged =
            switch damage {
            case "half": String(whole.prefix(whole.count / 2))
            case "changed": whole.replacing("hostname box2", with: "hostname box3")
            case "renamed": try String(contentsOfFile: directory + "/commits/1", encoding: .utf8)
            default: damage
            }
        try damaged.write(toFile: path, atomically: false, encoding: .utf8)
        let (last, files) = try CommitDirectory(stateDirectory: directory).last()
        #expect(last?.record.number == 1 && last?.text == Self.text(1))
        #expect(files.count == 1 && files[0].description.hasPrefix("\(path): "))
        #expect(try String(contentsOfFile: path + ".damaged", encoding: .utf8) == damaged)
        // Its number is not used again.
        #expect(try await CommitStore(stateDirectory: directory).write(Self.draft("hostname a\n")).record.number == 3)
    }
}
