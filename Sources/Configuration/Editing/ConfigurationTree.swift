/// A configuration as people write it: lines in blocks, in their order, with their comments. It may be wrong as a whole;
/// what its lines mean is the parser's business.
struct ConfigurationTree: Equatable, Sendable {
    var lines: [TreeLine] = []
    /// Comments below the last line.
    var closingComments: [String] = []
}

/// A line with what stands in its block.
struct TreeLine: Equatable, Sendable {
    /// The comments above it, each with its exclamation mark.
    var comments: [String] = []
    /// In canonical spelling, without indentation and comment.
    var text: String
    /// The comment behind it, with its exclamation mark.
    var remark: String?
    /// The block that it opens.
    var opens: Mode?
    var lines: [TreeLine] = []
}

extension ConfigurationTree {
    /// Where a line stands: its place among the lines of each block around it, the outermost first.
    typealias Path = [Int]

    /// The lines of a block; an empty path is the top level.
    func lines(in block: Path) -> [TreeLine] {
        block.reduce(lines) { $0[$1].lines }
    }

    /// The lines that open the blocks of a path, the outermost first.
    func heads(of block: Path) -> [TreeLine] {
        var lines = lines
        return block.map { position in
            defer { lines = lines[position].lines }
            return lines[position]
        }
    }

    mutating func change<Result>(_ block: Path, _ body: (inout [TreeLine]) -> Result) -> Result {
        Self.change(&lines, block[...], body)
    }

    private static func change<Result>(
        _ lines: inout [TreeLine], _ block: ArraySlice<Int>, _ body: (inout [TreeLine]) -> Result
    ) -> Result {
        guard let position = block.first else { return body(&lines) }
        return change(&lines[position].lines, block.dropFirst(), body)
    }
}

extension TreeLine {
    /// Whether another line opens the same block. The families of a VRF are blocks of their own for people, though they say
    /// something of the same VRF.
    func opensSameBlock(as other: TreeLine) -> Bool {
        guard let opens, opens == other.opens else { return false }
        if case .vrfAddressFamily = opens { return text == other.text }
        return true
    }
}
