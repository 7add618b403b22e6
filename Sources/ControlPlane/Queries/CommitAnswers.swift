import Configuration
import ControlProtocol

extension ShowCommits: AnsweredRequest {
    package func answer(by plane: ControlPlane) async throws(ControlError) -> CommitsResult {
        let records = await plane.commits.records()
        return CommitsResult(
            commits: records.map { CommitSummary($0, plane.bootClock) }, inForce: await plane.commitNumber)
    }
}

extension ShowCommit: AnsweredRequest {
    package func answer(by plane: ControlPlane) async throws(ControlError) -> CommitResult {
        let (commit, before) = try await plane.commits.commit(number)
        let summary = CommitSummary(commit.record, plane.bootClock)
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
    fileprivate init(_ record: CommitRecord, _ clock: BootClock) {
        self.init(
            number: record.number, madeAt: record.madeAt, user: record.author.userName,
            userIdentifier: record.author.userIdentifier, comment: record.comment, source: record.source,
            confirmBy: record.trial.map {
                Timestamp(secondsSince1970: WallClock.secondsSince1970 + $0.secondsLeft(clock))
            })
    }
}
