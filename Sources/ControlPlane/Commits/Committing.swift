import Configuration
import ControlProtocol
import Logging

/// What somebody wants to be the configuration from now on.
struct CommitOrder: Sendable {
    var text: ConfigurationText
    var author: ControlCaller
    /// Whether it is put into force also if it cannot be written: nobody waits for the answer who could do something.
    var mustHold = false
    /// With ``mustHold``: by what the watched file is known from then on. That it has the text that is undone does not
    /// make it taken.
    var knownFile: FileFingerprint?
    /// What it was made from, if it may come over nothing else.
    var base: EditedCandidate.Base?
}

/// What was put into force.
struct AppliedConfiguration: Sendable {
    let at: Timestamp
    let former: FormerConfiguration
}

extension ControlPlane {
    /// The longest time for confirming a commit: a day.
    private static let longestTrialMinutes: UInt32 = 1440

    /// Puts a configuration into force, all of it or nothing, once it is on disk as a commit.
    nonisolated func commit(_ order: CommitOrder) async throws(ControlError) -> ConfigurationReplaceResult {
        try checkWords(of: order.text)
        await commitTurn.take()
        defer { commitTurn.end() }
        if let base = order.base { try await refuseOtherThan(base) }
        return try await commitInTurn(order)
    }

    /// The commit in force stays.
    nonisolated func confirm(by caller: ControlCaller) async throws(ControlError) -> CommitConfirmedResult {
        await commitTurn.take()
        defer { commitTurn.end() }
        guard let number = await numberOfTrial else { throw ControlError(.refused, "no commit is to be confirmed") }
        let record: CommitRecord
        do {
            record = try await commits.confirm(number)
        } catch {
            throw ControlError(.refused, "commit \(number) cannot be confirmed on disk: \(error)")
        }
        await note(record)
        logger.notice("commit confirmed", metadata: ["commit": "\(number)", "user": "\(caller.userName)"])
        return CommitConfirmedResult(commit: number)
    }

    /// Puts the former configuration back into force, since nobody has confirmed the one in force in time.
    private nonisolated func rollBackUnconfirmed() async {
        // The log is not to have it every second.
        if !(await rollBackInTurn()) { try? await Task.sleep(for: .seconds(10)) }
        await endRollback()
    }

    /// - Returns: `false` if it has to be tried again.
    private nonisolated func rollBackInTurn() async -> Bool {
        await commitTurn.take()
        defer { commitTurn.end() }
        guard let record = await unconfirmed else { return true }
        do throws(ControlError) {
            let (found, damaged) = try await commits.former(of: record)
            for file in damaged { logger.critical("a commit cannot be read", metadata: ["file": "\(file)"]) }
            guard let former = found else { throw ControlError(.refused, "no earlier commit can be read") }
            logger.error(
                "commit not confirmed in time: the one before comes back",
                metadata: ["commit": "\(record.number)", "former": "\(former.record.number)"])
            let text = ConfigurationText(
                text: former.text, fileName: "commit \(former.record.number)", force: true,
                comment: "commit \(record.number) was not confirmed")
            _ = try await commitInTurn(
                CommitOrder(text: text, author: .itself, mustHold: true, knownFile: former.record.knownFile))
            return true
        } catch {
            logger.critical(
                "the configuration before an unconfirmed commit cannot be put back into force",
                metadata: ["commit": "\(record.number)", "error": "\(error.message)"])
            return false
        }
    }

    private nonisolated func checkWords(of text: ConfigurationText) throws(ControlError) {
        if let minutes = text.confirmMinutes, minutes == 0 || minutes > Self.longestTrialMinutes {
            throw ControlError(
                .invalidParameters, "a commit is confirmed within 1 to \(Self.longestTrialMinutes) minutes")
        }
        if text.confirmMinutes != nil, bootClock.identifier.isEmpty {
            throw ControlError(
                .refused,
                "which start of the machine this is cannot be read from /proc/sys/kernel/random/boot_id, so that no "
                    + "commit can wait for being confirmed: nothing was applied")
        }
        if let comment = text.comment,
            comment.isEmpty || comment.utf8.count > CommitFile.longestWords
                || comment.withoutControlCharacters != comment
        {
            throw ControlError(.invalidParameters, "a comment is one line of 1 to \(CommitFile.longestWords) octets")
        }
        // A path is no longer than 4,096 octets, and one of a configuration not than this.
        if text.fileName.utf8.count > CommitFile.longestWords {
            throw ControlError(
                .invalidParameters, "the name of a configuration has at most \(CommitFile.longestWords) octets")
        }
    }

    /// When something else has changed while it was prepared, it is prepared again.
    private nonisolated func commitInTurn(_ order: CommitOrder) async throws(ControlError) -> ConfigurationReplaceResult
    {
        var written: Commit?
        let before = await formerCommit
        while true {
            let prepared: PreparedConfiguration
            do throws(ControlError) {
                prepared = try await prepare(order)
            } catch {
                if let written { await commits.withdraw(written.record.number) }
                throw error
            }
            let changes = prepared.changedLines
            await reserve(prepared.plan.compiler.numbers)
            var isUnsaved = false
            if written == nil {
                (written, isUnsaved) = try await write(order, prepared, isSame: changes.isEmpty)
            }
            let fingerprint = written?.fingerprint
            guard let applied = await putIntoForce(prepared, written?.record, fingerprint, order, isUnsaved: isUnsaved)
            else { continue }
            await allocationsAreSaved()
            if let written {
                log(written.record)
                if !order.mustHold, written.record.trial == nil, let before, before.trial != nil {
                    await confirm(before, by: written.record)
                }
            }
            return ConfigurationReplaceResult(
                changes: changes, warnings: prepared.loaded.warnings.map(Diagnostic.init), appliedAt: applied.at,
                problems: await problems, commit: await commitNumber, confirmBy: await confirmBy)
        }
    }

    /// A further commit confirms the one before it, which is there to stay also if the further one is lost.
    private nonisolated func confirm(_ former: CommitRecord, by further: CommitRecord) async {
        do {
            _ = try await commits.confirm(former.number)
        } catch {
            logger.error(
                "a commit that another one confirms is on disk as one that is not",
                metadata: ["commit": "\(former.number)", "by": "\(further.number)", "error": "\(error)"])
        }
    }

    private nonisolated func prepare(_ order: CommitOrder) async throws(ControlError) -> PreparedConfiguration {
        let candidate = CandidateConfiguration(text: order.text)
        let basis = await planBasis
        let loaded = try candidate.loaded(on: basis)
        try candidate.refuseWhatTakesMostAway(loaded, on: basis)
        // As at a start: who has such a label keeps it, and the block waits for that.
        if !order.mustHold { try await candidate.refuseLabelsInUse(loaded, in: self) }
        return try PreparedConfiguration(loaded, of: order.text, on: basis)
    }

    /// Puts the text on disk. Numbers and tables are there already: what is read after a crash fits.
    /// - Returns: no commit where the text is what is in force, to the letter, and nothing else is said of it.
    private nonisolated func write(
        _ order: CommitOrder, _ prepared: PreparedConfiguration, isSame: Bool
    ) async throws(ControlError) -> (Commit?, isUnsaved: Bool) {
        let text = order.text
        // What a hidden password stands for is known now; later there may be another one at its place.
        let kept = text.text.contains(HiddenPassword.word) ? prepared.canonicalText : text.text
        var draft = CommitStore.Draft(
            author: CommitAuthor(order.author), comment: text.comment, source: text.fileName, text: kept)
        let former = await formerCommit
        if isSame, text.comment == nil, text.confirmMinutes == nil, former?.trial == nil,
            await isInForce(FileFingerprint(Array(kept.utf8)))
        {
            return (nil, false)
        }
        if order.mustHold {
            draft.knownFile = order.knownFile
        } else {
            draft.knownFile = await knownFile(after: text.text, former)
        }
        if let minutes = text.confirmMinutes {
            guard let former else {
                throw ControlError(.refused, "there is no commit that could come back: nothing was applied")
            }
            draft.trial = CommitTrial(
                former: former.trial?.former ?? former.number, boot: bootClock.identifier,
                deadlineSeconds: bootClock.seconds() + Int64(minutes) * 60)
        }
        do {
            return (try await commits.write(draft), false)
        } catch {
            logger.error("a commit cannot be written", metadata: ["error": "\(error)"])
            guard order.mustHold else {
                throw ControlError(.refused, "the commit cannot be written: \(error): nothing was applied")
            }
            return (nil, true)
        }
    }

    /// The watched file counts as taken when a commit has the same text; what differs otherwise goes on being said.
    private nonisolated func knownFile(after text: String, _ former: CommitRecord?) async -> FileFingerprint? {
        let own = FileFingerprint(Array(text.utf8))
        return await fileWatch?.fingerprint() == own ? own : former?.knownFile
    }

    private nonisolated func log(_ record: CommitRecord) {
        var metadata: Logger.Metadata = [
            "commit": "\(record.number)", "user": "\(record.author.userName)", "uid": "\(record.author.userIdentifier)",
            "source": "\(record.source)",
        ]
        if let comment = record.comment { metadata["comment"] = "\(comment)" }
        if let trial = record.trial { metadata["confirm_within_seconds"] = "\(trial.secondsLeft(bootClock))" }
        logger.notice("commit", metadata: metadata)
    }
}

extension ControlPlane {
    private var numberOfTrial: UInt64? { commitInForce.record.flatMap { $0.trial == nil ? nil : $0.number } }
    private var formerCommit: CommitRecord? { commitInForce.record }
    var commitNumber: UInt64? { commitInForce.record?.number }
    var confirmBy: Timestamp? { commitInForce.confirmBy }
    private func note(_ record: CommitRecord) { commitInForce.note(record) }
    private func isInForce(_ text: FileFingerprint) -> Bool { commitInForce.isText(text) }
    /// The commit in force if its time is over.
    private var unconfirmed: CommitRecord? { commitInForce.isTrialOver ? commitInForce.record : nil }
    private func endRollback() { commitInForce.endRollback() }

    /// `nil` if what the configuration was prepared from holds no more, and then nothing has changed.
    private func putIntoForce(
        _ prepared: PreparedConfiguration, _ record: CommitRecord?, _ text: FileFingerprint?, _ order: CommitOrder,
        isUnsaved: Bool
    ) -> AppliedConfiguration? {
        guard prepared.basis.isSame(as: planBasis) else { return nil }
        let former = replace(with: prepared)
        if let record, let text {
            commitInForce.take(record, text: text, isByOperator: !order.mustHold)
        } else if isUnsaved {
            commitInForce.takeUnsaved()
        }
        return AppliedConfiguration(at: .now, former: former)
    }

    /// What of the configuration in force could not be done.
    private var problems: [String] {
        var problems = plan.omissions
        if !allocations.isComplete {
            problems.append("the allocations cannot be saved: no new label is advertised until they can")
        }
        problems += routing.vrfsWithoutFreeLabel.sorted().map {
            "labels are lacking in VRF '\($0)': what has none is not advertised"
        }
        problems += routing.commonLabelWaits.filter(\.isWithoutLabel).map {
            "VRF '\($0.vrf)' may not be told to \($0.neighbor.address) by label \($0.label) yet: nothing of it is advertised"
        }
        if !labels.refused.isEmpty { problems.append("\(labels.refused.count) labels do not fit into the tables") }
        return problems
    }

    /// Undoes a commit whose time is over, and looks whether the configuration file has been changed; to be called once
    /// a second.
    func lookAfterCommits() {
        if commitInForce.beginRollback() { Task { await rollBackUnconfirmed() } }
        guard let fileWatch, commitInForce.isFileDue() else { return }
        Task { noteFile(fileWatch.path, await fileWatch.fingerprint()) }
    }

    private func noteFile(_ path: String, _ fingerprint: FileFingerprint?) {
        commitInForce.noteFile(path, fingerprint)
    }
}
