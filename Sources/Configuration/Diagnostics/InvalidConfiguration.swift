/// A text that was refused as a whole.
public struct InvalidConfiguration: Error, Equatable, Sendable {
    /// All errors and warnings in the order of the lines; at least one error.
    public let diagnostics: [ConfigurationDiagnostic]

    public var errors: [ConfigurationDiagnostic] { diagnostics.filter { $0.severity == .error } }
}

extension InvalidConfiguration: CustomStringConvertible {
    /// Every diagnostic in full, then how many there are and that nothing was applied.
    public var description: String {
        let errorCount = errors.count
        let warningCount = diagnostics.count - errorCount
        var summary = errorCount == 1 ? "1 error" : "\(errorCount) errors"
        if warningCount > 0 { summary += warningCount == 1 ? ", 1 warning" : ", \(warningCount) warnings" }
        return diagnostics.map(\.description).joined() + summary + "; nothing was applied\n"
    }
}
