import Synchronization

/// Filters text that comes in pieces, line by line.
final class FilteredLines: Sendable {
    private let filtering: Mutex<LineFiltering>

    init(_ filters: [LineFilter]) { filtering = Mutex(LineFiltering(filters)) }

    /// What is left of a piece.
    func take(_ piece: String) -> String { filtering.withLock { $0.take(piece) } }

    /// What is left to say when all has come.
    func finish() -> String { filtering.withLock { $0.finish() } }
}

/// What filters know of the lines that have come.
private struct LineFiltering {
    private let filters: [LineFilter]
    private let patterns: [Regex<AnyRegexOutput>?]
    private var hasBegun: [Bool]
    /// The indentation of the line that the section began with, by filter.
    private var sections: [Int?]
    private var count = 0
    private var rest = ""

    init(_ filters: [LineFilter]) {
        self.filters = filters.filter { $0 != .noMore }
        patterns = self.filters.map { filter in
            switch filter {
            case .include(let pattern), .exclude(let pattern), .begin(let pattern), .section(let pattern):
                try? Regex(pattern)
            case .count, .noMore: nil
            }
        }
        hasBegun = self.filters.map { _ in false }
        sections = self.filters.map { _ in nil }
    }

    /// What is left of a piece.
    mutating func take(_ piece: String) -> String {
        rest += piece
        var text = ""
        while let end = rest.firstIndex(of: "\n") {
            if let line = passed(String(rest[..<end])) { text += line + "\n" }
            rest = String(rest[rest.index(after: end)...])
        }
        return text
    }

    /// What is left to say when all has come.
    mutating func finish() -> String {
        var text = rest.isEmpty ? "" : take("\n")
        if filters.contains(.count) { text += "\(count)\n" }
        return text
    }

    private mutating func passed(_ line: String) -> String? {
        for index in filters.indices {
            switch filters[index] {
            case .include: guard isFound(index, line) else { return nil }
            case .exclude: guard !isFound(index, line) else { return nil }
            case .begin:
                if !hasBegun[index] { hasBegun[index] = isFound(index, line) }
                guard hasBegun[index] else { return nil }
            case .section: guard isOfSection(index, line) else { return nil }
            case .count:
                count += 1
                return nil
            case .noMore: continue
            }
        }
        return line
    }

    private mutating func isOfSection(_ index: Int, _ line: String) -> Bool {
        let indentation = line.prefix { $0 == " " }.count
        if let begin = sections[index], indentation > begin { return true }
        sections[index] = isFound(index, line) ? indentation : nil
        return sections[index] != nil
    }

    private func isFound(_ index: Int, _ line: String) -> Bool {
        guard let pattern = patterns[index] else { return false }
        return line.firstMatch(of: pattern) != nil
    }
}
