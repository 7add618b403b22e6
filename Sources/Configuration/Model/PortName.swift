/// The kinds of port names, after the speeds that the industry's names carry. The name says nothing about the device.
public enum PortKind: String, Hashable, Sendable, CaseIterable, Comparable {
    case ethernet = "eth"
    case gigabit = "gig"
    case tenGigabit = "ten"
    case twentyFiveGigabit = "twentyfive"
    case fortyGigabit = "forty"
    case fiftyGigabit = "fifty"
    case hundredGigabit = "hun"
    case twoHundredGigabit = "twohun"
    case fourHundredGigabit = "fourhun"

    /// The full spelling without which no abbreviation is one: any prefix of it at least as long as the canonical form.
    var fullName: String {
        switch self {
        case .ethernet: "ethernet"
        case .gigabit: "gigabitethernet"
        case .tenGigabit: "tengigabitethernet"
        case .twentyFiveGigabit: "twentyfivegigabitethernet"
        case .fortyGigabit: "fortygigabitethernet"
        case .fiftyGigabit: "fiftygigabitethernet"
        case .hundredGigabit: "hundredgigabitethernet"
        case .twoHundredGigabit: "twohundredgigabitethernet"
        case .fourHundredGigabit: "fourhundredgigabitethernet"
        }
    }

    /// Spellings that are no prefix of the full name.
    var aliases: [String] {
        switch self {
        case .ethernet: ["et"]
        case .gigabit: ["gi", "ge"]
        case .tenGigabit: ["te", "xe"]
        case .twentyFiveGigabit: ["twe", "twentyfivegige"]
        case .fortyGigabit: ["fo", "fortygige"]
        case .fiftyGigabit: ["fi", "fiftygige"]
        case .hundredGigabit: ["hu", "hundredgige"]
        case .twoHundredGigabit: ["twohundredgige"]
        case .fourHundredGigabit: ["fourhundredgige"]
        }
    }

    /// The kind that a spelling names, in any case; `nil` if none.
    init?(spelling: String) {
        let spelling = spelling.lowercased()
        for kind in Self.allCases {
            let isAbbreviation = spelling.hasPrefix(kind.rawValue) && kind.fullName.hasPrefix(spelling)
            if isAbbreviation || kind.aliases.contains(spelling) {
                self = kind
                return
            }
        }
        return nil
    }

    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// The name of a port, for instance `ten1/0`.
public struct PortName: Hashable, Sendable, Comparable {
    public let kind: PortKind
    /// The numbers between the slashes, one to three: chassis or slot, module, port.
    public let path: [UInt16]

    /// `nil` unless there are one to three numbers.
    public init?(kind: PortKind, path: [UInt16]) {
        guard (1...3).contains(path.count) else { return nil }
        self.kind = kind
        self.path = path
    }

    /// A port's name in any accepted spelling, `ten1/0` and `TenGigabitEthernet1/0` alike; `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        let letters = text.prefix { $0.isASCII && $0.isLetter }
        guard let kind = PortKind(spelling: String(letters)) else { return nil }
        let numbers = text.dropFirst(letters.count).split(separator: "/", omittingEmptySubsequences: false)
        let path = numbers.compactMap { canonicalNumber($0, as: UInt16.self) }
        guard path.count == numbers.count else { return nil }
        self.init(kind: kind, path: path)
    }

    public static func < (a: Self, b: Self) -> Bool {
        a.kind == b.kind ? a.path.lexicographicallyPrecedes(b.path) : a.kind < b.kind
    }
}

extension PortName: CustomStringConvertible {
    public var description: String { kind.rawValue + path.map(String.init).joined(separator: "/") }
}
