/// From the text of an ``ASPathPattern`` to its instructions (K. Thompson, CACM 11:6, 1968).
struct ASPathPatternParser {
    private typealias Instruction = ASPathPattern.Instruction

    private let octets: [UInt8]
    private var position = 0

    init(_ text: String) { octets = Array(text.utf8) }

    mutating func parse() throws(ASPathPattern.Malformed) -> [ASPathPattern.Instruction] {
        guard octets.count <= ASPathPattern.longestText else {
            throw malformed("at most \(ASPathPattern.longestText) characters", at: ASPathPattern.longestText)
        }
        let program = try alternatives()
        guard position == octets.count else { throw malformed("no ')' without '('") }
        return program + [.match]
    }

    private var next: Character? { position < octets.count ? Character(UnicodeScalar(octets[position])) : nil }

    private mutating func take(_ character: Character) -> Bool {
        guard next == character else { return false }
        position += 1
        return true
    }

    private func malformed(_ expected: String, at offset: Int? = nil) -> ASPathPattern.Malformed {
        ASPathPattern.Malformed(offset: offset ?? position, expected: expected)
    }

    /// `a|b|c`. Targets are counted from the beginning of what is returned until ``moved(_:by:)`` moves them.
    private mutating func alternatives() throws(ASPathPattern.Malformed) -> [Instruction] {
        var program = try sequence()
        while take("|") {
            program = Self.choice(program, try sequence())
        }
        return program
    }

    private mutating func sequence() throws(ASPathPattern.Malformed) -> [Instruction] {
        var program: [Instruction] = []
        while let character = next, character != "|", character != ")" {
            program += Self.moved(try repetition(), by: program.count)
        }
        return program
    }

    private mutating func repetition() throws(ASPathPattern.Malformed) -> [Instruction] {
        let body = try atom()
        guard let character = next, "*+?".contains(character) else { return body }
        position += 1
        if let again = next, "*+?".contains(again) { throw malformed("no second '*', '+' or '?'") }
        return switch character {
        case "*":
            [.split(1, body.count + 2)] + Self.moved(body, by: 1) + [.jump(0)]
        case "+": body + [.split(0, body.count + 1)]
        default: [.split(1, body.count + 1)] + Self.moved(body, by: 1)
        }
    }

    private mutating func atom() throws(ASPathPattern.Malformed) -> [Instruction] {
        guard let character = next else { throw malformed("more behind it") }
        let start = position
        position += 1
        switch character {
        case "0"..."9", " ", ",": return [.octet(OctetSet(String(character)))]
        case ".": return [.octet(OctetSet("").inverted)]
        case "^": return [.begin]
        case "$": return [.end]
        case "_":
            return Self.choice(Self.choice([.begin], [.end]), [.octet(OctetSet.digits.inverted)])
        case "[": return [.octet(try characterClass())]
        case "(":
            let program = try alternatives()
            guard take(")") else { throw malformed("')' of the group") }
            return program
        case "\\":
            guard let escaped = next, ".[]()*+?^$_|\\{}".contains(escaped) else {
                throw malformed("one of . [ ] ( ) * + ? ^ $ _ | \\ { } behind '\\'")
            }
            position += 1
            return [.octet(OctetSet(String(escaped)))]
        case "*", "+", "?": throw malformed("something in front of '\(character)'", at: start)
        default:
            throw malformed("digits, space, ',', '\\{', '\\}' and . [ ] ( ) | * + ? ^ $ _", at: start)
        }
    }

    /// What is behind `[`, with its `]`.
    private mutating func characterClass() throws(ASPathPattern.Malformed) -> OctetSet {
        let isInverted = take("^")
        var set = OctetSet("")
        var isEmpty = true
        while let character = next, character != "]" {
            guard "0123456789 ,{}()".contains(character) else { throw malformed("digits, space, ',', braces or ']'") }
            let first = octets[position]
            position += 1
            isEmpty = false
            guard next == "-" else {
                set.insert(first)
                continue
            }
            position += 1
            guard position < octets.count, OctetSet.digits.contains(first), OctetSet.digits.contains(octets[position]),
                first <= octets[position]
            else { throw malformed("a digit that is not below the one before '-'") }
            for octet in first...octets[position] { set.insert(octet) }
            position += 1
        }
        guard !isEmpty, take("]") else { throw malformed(isEmpty ? "digits, space, ',' or braces" : "']'") }
        return isInverted ? set.inverted : set
    }

    private static func choice(_ one: [Instruction], _ other: [Instruction]) -> [Instruction] {
        [.split(1, one.count + 2)] + moved(one, by: 1) + [.jump(one.count + other.count + 2)]
            + moved(other, by: one.count + 2)
    }

    /// The instructions at another place.
    private static func moved(_ program: [Instruction], by distance: Int) -> [Instruction] {
        program.map { instruction in
            switch instruction {
            case .jump(let target): .jump(target + distance)
            case .split(let one, let other): .split(one + distance, other + distance)
            case .octet, .begin, .end, .match: instruction
            }
        }
    }
}
