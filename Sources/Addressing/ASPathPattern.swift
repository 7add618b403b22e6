/// A regular expression over the text of an AS path, as `ip as-path access-list` has it: `^65001(_65002)*$`.
///
/// The text is decimal AS numbers separated by spaces, sets in braces with commas. A pattern knows digits, space, comma,
/// `\{` `\}`, `.`, `[…]` with ranges and `[^…]`, `( )`, `|`, `*`, `+`, `?`, `^`, `$`, and `_`, which stands for the
/// beginning, the end, or anything that is no digit. It is run as a set of states, never by trying and going back: the
/// path comes from a neighbor, and the time is bounded by length of pattern times length of path whatever they are.
public struct ASPathPattern: Sendable {
    /// The longest pattern, in octets.
    public static let longestText = 128

    /// What is wrong with a pattern.
    public struct Malformed: Error, Hashable {
        /// Where in the text, in octets.
        public let offset: Int
        /// What was expected there.
        public let expected: String
    }

    enum Instruction: Sendable {
        /// One octet of these goes on to the next instruction.
        case octet(OctetSet)
        case begin
        case end
        case jump(Int)
        case split(Int, Int)
        case match
    }

    public let text: String
    private let program: [Instruction]

    public init(_ text: String) throws(Malformed) {
        self.text = text
        var parser = ASPathPatternParser(text)
        program = try parser.parse()
    }

    /// Whether it is found anywhere in `path`.
    public func matches(_ path: String) -> Bool {
        var current = StateSet(count: program.count)
        var next = StateSet(count: program.count)
        let octets = Array(path.utf8)
        for position in 0...octets.count {
            // It may begin at any place.
            if add(0, to: &current, isFirst: position == 0, isLast: position == octets.count) { return true }
            guard position < octets.count else { break }
            for state in current.members {
                guard case .octet(let set) = program[state], set.contains(octets[position]) else { continue }
                let isFound = add(
                    state + 1, to: &next, isFirst: false, isLast: position + 1 == octets.count)
                if isFound { return true }
            }
            swap(&current, &next)
            next.removeAll()
        }
        return false
    }

    /// Adds what can be reached without an octet; whether the end of the pattern is.
    private func add(_ start: Int, to states: inout StateSet, isFirst: Bool, isLast: Bool) -> Bool {
        var waiting = [start]
        while let state = waiting.popLast() {
            guard states.insert(state) else { continue }
            switch program[state] {
            case .octet: break
            case .begin: if isFirst { waiting.append(state + 1) }
            case .end: if isLast { waiting.append(state + 1) }
            case .jump(let target): waiting.append(target)
            case .split(let one, let other): waiting += [one, other]
            case .match: return true
            }
        }
        return false
    }
}

extension ASPathPattern: Hashable {
    public static func == (a: Self, b: Self) -> Bool { a.text == b.text }
    public func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

/// Octets below 128.
struct OctetSet: Sendable {
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    static let digits = OctetSet("0123456789")

    init(_ text: String) { for octet in text.utf8 { insert(octet) } }

    func contains(_ octet: UInt8) -> Bool {
        octet < 64 ? low >> octet & 1 == 1 : octet < 128 && high >> (octet - 64) & 1 == 1
    }

    mutating func insert(_ octet: UInt8) {
        if octet < 64 { low |= 1 << octet } else if octet < 128 { high |= 1 << (octet - 64) }
    }

    var inverted: OctetSet {
        var set = self
        set.low = ~low
        set.high = ~high
        return set
    }
}

/// The states that are reached, each once.
private struct StateSet {
    private(set) var members: [Int] = []
    private var isMember: [Bool]

    init(count: Int) { isMember = Array(repeating: false, count: count) }

    /// Whether it is new.
    mutating func insert(_ state: Int) -> Bool {
        guard !isMember[state] else { return false }
        isMember[state] = true
        members.append(state)
        return true
    }

    mutating func removeAll() {
        for state in members { isMember[state] = false }
        members.removeAll(keepingCapacity: true)
    }
}
