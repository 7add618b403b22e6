import Configuration
import ControlProtocol

extension ShowCommits: AnsweredRequest {
    package func answer(by plane: ControlPlane) async throws(ControlError) -> CommitsResult {
        let records = await plane.commits.records()
        let inForce = await plane.commitNumber
        return CommitsResult(
            commits: records.map { CommitSummary($0, inForce: inForce, plane.bootClock) }, inForce: inForce)
    }
}

extension ShowCommit: AnsweredRequest {
    package func answer(by plane: ControlPlane) async throws(ControlError) -> CommitResult {
        let (commit, before) = try await plane.commits.commit(number)
        let inForce = await plane.commitNumber
        let summary = CommitSummary(commit.record, inForce: inForce, plane.bootClock)
        guard wantsText != true else {
            return CommitResult(commit: summary, text: HiddenPassword.masking(commit.text))
        }
        let old = try before.map { before throws(ControlError) in try before.configuration } ?? Configuration()
        return CommitResult(
            commit: summary, comparedWith: before?.record.number,
            changes: ConfigurationDiff(from: old, to: try commit.configuration).shownLines)
    }
}

extension Commit {
    /// - Throws: where this version does not understand what an earlier one has kept.
    fileprivate var configuration: Configuration {
        get throws(ControlError) {
            do {
                return try ConfigurationParser.parse(text: text, fileName: "commit \(record.number)").configuration
            } catch {
                throw ControlError(
                    .configurationInvalid, "commit \(record.number) is not valid in this version",
                    diagnostics: error.diagnostics.map(Diagnostic.init))
            }
        }
    }
}

extension CommitSummary {
    /// - Parameter inForce: the number of the commit in force, which alone can wait for being confirmed.
    fileprivate init(_ record: CommitRecord, inForce: UInt64?, _ clock: BootClock) {
        let trial = record.number == inForce ? record.trial : nil
        self.init(
            number: record.number, madeAt: record.madeAt, user: record.author.userName,
            userIdentifier: record.author.userIdentifier, comment: record.comment, source: record.source,
            confirmBy: trial.map {
                Timestamp(secondsSince1970: WallClock.secondsSince1970 + $0.secondsLeft(clock))
            })
    }
}
