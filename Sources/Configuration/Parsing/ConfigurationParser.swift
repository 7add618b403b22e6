/// Reads configurations.
public enum ConfigurationParser {
    /// Reads a whole configuration; it is taken as a whole or not at all.
    ///
    /// - Parameters:
    ///   - text: The content of the file.
    ///   - fileName: The file's name, for the places in diagnostics.
    ///   - base: The configuration whose passwords stand for `<hidden>` at the same places; `nil` for none.
    /// - Throws: All that is wrong with the text, not only the first error.
    public static func parse(
        text: String, fileName: String, base: Configuration? = nil
    ) throws(InvalidConfiguration) -> LoadedConfiguration {
        let source = SourceText(text, file: fileName)
        let reader = StatementReader(reading: source)
        let checker = ConfigurationChecker(checking: reader.draft, source: source, base: base)
        let findings = (reader.findings + checker.findings).sorted {
            ($0.range.line, $0.range.octets.lowerBound) < ($1.range.line, $1.range.octets.lowerBound)
        }
        let diagnostics = findings.map(source.diagnostic(for:))
        guard diagnostics.allSatisfy({ $0.severity == .warning }) else {
            throw InvalidConfiguration(diagnostics: diagnostics)
        }
        return LoadedConfiguration(
            configuration: checker.configuration, sources: checker.sources, warnings: diagnostics)
    }
}
