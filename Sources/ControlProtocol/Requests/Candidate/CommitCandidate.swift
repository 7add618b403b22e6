/// `candidate.commit`: puts the candidate into force, which goes on from there. It is refused when another commit than the
/// one that it was begun from is in force: nothing is merged. An unchanged one confirms a commit that waits for that.
public struct CommitCandidate: ControlRequest {
    public typealias Answer = ConfigurationReplaceResult
    public static let method = "candidate.commit"

    /// Whether it is applied also where it takes most customers away; `nil` for no.
    public var force: Bool?
    public var comment: String?
    /// After how many minutes it is undone unless somebody confirms it; `nil` for never.
    public var confirmMinutes: UInt32?

    public init(force: Bool? = nil, comment: String? = nil, confirmMinutes: UInt32? = nil) {
        self.force = force
        self.comment = comment
        self.confirmMinutes = confirmMinutes
    }
}
