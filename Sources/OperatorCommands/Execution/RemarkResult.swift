import ControlProtocol

/// Answer to a command that has nothing to do here, with the reason.
struct RemarkResult: ControlResult {
    static let schemaIdentifier = "stile.remark/1"
    private(set) var schema = RemarkResult.schemaIdentifier

    let remark: String

    init(remark: String) { self.remark = remark }

    func text(_ style: TextStyle) -> String { remark + "\n" }
}
