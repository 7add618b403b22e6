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
        if let kind = Self(rawValue: spelling) {
            self = kind
            return
        }
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

    /// In alphabetical order of the canonical spellings.
    private static let inOrder = allCases.sorted { $0.rawValue < $1.rawValue }
    private static let ranks = Dictionary(uniqueKeysWithValues: zip(inOrder, UInt64(0)...))

    fileprivate var rank: UInt64 { Self.ranks[self] ?? 0 }

    fileprivate init(rank: UInt64) { self = Self.inOrder[Int(rank)] }

    public static func < (a: Self, b: Self) -> Bool { a.rank < b.rank }
}

/// The name of a port, for instance `ten1/0`.
public struct PortName: Hashable, Sendable, Comparable {
    /// The kind's rank in 8 bits, the numbers in 16 each, 0 for one that is not there, and how many there are in 8: in
    /// this order names compare as their parts do. Names are compared and hashed for every interface, often.
    private let order: UInt64

    /// The numbers are those between the slashes, one to three: chassis or slot, module, port. `nil` for any other count.
    public init?(kind: PortKind, path: [UInt16]) {
        guard (1...3).contains(path.count) else { return nil }
        var order = kind.rank
        for place in 0..<3 { order = order << 16 | UInt64(path.indices.contains(place) ? path[place] : 0) }
        self.order = order << 8 | UInt64(path.count)
    }

    public var kind: PortKind { PortKind(rank: order >> 56) }

    private var path: [UInt16] {
        (0..<Int(order & 0xFF)).map { UInt16(truncatingIfNeeded: order >> (40 - 16 * $0)) }
    }

    /// A port's name in any accepted spelling, `ten1/0` and `TenGigabitEthernet1/0` alike; `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        let utf8 = text.utf8
        let end = utf8.firstIndex { !(0x61...0x7A).contains($0 | 0x20) } ?? utf8.endIndex
        guard let kind = PortKind(spelling: String(text[..<end])) else { return nil }
        let numbers = text[end...].split(separator: "/", omittingEmptySubsequences: false)
        let path = numbers.compactMap { canonicalNumber($0, as: UInt16.self) }
        guard path.count == numbers.count else { return nil }
        self.init(kind: kind, path: path)
    }

    public static func < (a: Self, b: Self) -> Bool { a.order < b.order }
}

extension PortName: CustomStringConvertible {
    public var description: String { kind.rawValue + path.map(String.init).joined(separator: "/") }
}
