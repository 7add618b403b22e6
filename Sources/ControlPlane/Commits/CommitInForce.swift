import ControlProtocol
import Logging

/// Which commit is in force, and what about commits is not as it should be.
final class CommitInForce {
    let clock: BootClock
    /// `nil` as long as none could be written.
    private(set) var record: CommitRecord?
    /// By which a text is known that has been committed already.
    private var text: FileFingerprint?
    /// Commits that could not be read at the start; until there is another one.
    private var unreadable: [String]
    private var changedFile: String?
    private var isBeingRolledBack = false
    /// In how many seconds the configuration file is looked at again.
    private var secondsToFile = 0
    private static let fileInterval = 10

    init(damaged: [DamagedFile], clock: BootClock) {
        self.clock = clock
        unreadable = damaged.map(\.path)
    }

    /// - Parameter isByOperator: whether somebody has seen to it that this is in force.
    func take(_ record: CommitRecord, text: FileFingerprint, isByOperator: Bool) {
        self.record = record
        self.text = text
        if isByOperator { unreadable = [] }
    }

    /// What is known of the commit in force is otherwise now.
    func note(_ record: CommitRecord) { self.record = record }

    /// A configuration is in force that is on disk as no commit.
    func takeUnsaved() {
        record = nil
        text = nil
    }

    /// Whether a text is the one that is in force, to the letter.
    func isText(_ other: FileFingerprint) -> Bool { record != nil && text == other }

    /// When the commit in force is undone unless somebody confirms it.
    var confirmBy: Timestamp? {
        record?.trial.map { Timestamp(secondsSince1970: WallClock.secondsSince1970 + $0.secondsLeft(clock)) }
    }

    /// Whether nobody has confirmed the commit in force in time.
    var isTrialOver: Bool { record?.trial.map { $0.secondsLeft(clock) == 0 } ?? false }

    /// Whether the commit in force is to be undone now. The caller does that, and says when it has been tried.
    func beginRollback() -> Bool {
        guard !isBeingRolledBack, isTrialOver else { return false }
        isBeingRolledBack = true
        return true
    }

    func endRollback() { isBeingRolledBack = false }

    /// Whether the file is to be looked at again.
    func isFileDue() -> Bool {
        secondsToFile -= 1
        guard secondsToFile < 0 else { return false }
        secondsToFile = Self.fileInterval
        return true
    }

    func noteFile(_ path: String, _ fingerprint: FileFingerprint?) {
        changedFile = fingerprint == nil || record == nil || fingerprint == record?.knownFile ? nil : path
    }

    /// For `show status` and the log.
    var findings: [Alarm.Kind: StandingAlarms.Finding] {
        var findings: [Alarm.Kind: StandingAlarms.Finding] = [:]
        if !unreadable.isEmpty {
            findings[.commitsUnreadable] = StandingAlarms.Finding(count: unreadable.count, subjects: unreadable)
        }
        if let changedFile {
            findings[.configurationFileChanged] = StandingAlarms.Finding(count: 1, subjects: [changedFile])
        }
        return findings
    }
}
