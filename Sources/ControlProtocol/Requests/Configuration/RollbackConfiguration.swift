/// `config.rollback`: applies the text of an earlier commit, as a new commit.
public struct RollbackConfiguration: ControlRequest {
    public typealias Answer = ConfigurationReplaceResult
    public static let method = "config.rollback"

    /// Of the earlier commit.
    public var number: UInt64
    /// Whether it is applied also where it takes most customers away; `nil` for no.
    public var force: Bool?
    public var comment: String?
    /// After how many minutes it is undone unless somebody confirms it; `nil` for never.
    public var confirmMinutes: UInt32?

    public init(number: UInt64, force: Bool? = nil, comment: String? = nil, confirmMinutes: UInt32? = nil) {
        self.number = number
        self.force = force
        self.comment = comment
        self.confirmMinutes = confirmMinutes
    }
}
