import ControlProtocol
import Logging

extension ControlPlane {
    /// Makes what the process starts with a commit, unless it is one; to be called with the turn to commit.
    nonisolated func commitStart(_ start: StartConfiguration) async {
        for file in start.damaged {
            logger.critical(
                "a commit cannot be read: the box starts with the one before it", metadata: ["file": "\(file)"])
        }
        var draft = CommitStore.Draft(author: CommitAuthor(.itself), source: start.text.fileName, text: start.text.text)
        let fingerprint = FileFingerprint(Array(draft.text.utf8))
        switch start.origin {
        case .commit(let record):
            return await take(record, fingerprint, isByOperator: false)
        case .file:
            let last = try? await commits.last()
            // A commit that waits for being confirmed goes on doing so.
            if let last, last.fingerprint == fingerprint || last.text == draft.text + "\n",
                last.record.trial.map({ $0.secondsLeft(bootClock) > 0 }) ?? true
            {
                return await take(last.record, last.fingerprint, isByOperator: false)
            }
            draft.comment = "loaded at the start"
            draft.knownFile = fingerprint
        case .firstFile:
            draft.comment = "the first commit"
            draft.knownFile = fingerprint
        case .former(let former, let instead):
            draft.comment = "commit \(instead.number) was not confirmed"
            draft.knownFile = former.knownFile
            logger.error(
                "commit not confirmed in time: the one before comes back",
                metadata: ["commit": "\(instead.number)", "former": "\(former.number)"])
        }
        do {
            let commit = try await commits.write(draft)
            await take(commit.record, commit.fingerprint, isByOperator: false)
            logger.notice(
                "commit",
                metadata: ["commit": "\(commit.record.number)", "user": "stiled", "source": "\(draft.source)"])
        } catch {
            logger.error("a commit cannot be written", metadata: ["error": "\(error)"])
        }
    }

    /// Takes what the process starts with out, once.
    func takeStart() -> StartConfiguration? {
        defer { startConfiguration = nil }
        return startConfiguration
    }

    private func take(_ record: CommitRecord, _ text: FileFingerprint, isByOperator: Bool) {
        commitInForce.take(record, text: text, isByOperator: isByOperator)
    }
}
