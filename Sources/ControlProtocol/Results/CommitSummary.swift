/// What is known of a commit beside its text.
public struct CommitSummary: Codable, Hashable, Sendable {
    public let number: UInt64
    public let madeAt: Timestamp
    /// Who asked for it: the name that the machine has for the user, `stiled` for the control process itself.
    public let user: String
    public let userIdentifier: UInt32
    public let comment: String?
    /// Where the text came from: a file's name, for instance.
    public let source: String
    /// When it is undone unless somebody confirms it; `nil` for never, and for one that is not in force.
    public let confirmBy: Timestamp?

    public init(
        number: UInt64, madeAt: Timestamp, user: String, userIdentifier: UInt32, comment: String? = nil, source: String,
        confirmBy: Timestamp? = nil
    ) {
        self.number = number
        self.madeAt = madeAt
        self.user = user
        self.userIdentifier = userIdentifier
        self.comment = comment
        self.source = source
        self.confirmBy = confirmBy
    }
}
