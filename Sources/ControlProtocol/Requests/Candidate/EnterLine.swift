/// `candidate.enter`: one line, as it is typed: a statement, `no` and a statement, a line that opens a block, `exit`, or a
/// comment. A line that is wrong is answered with an error that points at the place, and nothing has changed then.
public struct EnterLine: ControlRequest {
    public typealias Answer = CandidateState
    public static let method = "candidate.enter"
    public static let isChange = false

    public var line: String

    public init(line: String) { self.line = line }
}
