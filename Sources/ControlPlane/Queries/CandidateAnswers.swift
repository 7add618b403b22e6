import Configuration
import ControlProtocol

extension OpenCandidate: AttributedRequest {
    func answer(by plane: ControlPlane, to caller: ControlCaller) async throws(ControlError) -> CandidateState {
        if let open = try? await plane.candidates.candidate(of: caller.session) {
            return await plane.state(of: open)
        }
        let candidate = EditedCandidate(on: try await plane.candidateBase())
        try await plane.candidates.put(candidate, of: caller.session)
        return await plane.state(of: candidate)
    }
}

extension DiscardCandidate: AttributedRequest {
    func answer(by plane: ControlPlane, to caller: ControlCaller) async throws(ControlError) -> CandidateState {
        _ = try await plane.candidates.candidate(of: caller.session)
        let candidate = EditedCandidate(on: try await plane.candidateBase())
        try await plane.candidates.put(candidate, of: caller.session)
        return await plane.state(of: candidate)
    }
}

extension EnterLine: AttributedRequest {
    func answer(by plane: ControlPlane, to caller: ControlCaller) async throws(ControlError) -> CandidateState {
        guard !line.utf8.contains(0x0A) else {
            throw ControlError(.invalidParameters, "candidate.enter: a line has no newline in it")
        }
        let (candidate, removed) = try await plane.candidates.change(of: caller.session) {
            text throws(InvalidConfiguration) in
            try text.enter(line)
        }
        return await plane.state(of: candidate, removed: removed)
    }
}

extension HintLine: AttributedRequest {
    func answer(by plane: ControlPlane, to caller: ControlCaller) async throws(ControlError) -> LineHintsResult {
        let candidate = try await plane.candidates.candidate(of: caller.session)
        return LineHintsResult(
            hints: candidate.text.hints(behind: words).map {
                LineHintsResult.Hint(word: $0.word, help: $0.help, isLiteral: $0.isLiteral)
            })
    }
}

extension ShowCandidate: AttributedRequest {
    func answer(by plane: ControlPlane, to caller: ControlCaller) async throws(ControlError) -> CandidateTextResult {
        let text = try await plane.candidates.candidate(of: caller.session).text
        return CandidateTextResult(text: HiddenPassword.masking(blockOnly == true ? text.textOfBlock : text.text))
    }
}

extension CompareCandidate: AttributedRequest {
    func answer(by plane: ControlPlane, to caller: ControlCaller) async throws(ControlError) -> ConfigurationDiffResult
    {
        let candidate = try await plane.candidates.candidate(of: caller.session)
        return ConfigurationDiffResult(lines: candidate.differences, warnings: [])
    }
}

extension CheckCandidate: AttributedRequest {
    func answer(by plane: ControlPlane, to caller: ControlCaller) async throws(ControlError) -> ConfigurationCheckResult
    {
        let candidate = try await plane.candidates.candidate(of: caller.session)
        return try await CheckConfiguration(
            candidate.configurationText(force: nil, comment: nil, confirmMinutes: nil)
        ).answer(by: plane)
    }
}

extension MergeIntoCandidate: AttributedRequest {
    func answer(by plane: ControlPlane, to caller: ControlCaller) async throws(ControlError) -> CandidateState {
        let (candidate, _) = try await plane.candidates.change(of: caller.session) {
            text throws(InvalidConfiguration) in
            try text.merge(text: configuration.text, fileName: configuration.fileName)
        }
        return await plane.state(of: candidate)
    }
}

extension ReplaceCandidate: AttributedRequest {
    func answer(by plane: ControlPlane, to caller: ControlCaller) async throws(ControlError) -> CandidateState {
        let (candidate, _) = try await plane.candidates.change(of: caller.session) {
            text throws(InvalidConfiguration) in
            try text.replace(text: configuration.text, fileName: configuration.fileName)
        }
        return await plane.state(of: candidate)
    }
}

extension RollBackCandidate: AttributedRequest {
    func answer(by plane: ControlPlane, to caller: ControlCaller) async throws(ControlError) -> CandidateState {
        _ = try await plane.candidates.candidate(of: caller.session)
        let former = try await plane.commits.commit(number).commit
        let text = ConfigurationText(text: former.text, fileName: "commit \(number)")
        return try await ReplaceCandidate(text).answer(by: plane, to: caller)
    }
}

extension CommitCandidate: AttributedRequest {
    func answer(
        by plane: ControlPlane, to caller: ControlCaller
    ) async throws(ControlError) -> ConfigurationReplaceResult {
        let candidate = try await plane.candidates.candidate(of: caller.session)
        if !candidate.isChanged, comment == nil, confirmMinutes == nil, await plane.confirmBy != nil {
            let confirmed = try await plane.confirm(by: caller)
            return ConfigurationReplaceResult(
                changes: [], warnings: [], appliedAt: await plane.appliedAt, commit: confirmed.commit)
        }
        let text = candidate.configurationText(force: force, comment: comment, confirmMinutes: confirmMinutes)
        let done = try await plane.commit(CommitOrder(text: text, author: caller, base: candidate.base))
        var next = EditedCandidate(on: try await plane.candidateBase())
        // Where the next line stands stays.
        if next.text.isSame(as: candidate.text) { next.text = candidate.text }
        try await plane.candidates.put(next, of: caller.session)
        return done
    }
}

extension ControlPlane {
    var appliedAt: Timestamp { Timestamp(secondsSince1970: inForce.appliedAt) }
    private var configurationWithCommit: (Configuration, UInt64?) { (configuration, commitNumber) }

    /// What is in force, to begin a candidate from.
    nonisolated func candidateBase() async throws(ControlError) -> EditedCandidate.Base {
        let (configuration, number) = await configurationWithCommit
        let commit = number == nil ? nil : try? await commits.commit(number ?? 0).commit.text
        return try EditedCandidate.Base(number: number, configuration: configuration, commit: commit)
    }

    /// Refuses what was made from something else than what is in force, and says what has changed under it.
    nonisolated func refuseOtherThan(_ base: EditedCandidate.Base) async throws(ControlError) {
        let (configuration, number) = await configurationWithCommit
        guard number != base.number || number == nil && configuration != base.configuration else { return }
        let changes = ConfigurationDiff(from: base.configuration, to: configuration).description
        let name = number.map { "commit \($0)" } ?? "another configuration"
        let begun = base.number.map { "commit \($0)" } ?? "another one"
        throw ControlError(
            .refused,
            "\(name) is in force, and the candidate was begun from \(begun): nothing was applied, and nothing is merged. "
                + "'discard' begins again. Meanwhile has changed:\n"
                + (changes.isEmpty ? "nothing but comments and order" : changes))
    }

    nonisolated func state(of candidate: EditedCandidate, removed: [String] = []) async -> CandidateState {
        CandidateState(
            hostname: await hostname, baseCommit: candidate.base.number, commitInForce: await commitNumber,
            isChanged: candidate.isChanged, block: candidate.text.block,
            removed: removed.map(HiddenPassword.masking))
    }
}
