import Configuration
import ControlProtocol

extension CheckConfiguration: AnsweredRequest {
    /// Reads the text and applies nothing.
    package func answer(by plane: ControlPlane) async throws(ControlError) -> ConfigurationCheckResult {
        let candidate = CandidateConfiguration(text: configuration)
        let prepared = try candidate.prepared(on: await plane.planBasis)
        try candidate.refuseEmpty(prepared.loaded)
        return ConfigurationCheckResult(warnings: prepared.loaded.warnings.map(Diagnostic.init))
    }
}

extension DiffConfiguration: AnsweredRequest {
    package func answer(by plane: ControlPlane) async throws(ControlError) -> ConfigurationDiffResult {
        let prepared = try CandidateConfiguration(text: configuration).prepared(on: await plane.planBasis)
        return ConfigurationDiffResult(
            lines: prepared.changedLines, warnings: prepared.loaded.warnings.map(Diagnostic.init))
    }
}

extension ReplaceConfiguration: AnsweredRequest {
    /// All of the text or nothing. When something else has changed while it was prepared, it is prepared again.
    package func answer(by plane: ControlPlane) async throws(ControlError) -> ConfigurationReplaceResult {
        let candidate = CandidateConfiguration(text: configuration)
        while true {
            let basis = await plane.planBasis
            let loaded = try candidate.loaded(on: basis)
            try candidate.refuseEmpty(loaded)
            let prepared = try PreparedConfiguration(loaded, of: configuration, on: basis)
            let changes = prepared.changedLines
            await plane.reserve(prepared.plan.compiler.numbers)
            guard let applied = await plane.putIntoForce(prepared) else { continue }
            await plane.allocationsAreSaved()
            let unsaved = await plane.runningConfigurationFile.save(
                prepared.canonicalText, ofPlan: applied.planNumber)
            return ConfigurationReplaceResult(
                changes: changes, warnings: loaded.warnings.map(Diagnostic.init), appliedAt: applied.at,
                problems: await plane.problems + [unsaved].compactMap { $0 })
        }
    }
}

extension ShowRunningConfiguration: AnsweredRequest {
    package func answer(by plane: ControlPlane) async throws(ControlError) -> RunningConfigurationResult {
        let (configuration, appliedAt) = await plane.configurationWithTime
        return RunningConfigurationResult(
            text: configuration.withHiddenPasswords.canonicalText, appliedAt: Timestamp(secondsSince1970: appliedAt))
    }
}

/// A text that somebody would like to be the configuration. Whatever is done with it is done beside the event loop.
private struct CandidateConfiguration: Sendable {
    let text: ConfigurationText

    func loaded(on basis: PlanBasis) throws(ControlError) -> LoadedConfiguration {
        do {
            return try ConfigurationParser.parse(
                text: text.text, fileName: text.fileName, base: basis.index.configuration)
        } catch {
            throw ControlError(
                .configurationInvalid, "the configuration is invalid, nothing was applied",
                diagnostics: error.diagnostics.map(Diagnostic.init))
        }
    }

    func prepared(on basis: PlanBasis) throws(ControlError) -> PreparedConfiguration {
        try PreparedConfiguration(try loaded(on: basis), of: text, on: basis)
    }

    /// A text without a statement, of a file that was cut short for instance, would take everything away.
    func refuseEmpty(_ loaded: LoadedConfiguration) throws(ControlError) {
        guard loaded.configuration.isEmpty, text.force != true else { return }
        throw ControlError(
            .configurationInvalid,
            "\(text.fileName) says nothing, and all would be removed: nothing was applied; add 'force' if that is meant"
        )
    }
}

extension PreparedConfiguration {
    /// What it has otherwise than the one in force.
    fileprivate var changedLines: [ConfigurationDiffLine] {
        ConfigurationDiff(from: basis.index.configuration, to: loaded.configuration).lines.map { line in
            let kind: ConfigurationDiffLine.Kind =
                switch line.mark {
                case .both: .context
                case .added: .added
                case .removed: .removed
                }
            return ConfigurationDiffLine(kind: kind, text: line.text)
        }
    }
}

/// What was put into force.
private struct AppliedConfiguration {
    let at: Timestamp
    let planNumber: UInt64
    let former: FormerConfiguration
}

extension ControlPlane {
    fileprivate var configurationWithTime: (Configuration, WallClock.Seconds) { (configuration, inForce.appliedAt) }

    /// `nil` if what the configuration was prepared from holds no more, and then nothing has changed.
    fileprivate func putIntoForce(_ prepared: PreparedConfiguration) -> AppliedConfiguration? {
        guard prepared.basis.isSame(as: planBasis) else { return nil }
        let former = replace(with: prepared)
        return AppliedConfiguration(at: .now, planNumber: inForce.plansMade, former: former)
    }

    /// What of the configuration in force could not be done.
    fileprivate var problems: [String] {
        var problems = plan.omissions
        if !allocations.isComplete {
            problems.append("the allocations cannot be saved: no new label is advertised until they can")
        }
        problems += routing.vrfsWithoutFreeLabel.sorted().map {
            "labels are lacking in VRF '\($0)': what has none is not advertised"
        }
        if !labels.refused.isEmpty { problems.append("\(labels.refused.count) labels do not fit into the tables") }
        return problems
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
