import Configuration
import ControlProtocol

extension CheckConfiguration: AnsweredRequest {
    package func answer(by plane: ControlPlane) async throws(ControlError) -> ConfigurationCheckResult {
        try await plane.check(configuration)
    }
}

extension DiffConfiguration: AnsweredRequest {
    package func answer(by plane: ControlPlane) async throws(ControlError) -> ConfigurationDiffResult {
        try await plane.diff(configuration)
    }
}

extension ReplaceConfiguration: AnsweredRequest {
    package func answer(by plane: ControlPlane) async throws(ControlError) -> ConfigurationReplaceResult {
        try await plane.replace(with: configuration)
    }
}

extension ShowRunningConfiguration: AnsweredRequest {
    package func answer(by plane: ControlPlane) async throws(ControlError) -> RunningConfigurationResult {
        let (configuration, appliedAt) = await plane.inForce
        return RunningConfigurationResult(
            text: configuration.withHiddenPasswords.canonicalText, appliedAt: Timestamp(secondsSince1970: appliedAt))
    }
}

extension ControlPlane {
    /// Reads the text and applies nothing.
    fileprivate nonisolated func check(_ text: ConfigurationText) async throws(ControlError) -> ConfigurationCheckResult
    {
        let basis = await planBasis
        let prepared = try PreparedConfiguration(try parse(text, on: basis), of: text, on: basis)
        try Self.refuseEmpty(prepared.loaded, text)
        return ConfigurationCheckResult(warnings: prepared.loaded.warnings.map(Diagnostic.init))
    }

    fileprivate nonisolated func diff(_ text: ConfigurationText) async throws(ControlError) -> ConfigurationDiffResult {
        let basis = await planBasis
        let prepared = try PreparedConfiguration(try parse(text, on: basis), of: text, on: basis)
        return ConfigurationDiffResult(
            lines: changes(by: prepared), warnings: prepared.loaded.warnings.map(Diagnostic.init))
    }

    /// All of the text or nothing. When something else has changed while it was prepared, it is
    /// prepared again.
    fileprivate nonisolated func replace(
        with text: ConfigurationText
    ) async throws(ControlError) -> ConfigurationReplaceResult {
        while true {
            let basis = await planBasis
            let loaded = try parse(text, on: basis)
            try Self.refuseEmpty(loaded, text)
            let prepared = try PreparedConfiguration(loaded, of: text, on: basis)
            let changes = changes(by: prepared)
            await reserve(prepared.plan.compiler.numbers)
            guard let applied = await putIntoForce(prepared) else { continue }
            await allocationsAreSaved()
            let unsaved = await runningConfigurationFile.save(prepared.canonicalText, ofPlan: applied.planNumber)
            return ConfigurationReplaceResult(
                changes: changes, warnings: loaded.warnings.map(Diagnostic.init), appliedAt: applied.at,
                problems: await problems + [unsaved].compactMap { $0 })
        }
    }

    fileprivate var inForce: (Configuration, WallClock.Seconds) { (configuration, appliedAt) }

    private struct Applied {
        let at: Timestamp
        let planNumber: UInt64
        let former: FormerConfiguration
    }

    /// `nil` if what the configuration was prepared from holds no more, and then nothing has changed.
    private func putIntoForce(_ prepared: PreparedConfiguration) -> Applied? {
        guard prepared.basis.isSame(as: planBasis) else { return nil }
        let former = replace(with: prepared)
        return Applied(at: .now, planNumber: plansMade, former: former)
    }

    /// What of the configuration in force could not be done.
    private var problems: [String] {
        var problems = plan.omissions
        if !allocations.isComplete {
            problems.append("the allocations cannot be saved: no new label is advertised until they can")
        }
        problems += routing.vrfsWithoutFreeLabel.sorted().map {
            "no label is free for VRF '\($0)': nothing of it is advertised"
        }
        if !labels.refused.isEmpty { problems.append("\(labels.refused.count) labels do not fit into the tables") }
        return problems
    }

    /// A text without a statement, of a file that was cut short for instance, would take everything away.
    private nonisolated static func refuseEmpty(
        _ loaded: LoadedConfiguration, _ text: ConfigurationText
    ) throws(ControlError) {
        guard loaded.configuration.isEmpty, text.force != true else { return }
        throw ControlError(
            .configurationInvalid,
            "\(text.fileName) says nothing, and all would be removed: nothing was applied; add 'force' if that is meant"
        )
    }

    private nonisolated func parse(
        _ text: ConfigurationText, on basis: PlanBasis
    ) throws(ControlError) -> LoadedConfiguration {
        do {
            return try ConfigurationParser.parse(
                text: text.text, fileName: text.fileName, base: basis.index.configuration)
        } catch {
            throw ControlError(
                .configurationInvalid, "the configuration is invalid, nothing was applied",
                diagnostics: error.diagnostics.map(Diagnostic.init))
        }
    }

    private nonisolated func changes(by new: PreparedConfiguration) -> [ConfigurationDiffLine] {
        lines(of: ConfigurationDiff(from: new.basis.index.configuration, to: new.loaded.configuration))
    }

    private nonisolated func lines(of diff: ConfigurationDiff) -> [ConfigurationDiffLine] {
        diff.lines.map { line in
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
