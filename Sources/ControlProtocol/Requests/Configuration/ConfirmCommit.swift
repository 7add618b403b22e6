/// `config.confirm`: the commit in force, which waits for that, stays.
public struct ConfirmCommit: ParameterlessRequest {
    public typealias Answer = CommitConfirmedResult
    public static let method = "config.confirm"

    public init() {}
}

/// Answer to `config.confirm`.
public struct CommitConfirmedResult: ControlResult {
    public static let schemaIdentifier = "stile.config.confirm/1"
    public private(set) var schema = CommitConfirmedResult.schemaIdentifier

    public let commit: UInt64

    public init(commit: UInt64) { self.commit = commit }
}

extension CommitConfirmedResult {
    public func text(_ style: TextStyle) -> String { style.show("confirmed", as: .good) + ": commit \(commit) stays\n" }
}
