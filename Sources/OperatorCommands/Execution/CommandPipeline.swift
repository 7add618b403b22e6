import ControlProtocol

/// A command with what its output goes through: `show … | include X | count`.
package struct CommandPipeline: Sendable {
    package let operation: Operation
    package let filters: [LineFilter]

    package init(_ operation: Operation) {
        self.operation = operation
        filters = []
    }

    /// - Parameter filters: the words behind each vertical bar.
    init(_ operation: Operation, _ filters: some Collection<[String]>) throws(UsageError) {
        self.operation = operation
        var made: [LineFilter] = []
        for words in filters { made.append(try LineFilter(words)) }
        self.filters = made
        guard made.isEmpty || operation.isFilterable else {
            throw UsageError(message: "only what 'show' and 'explain' say goes through '|'")
        }
    }

    /// The words of a command and behind each vertical bar.
    init(words: [String], _ filters: some Collection<[String]>) throws(UsageError) {
        try self.init(CommandGrammar.parse(words), filters)
    }

    package init(words: [String]) throws(UsageError) {
        let stages = Self.stages(of: words)
        try self.init(words: stages[0], stages.dropFirst())
    }

    /// The words in front of and between vertical bars that stand alone.
    static func stages(of words: [String]) -> [[String]] {
        words.split(separator: "|", omittingEmptySubsequences: false).map { Array($0) }
    }
}

extension Operation {
    fileprivate var isFilterable: Bool {
        switch self {
        case .request(let request):
            type(of: request).onlyLooks || request is ShowCandidate || request is CompareCandidate
        case .help, .examineMachine: true
        case .configuration, .checkOffline, .remark, .configure, .leave, .leaveBlock: false
        }
    }
}
