import Configuration
import ControlProtocol

/// `check FILE`: what the daemon would say of a configuration, without a daemon.
enum OfflineCheck {
    static func check(_ text: String, fileName: String) throws(CommandFailure) -> ConfigurationCheckResult {
        let loaded: LoadedConfiguration
        do {
            loaded = try ConfigurationParser.parse(text: text, fileName: fileName)
        } catch {
            let count = error.errors.count
            throw CommandFailure(
                exitCode: .configurationInvalid,
                message: "\(fileName): \(count) \(count == 1 ? "error" : "errors"); nothing was applied",
                diagnostics: error.diagnostics.map(Diagnostic.init))
        }
        guard !loaded.configuration.isEmpty else {
            throw CommandFailure(exitCode: .configurationInvalid, message: "\(fileName) says nothing")
        }
        return ConfigurationCheckResult(warnings: loaded.warnings.map(Diagnostic.init))
    }
}

extension Diagnostic {
    init(_ diagnostic: ConfigurationDiagnostic) {
        self.init(
            severity: diagnostic.severity == .error ? .error : .warning, code: diagnostic.code.rawValue,
            message: diagnostic.message, file: diagnostic.location.file, line: diagnostic.location.line,
            column: diagnostic.location.column, lineText: diagnostic.lineText, length: diagnostic.length,
            expected: diagnostic.expected, hint: diagnostic.hint)
    }
}
