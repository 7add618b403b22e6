import Configuration
import ControlProtocol

extension ControlPlane {
    /// `config.check`: reads the text and applies nothing.
    func check(_ text: ConfigurationText) throws(ControlError) -> ConfigurationCheckResult {
        ConfigurationCheckResult(warnings: try parse(text).loaded.warnings.map(Diagnostic.init))
    }

    /// `config.diff`.
    func diff(_ text: ConfigurationText) throws(ControlError) -> ConfigurationDiffResult {
        let new = try parse(text).loaded
        return ConfigurationDiffResult(
            lines: lines(of: ConfigurationDiff(from: configuration, to: new.configuration)),
            warnings: new.warnings.map(Diagnostic.init))
    }

    /// `config.replace`: all of the text or nothing.
    func replace(with text: ConfigurationText) throws(ControlError) -> ConfigurationReplaceResult {
        let (new, services) = try parse(text)
        let changes = lines(of: ConfigurationDiff(from: configuration, to: new.configuration))
        replace(with: new, services: services)
        return ConfigurationReplaceResult(
            changes: changes, warnings: new.warnings.map(Diagnostic.init), appliedAt: takenAt)
    }

    /// The text's configuration, and its services as they fit into the tables now.
    private func parse(
        _ text: ConfigurationText
    ) throws(ControlError) -> (loaded: LoadedConfiguration, services: ServicesCompiler) {
        let loaded: LoadedConfiguration
        do {
            loaded = try ConfigurationParser.parse(text: text.text, fileName: text.fileName)
        } catch {
            throw ControlError(
                .configurationInvalid, "the configuration is invalid, nothing was applied",
                diagnostics: error.diagnostics.map(Diagnostic.init))
        }
        return (loaded, try fittingServices(of: loaded, text))
    }

    /// Services that the tables cannot hold are refused while the old ones still work.
    private func fittingServices(
        of new: LoadedConfiguration, _ text: ConfigurationText
    ) throws(ControlError) -> ServicesCompiler {
        var compiler = ServicesCompiler(
            index: new.configuration.index, numbers: numbers, limits: tables.serviceLimits)
        compiler.compile()
        guard !compiler.refusals.isEmpty else { return compiler }
        let lines = text.text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        throw ControlError(
            .configurationInvalid, "the configuration does not fit into the tables, nothing was applied",
            diagnostics: compiler.refusals.map { refusal in
                let place = new.sources[refusal.object] ?? SourceLocation(file: text.fileName, line: 1, column: 1)
                let line = lines.indices.contains(place.line - 1) ? String(lines[place.line - 1]) : ""
                return Diagnostic(
                    severity: .error, code: "does-not-fit", message: refusal.message, file: place.file,
                    line: place.line, column: place.column, lineText: line, length: 1, expected: [])
            })
    }

    private func lines(of diff: ConfigurationDiff) -> [ConfigurationDiffLine] {
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
