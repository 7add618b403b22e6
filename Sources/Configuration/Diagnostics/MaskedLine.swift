/// A line for a diagnostic: what stands behind a word that is, or was meant to be, `password` is not shown.
struct MaskedLine {
    let octets: [UInt8]
    /// Where what is hidden begins; `nil` if nothing is.
    let hiddenFrom: Int?
    /// The words that are hidden.
    let hiddenWords: [String]

    init(_ line: ArraySlice<UInt8>) {
        let words = Self.words(of: line)
        guard let keyword = words.firstIndex(where: { Self.isPassword(line[$0]) }), keyword + 1 < words.count else {
            octets = Array(line)
            hiddenFrom = nil
            hiddenWords = []
            return
        }
        let start = words[keyword + 1].lowerBound
        octets = line[..<start] + Array(HiddenPassword.word.utf8)
        hiddenFrom = start - line.startIndex
        hiddenWords = words[(keyword + 1)...].map { String(decoding: line[$0], as: UTF8.self) }
    }

    /// The range of a finding in this line.
    func range(_ range: Range<Int>) -> Range<Int> {
        guard let hiddenFrom, range.upperBound > hiddenFrom else { return range }
        return min(range.lowerBound, hiddenFrom)..<octets.count
    }

    /// A message without the words that are hidden, which parsers quote.
    func masked(_ message: String) -> String {
        hiddenWords.reduce(message) { text, word in
            let plain = word.filter { $0 != "\"" }
            return text.replacing("'\(word)'", with: "'\(HiddenPassword.word)'")
                .replacing("'\(plain)'", with: "'\(HiddenPassword.word)'")
        }
    }

    private static func words(of line: ArraySlice<UInt8>) -> [Range<Int>] {
        line.split { $0 == 0x20 || $0 == 0x09 }.map { $0.startIndex..<$0.endIndex }
    }

    /// Also a beginning of the word, and the word with two letters amiss.
    private static func isPassword(_ word: ArraySlice<UInt8>) -> Bool {
        guard (4...10).contains(word.count) else { return false }
        let text = String(decoding: word, as: UTF8.self).lowercased()
        return "password".hasPrefix(text) || editDistance(text, "password") <= 2
    }
}
