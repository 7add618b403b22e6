import Configuration
import ControlProtocol

/// A configuration that somebody is changing, seen by nobody else. What it was begun from is kept beside it: what others
/// commit meanwhile does not come into it.
struct EditedCandidate: Sendable {
    /// What a candidate is begun from.
    struct Base: Sendable {
        /// The commit in force then; `nil` where none could be written.
        let number: UInt64?
        /// For passwords that the text does not say.
        let configuration: Configuration
        let text: ConfigurationEditor
    }

    let base: Base
    var text: ConfigurationEditor

    init(on base: Base) {
        self.base = base
        text = base.text
    }

    var isChanged: Bool { !text.isSame(as: base.text) }

    var differences: [ConfigurationDiffLine] {
        text.differences(from: base.text).map(ConfigurationDiffLine.init)
    }

    /// To be checked or committed.
    func configurationText(force: Bool?, comment: String?, confirmMinutes: UInt32?) -> ConfigurationText {
        ConfigurationText(
            text: text.text, fileName: "candidate", force: force, comment: comment, confirmMinutes: confirmMinutes)
    }
}

extension EditedCandidate.Base {
    /// - Parameter commit: the commit in force with its comments and in its order; its text counts only where it means what
    ///   is in force, and otherwise the canonical text does.
    init(number: UInt64?, configuration: Configuration, commit: String?) throws(ControlError) {
        self.number = number
        self.configuration = configuration
        if let commit, let text = try? ConfigurationEditor(text: commit, fileName: "commit"),
            (try? ConfigurationParser.parse(text: text.text, fileName: "commit"))?.configuration == configuration
        {
            self.text = text
            return
        }
        do {
            text = try ConfigurationEditor(text: configuration.canonicalText, fileName: "the running configuration")
        } catch {
            throw ControlError(
                .internalError, "the running configuration cannot be edited",
                diagnostics: error.diagnostics.map(Diagnostic.init))
        }
    }
}

extension ConfigurationDiffLine {
    init(_ line: ConfigurationDiff.Line) {
        let kind: Kind =
            switch line.mark {
            case .both: .context
            case .added: .added
            case .removed: .removed
            }
        self.init(kind: kind, text: line.text)
    }
}
