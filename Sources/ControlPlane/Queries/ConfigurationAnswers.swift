import Addressing
import Configuration
import ControlProtocol
import Routing

extension CheckConfiguration: AnsweredRequest {
    /// Reads the text and applies nothing.
    package func answer(by plane: ControlPlane) async throws(ControlError) -> ConfigurationCheckResult {
        let candidate = CandidateConfiguration(text: configuration)
        let prepared = try candidate.prepared(on: await plane.planBasis)
        try candidate.refuseEmpty(prepared.loaded)
        try await candidate.refuseLabelsInUse(prepared.loaded, in: plane)
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
            try await candidate.refuseLabelsInUse(loaded, in: plane)
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

extension CandidateConfiguration {
    /// A block is to be reserved in which labels have been given out: they stay with those that have them, so that what is
    /// provisioned would mean two things.
    fileprivate func refuseLabelsInUse(
        _ new: LoadedConfiguration, in plane: ControlPlane
    ) async throws(ControlError) {
        guard let block = new.configuration.mpls.commonBlock else { return }
        let given = await plane.labelsGiven(within: block)
        guard let first = given.first else { return }
        let (vrf, neighbor) = (first.owner.vrf?.name, first.owner.neighbor.address)
        let line = vrf.flatMap { new.sources[.vrf($0)] }.map { " (line \($0.line))" } ?? ""
        let holder = vrf.map { "VRF '\($0)'\(line)" } ?? "what is relayed"
        let place = new.sources[.labelBlock] ?? SourceLocation(file: text.fileName, line: 1, column: 1)
        let lines = text.text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        throw ControlError(
            .configurationInvalid, "labels of the block are in use, nothing was applied",
            diagnostics: [
                Diagnostic(
                    severity: .error, code: "block-in-use",
                    message:
                        "label \(first.label) is that of \(holder) towards \(neighbor), so that the block is in use",
                    file: place.file, line: place.line, column: place.column,
                    lineText: lines.indices.contains(place.line - 1) ? String(lines[place.line - 1]) : "", length: 1,
                    expected: [],
                    hint: "choose a block outside the labels in use ('show labels'), or narrow 'mpls label range' and "
                        + "wait until nobody has one of the block")
            ])
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
    /// A label in the block that was drawn for somebody, and who that is; none if the block is reserved already.
    fileprivate func labelsGiven(within block: ClosedRange<UInt32>) -> [(label: MPLSLabel, owner: LabelOwner)] {
        guard configuration.mpls.commonBlock != block else { return [] }
        return routing.labels.drawn(within: block, limit: 1)
    }

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
