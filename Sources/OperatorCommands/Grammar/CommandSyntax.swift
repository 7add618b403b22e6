import ControlProtocol

/// The words of one command: a fixed path, then operands by position, then clauses in any order. An operand that need not be there
/// may also stand behind a clause.
struct CommandSyntax: Sendable {
    /// A value by position.
    struct Operand: Sendable {
        /// The name of one that is a configuration file.
        static let file = "FILE"

        let name: String
        let help: String
        var isRequired = true
        /// What it is the name of, if it is one of those that the box has.
        var names: ObjectKind?
    }

    /// A word that may stand anywhere behind the operands, with a value or alone.
    struct Clause: Sendable {
        let word: String
        /// `nil` for a word that stands alone.
        let valueName: String?
        let help: String
        var isRepeatable = false
        /// What it means without a value, which then may be left out.
        var defaultValue: String?
        /// Whether its value is all that is left of the line.
        var takesRest = false
        /// What the value is the name of, if it is one of those that the box has.
        var names: ObjectKind?
    }

    let path: [String]
    let help: String
    var operands: [Operand] = []
    var clauses: [Clause] = []
    /// Whether people are told of it; another form of one that is listed need not be.
    var isListed = true
    /// Turns what was read into an order; what a value must be is said here.
    let operation: @Sendable (CommandArguments) throws(UsageError) -> Operation

    /// One line, for instance `bgp clear neighbor ADDRESS [soft]`.
    var usage: String {
        let operands = operands.map { $0.isRequired ? $0.name : "[\($0.name)]" }
        let clauses = clauses.map { clause in
            let value = clause.valueName.map { clause.defaultValue == nil ? " \($0)" : " [\($0)]" } ?? ""
            return "[\(clause.word)\(value)]\(clause.isRepeatable ? "..." : "")"
        }
        return (path + operands + clauses).joined(separator: " ")
    }
}

/// What a command asks for.
package enum Operation: Sendable {
    case request(any ControlRequest)
    /// A request with the content of a file.
    case configuration(any ConfigurationRequest.Type, file: String, CommitClauses = CommitClauses())
    /// Without the daemon.
    case checkOffline(file: String)
    /// Without the daemon: this machine, or the one below a folder.
    case examineMachine(root: String, file: String?)
    case help(ofConfigureMode: Bool)
    /// Only a word of why there is nothing to do.
    case remark(String)
    /// The lines below are about a candidate.
    case configure
    case leave
    /// Of configure mode: leave the block.
    case leaveBlock
}

extension Operation: Equatable {
    package static func == (one: Operation, other: Operation) -> Bool {
        switch (one, other) {
        case (.request(let one), .request(let other)): AnyHashable(one) == AnyHashable(other)
        case (
            .configuration(let one, let file, let clauses), .configuration(let other, let otherFile, let otherClauses)
        ):
            one == other && file == otherFile && clauses == otherClauses
        case (.checkOffline(let file), .checkOffline(let otherFile)): file == otherFile
        case (.examineMachine(let root, let file), .examineMachine(let otherRoot, let otherFile)):
            root == otherRoot && file == otherFile
        case (.help(let one), .help(let other)): one == other
        case (.remark(let one), .remark(let other)): one == other
        case (.configure, .configure), (.leave, .leave), (.leaveBlock, .leaveBlock): true
        default: false
        }
    }
}

/// What is said of a commit beside its text.
package struct CommitClauses: Hashable, Sendable {
    package var isForced = false
    package var comment: String?
    /// After how many minutes it is undone unless somebody confirms it.
    package var confirmMinutes: UInt32?

    package init(isForced: Bool = false, comment: String? = nil, confirmMinutes: UInt32? = nil) {
        self.isForced = isForced
        self.comment = comment
        self.confirmMinutes = confirmMinutes
    }
}
