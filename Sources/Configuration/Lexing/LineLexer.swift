/// One word of a line.
struct Token {
    /// Without quotes and escapes.
    let text: String
    /// The text in lower case, by which keywords are compared.
    let folded: String
    /// Offsets in octets from the beginning of the line, quotes included.
    let octets: Range<Int>
    let isQuoted: Bool
}

/// A line cut into words, without its comment.
struct LexedLine {
    /// From 1.
    let number: Int
    /// The width of the space in front of the first word; a tab leads to the next multiple of eight.
    var indentation: Int
    var tokens: [Token]
    /// The octets of the whole line.
    let octets: ArraySlice<UInt8>
}

/// Cuts one line into words.
///
/// Words are separated by spaces and tabs. An exclamation mark that begins a word begins a comment, up to the end of
/// the line. A word that begins with a quotation mark ends with the next one; in between, a backslash takes away the
/// meaning of a quotation mark or backslash behind it.
struct LineLexer {
    private let number: Int
    private let octets: ArraySlice<UInt8>
    private var position: Int

    private init(number: Int, octets: ArraySlice<UInt8>) {
        self.number = number
        self.octets = octets
        position = octets.startIndex
    }

    static func lex(_ octets: ArraySlice<UInt8>, number: Int) throws(Finding) -> LexedLine {
        var lexer = LineLexer(number: number, octets: octets)
        return try lexer.run()
    }

    private mutating func run() throws(Finding) -> LexedLine {
        var indentation = 0
        while let octet = current, octet == space || octet == tab {
            indentation = octet == tab ? (indentation / 8 + 1) * 8 : indentation + 1
            position += 1
        }
        var tokens: [Token] = []
        while let octet = current, octet != exclamationMark {
            if octet == space || octet == tab {
                position += 1
            } else if octet == quotationMark {
                tokens.append(try quotedToken())
            } else {
                tokens.append(try plainToken())
            }
        }
        return LexedLine(number: number, indentation: indentation, tokens: tokens, octets: octets)
    }

    private var current: UInt8? { position < octets.endIndex ? octets[position] : nil }

    private mutating func plainToken() throws(Finding) -> Token {
        let start = position
        var isLowercase = true
        while let octet = current, octet != space, octet != tab {
            try refuseControlCharacter(octet)
            if (0x41...0x5A).contains(octet) || octet >= 0x80 { isLowercase = false }
            position += 1
        }
        let text = String(decoding: octets[start..<position], as: UTF8.self)
        return Token(
            text: text, folded: isLowercase ? text : text.lowercased(), octets: offsets(from: start), isQuoted: false)
    }

    private mutating func quotedToken() throws(Finding) -> Token {
        let start = position
        var content: [UInt8] = []
        position += 1
        while let octet = current {
            try refuseControlCharacter(octet)
            position += 1
            if octet == quotationMark {
                if let next = current, next != space, next != tab { break }
                let text = String(decoding: content, as: UTF8.self)
                return Token(text: text, folded: text.lowercased(), octets: offsets(from: start), isQuoted: true)
            }
            if octet == backslash, let escaped = current, escaped == quotationMark || escaped == backslash {
                content.append(escaped)
                position += 1
            } else {
                content.append(octet)
            }
        }
        throw Finding(
            .unterminatedQuote, "the quoted text does not end",
            at: SourceRange(line: number, octets: offsets(from: start)),
            hint: #"end it with " and put a \ before every " and \ inside"#)
    }

    private func refuseControlCharacter(_ octet: UInt8) throws(Finding) {
        guard octet < 0x20 && octet != tab || octet == 0x7F else { return }
        let offset = position - octets.startIndex
        throw Finding(
            .invalidCharacter, "control character 0x\(String(octet, radix: 16))",
            at: SourceRange(line: number, octets: offset..<offset + 1))
    }

    private func offsets(from start: Int) -> Range<Int> {
        start - octets.startIndex..<position - octets.startIndex
    }
}

private let space: UInt8 = 0x20
private let tab: UInt8 = 0x09
private let exclamationMark: UInt8 = 0x21
private let quotationMark: UInt8 = 0x22
private let backslash: UInt8 = 0x5C
