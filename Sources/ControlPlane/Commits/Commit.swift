import ControlProtocol
import Glibc
import Routing

/// A configuration that was put into force, with what is known of that.
package struct Commit: Hashable, Sendable {
    package var record: CommitRecord
    /// As it was committed, with its comments and in its order; ends with a newline.
    package let text: String

    package init(_ record: CommitRecord, text: String) {
        self.record = record
        self.text = text
    }

    var fingerprint: FileFingerprint { FileFingerprint(Array(text.utf8)) }
}

/// What is known of a commit beside its text.
package struct CommitRecord: Hashable, Sendable {
    /// Commits are counted from 1, and no number is used twice.
    package let number: UInt64
    package let madeAt: Timestamp
    package let author: CommitAuthor
    package let comment: String?
    /// Where the text came from: a file's name, for instance.
    package let source: String
    /// The configuration file (in /etc, for instance) as it was when it was last taken, by this commit or an earlier one.
    package let knownFile: FileFingerprint?
    /// `nil` once the commit is there to stay.
    package var trial: CommitTrial?

    package init(
        number: UInt64, madeAt: Timestamp, author: CommitAuthor, comment: String? = nil, source: String,
        knownFile: FileFingerprint? = nil, trial: CommitTrial? = nil
    ) {
        self.number = number
        self.madeAt = madeAt
        self.author = author
        self.comment = comment
        self.source = source
        self.knownFile = knownFile
        self.trial = trial
    }
}

/// A commit that is undone unless somebody confirms it in time.
///
/// Its time is counted from the machine's start: after another start of the machine nobody can know whether it cuts the
/// operator off, so that it is undone before it is in force.
package struct CommitTrial: Hashable, Sendable {
    /// The number of the commit that comes back.
    package let former: UInt64
    /// Which start of the machine it belongs to.
    package let boot: String
    /// When its time is over, in seconds since that start.
    package let deadlineSeconds: Int64

    package init(former: UInt64, boot: String, deadlineSeconds: Int64) {
        self.former = former
        self.boot = boot
        self.deadlineSeconds = deadlineSeconds
    }

    /// How many seconds are left of it; none after another start of the machine.
    func secondsLeft(_ clock: BootClock) -> Int64 {
        boot == clock.identifier && !boot.isEmpty ? max(0, deadlineSeconds - clock.seconds()) : 0
    }
}

/// By what a file is known again.
package struct FileFingerprint: Hashable, Sendable {
    package let checksum: UInt32
    package let octets: Int

    package init(checksum: UInt32, octets: Int) {
        self.checksum = checksum
        self.octets = octets
    }

    init(_ contents: [UInt8]) {
        self.init(checksum: CRC32.checksum(of: contents[...]), octets: contents.count)
    }
}

/// Who asked for a commit.
package struct CommitAuthor: Hashable, Sendable {
    package let userIdentifier: UInt32
    package let userName: String

    package init(userIdentifier: UInt32, userName: String) {
        self.userIdentifier = userIdentifier
        self.userName = userName
    }

    init(_ caller: ControlCaller) {
        self.init(userIdentifier: caller.userIdentifier, userName: caller.userName)
    }
}

extension ControlCaller {
    /// The control process itself.
    public static let itself = ControlCaller(
        userIdentifier: geteuid(), groupIdentifier: getegid(), userName: "stiled")
}
