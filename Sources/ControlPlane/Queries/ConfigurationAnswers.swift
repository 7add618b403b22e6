import Configuration
import ControlProtocol
import Routing

extension CheckConfiguration: AnsweredRequest {
    /// Reads the text and applies nothing.
    package func answer(by plane: ControlPlane) async throws(ControlError) -> ConfigurationCheckResult {
        let candidate = CandidateConfiguration(text: configuration)
        let prepared = try candidate.prepared(on: await plane.planBasis)
        try candidate.refuseWhatTakesMostAway(prepared.loaded, on: prepared.basis)
        try await candidate.refuseLabelsInUse(prepared.loaded, in: plane)
        return ConfigurationCheckResult(
            warnings: prepared.loaded.warnings.map(Diagnostic.init), cuts: await plane.cuts(of: prepared))
    }
}

extension DiffConfiguration: AnsweredRequest {
    package func answer(by plane: ControlPlane) async throws(ControlError) -> ConfigurationDiffResult {
        let prepared = try CandidateConfiguration(text: configuration).prepared(on: await plane.planBasis)
        return ConfigurationDiffResult(
            lines: prepared.changedLines, warnings: prepared.loaded.warnings.map(Diagnostic.init),
            cuts: await plane.cuts(of: prepared))
    }
}

extension ReplaceConfiguration: AttributedRequest {
    func answer(
        by plane: ControlPlane, to caller: ControlCaller
    ) async throws(ControlError) -> ConfigurationReplaceResult {
        try await plane.commit(CommitOrder(text: configuration, author: caller))
    }
}

extension RollbackConfiguration: AttributedRequest {
    func answer(
        by plane: ControlPlane, to caller: ControlCaller
    ) async throws(ControlError) -> ConfigurationReplaceResult {
        let former = try await plane.commits.commit(number).commit
        let text = ConfigurationText(
            text: former.text, fileName: "commit \(number)", force: force, comment: comment,
            confirmMinutes: confirmMinutes)
        return try await plane.commit(CommitOrder(text: text, author: caller))
    }
}

extension ConfirmCommit: AttributedRequest {
    func answer(by plane: ControlPlane, to caller: ControlCaller) async throws(ControlError) -> CommitConfirmedResult {
        try await plane.confirm(by: caller)
    }
}

extension ShowRunningConfiguration: AnsweredRequest {
    package func answer(by plane: ControlPlane) async throws(ControlError) -> RunningConfigurationResult {
        let (configuration, appliedAt) = await plane.configurationWithTime
        let text = configuration.withHiddenPasswords.canonicalText
        return RunningConfigurationResult(
            text: try interface.map { name throws(ControlError) in try Self.block(of: name, in: text) } ?? text,
            appliedAt: Timestamp(secondsSince1970: appliedAt))
    }

    private static func block(of interface: String, in text: String) throws(ControlError) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let first = lines.firstIndex(of: "interface \(interface)") else {
            throw ControlError(.noSuchObject, "the configuration has no interface \(interface)")
        }
        let end = lines[(first + 1)...].firstIndex { !$0.hasPrefix(" ") } ?? lines.endIndex
        return lines[first..<end].map { "\($0)\n" }.joined()
    }
}

extension ControlPlane {
    fileprivate var configurationWithTime: (Configuration, WallClock.Seconds) { (configuration, inForce.appliedAt) }
    private var givenLabels: LabelAllocations { routing.labels }

    fileprivate nonisolated func cuts(of prepared: PreparedConfiguration) async -> [TrafficCut] {
        TrafficCutSearch(basis: prepared.basis, new: prepared, labels: await givenLabels).cuts
    }
}

extension Diagnostic {
    /// A diagnostic of the parser as the control socket carries it.
    init(_ diagnostic: ConfigurationDiagnostic) {
        self.init(
            severity: diagnostic.severity == .error ? .error : .warning, code: diagnostic.code.rawValue,
            message: diagnostic.message, file: diagnostic.location.file, line: diagnostic.location.line,
            column: diagnostic.location.column, lineText: diagnostic.lineText, length: diagnostic.length,
            expected: diagnostic.expected, hint: diagnostic.hint)
    }
}
