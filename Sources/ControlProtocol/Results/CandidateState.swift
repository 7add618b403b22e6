/// Answer to requests that change a candidate: where it stands now.
public struct CandidateState: ControlResult {
    public static let schemaIdentifier = "stile.candidate/1"
    public private(set) var schema = CandidateState.schemaIdentifier

    /// The name of the box in force.
    public let hostname: String
    /// The commit that the candidate was begun from; `nil` where none could be written.
    public let baseCommit: UInt64?
    /// The commit in force; another one than ``baseCommit`` when somebody else has committed meanwhile.
    public let commitInForce: UInt64?
    /// Whether it says something else than ``baseCommit``, or the same otherwise.
    public let isChanged: Bool
    /// The lines that open the blocks that the next line stands in, the outermost first.
    public let block: [String]
    /// The lines that the request took away or replaced, without passwords.
    public let removed: [String]

    public init(
        hostname: String, baseCommit: UInt64?, commitInForce: UInt64?, isChanged: Bool, block: [String] = [],
        removed: [String] = []
    ) {
        self.hostname = hostname
        self.baseCommit = baseCommit
        self.commitInForce = commitInForce
        self.isChanged = isChanged
        self.block = block
        self.removed = removed
    }
}

extension CandidateState {
    public func text(_ style: TextStyle) -> String {
        var text = removed.map { style.show("- \($0.withoutControlCharacters)", as: .bad) + "\n" }.joined()
        let base = baseCommit.map { "commit \($0)" } ?? "the configuration in force"
        text += "candidate of \(base)" + (isChanged ? ", changed" : ", unchanged")
        if !block.isEmpty { text += ", in '\(block.joined(separator: " / ").withoutControlCharacters)'" }
        text += "\n"
        if commitInForce != baseCommit {
            let other = commitInForce.map { "commit \($0)" } ?? "another configuration"
            text += style.show("\(other) is in force meanwhile: 'discard' begins again with it", as: .warning) + "\n"
        }
        return text
    }
}
