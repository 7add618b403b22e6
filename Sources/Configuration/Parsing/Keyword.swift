/// A word of the language with its accepted abbreviations.
///
/// Abbreviations are a closed list: were every unambiguous beginning of a word accepted, a new keyword in a later
/// release could change what an old file says.
struct Keyword: Sendable, ExpressibleByStringLiteral {
    // One is made for each question that the reader of a line asks: it is taken apart when more is asked of it.
    private let literal: String

    /// The canonical spelling, then abbreviations, separated by vertical bars; all ASCII.
    init(stringLiteral value: String) { literal = value }

    /// As the canonical form writes it.
    var spelling: String { literal.split(separator: "|").first.map(String.init) ?? literal }
    /// Every accepted form in lower case, the canonical one first.
    var forms: [String] { literal.lowercased().split(separator: "|").map(String.init) }

    func matches(_ token: Token) -> Bool {
        guard !token.isQuoted else { return false }
        let word = token.folded.utf8
        var next = word.startIndex
        var isAlike = true
        for octet in literal.utf8 {
            if octet == UInt8(ascii: "|") {
                if isAlike, next == word.endIndex, !word.isEmpty { return true }
                (next, isAlike) = (word.startIndex, true)
            } else if isAlike {
                isAlike = next != word.endIndex && word[next] == octet.inLowerCase
                if isAlike { next = word.index(after: next) }
            }
        }
        return isAlike && next == word.endIndex && !word.isEmpty
    }
}

/// The form of a keyword that a misspelt word was most likely meant to be; `nil` if none is near or several are.
func suggestion(for token: Token, among keywords: [Keyword]) -> String? {
    guard !token.isQuoted else { return nil }
    let length = token.folded.utf8.count
    // A file may hold anything: do not spend quadratic time on a long word that is no keyword anyway.
    guard (2...32).contains(length) else { return nil }
    let completions = Set(keywords.filter { $0.forms.contains { $0.hasPrefix(token.folded) } }.map(\.spelling))
    if completions.count == 1 { return completions.first }
    let limit = length <= 2 ? 0 : length <= 5 ? 1 : 2
    var best: (spelling: String, form: String, distance: Int)?
    var isUnique = true
    for keyword in keywords {
        for (index, form) in keyword.forms.enumerated() {
            let distance = editDistance(token.folded, form)
            guard distance <= limit, distance <= best?.distance ?? limit else { continue }
            if let best, best.distance == distance {
                if best.spelling != keyword.spelling { isUnique = false }
                continue
            }
            best = (keyword.spelling, index == 0 ? keyword.spelling : form, distance)
            isUnique = true
        }
    }
    return isUnique ? best?.form : nil
}

/// The fewest insertions, deletions, replacements and swaps of neighbouring letters that lead from one word to the
/// other (optimal string alignment).
package func editDistance(_ first: String, _ second: String) -> Int {
    let a = Array(first.utf8)
    let b = Array(second.utf8)
    var beforePrevious: [Int] = []
    var previous = Array(0...b.count)
    for i in a.indices {
        var current = [i + 1]
        for j in b.indices {
            var best = min(previous[j + 1] + 1, current[j] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                best = min(best, beforePrevious[j - 1] + 1)
            }
            current.append(best)
        }
        beforePrevious = previous
        previous = current
    }
    return previous[b.count]
}

extension UInt8 {
    /// Of an ASCII letter; itself for anything else.
    fileprivate var inLowerCase: UInt8 { (0x41...0x5A).contains(self) ? self | 0x20 : self }
}
