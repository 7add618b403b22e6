import ControlProtocol

/// Something of the machine that is not as the box needs it.
struct DoctorFinding: Codable, Hashable, Sendable {
    enum Severity: String, Codable, Hashable, Sendable {
        /// Something does not work.
        case problem
        /// It works, but slower or with less certainty.
        case advice
    }

    let severity: Severity
    /// What was examined: one word, the same in every release.
    let check: String
    let message: String
    /// The command that mends it.
    let mend: String
}

/// Answer to `doctor`.
struct DoctorReport: ControlResult {
    static let schemaIdentifier = "stile.doctor/1"
    private(set) var schema = DoctorReport.schemaIdentifier

    /// Where the configuration came from that the machine was compared with; `nil` where there was none.
    let configuration: String?
    /// The problems first.
    let findings: [DoctorFinding]

    /// Advice alone is no failure.
    var exitCode: ExitCode { findings.contains { $0.severity == .problem } ? .refused : .done }

    func text(_ style: TextStyle) -> String {
        let from =
            configuration.map { "Compared with \($0).\n" }
            ?? "There is no configuration: what it needs was not examined.\n"
        guard !findings.isEmpty else { return from.withoutControlCharactersInLines + "Nothing was found.\n" }
        let texts = findings.map { finding in
            let isProblem = finding.severity == .problem
            return style.show(finding.severity.rawValue, as: isProblem ? .bad : .warning)
                + " \(finding.check): \(finding.message)\n    \(finding.mend)\n".withoutControlCharactersInLines
        }
        return from.withoutControlCharactersInLines + texts.joined()
    }
}
