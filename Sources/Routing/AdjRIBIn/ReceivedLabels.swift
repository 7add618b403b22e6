import Addressing
import BGP

/// The labels that a route came with, none to two of them, in seven octets: there are a million routes, and nearly all have
/// one.
struct ReceivedLabels: Hashable, Comparable {
    /// As many as a packet can get (the roles refuse more).
    static let most = LabelStack.mostReceived

    /// The outer or the only one; implicit null where the family's routes have none (RFC 3032 §2.1: nothing is pushed).
    let first: MPLSLabel
    // The second one, of 20 bits; bit 23 stands for one that is not there.
    private let lowBits: UInt16
    private let highBits: UInt8
    private static let none: UInt32 = 1 << 23

    init(_ stack: LabelStack?) {
        let labels = stack?.labels ?? []
        first = labels.first ?? .implicitNull
        let second = labels.count > 1 ? labels[1].rawValue : Self.none
        lowBits = UInt16(truncatingIfNeeded: second)
        highBits = UInt8(truncatingIfNeeded: second >> 16)
    }

    /// The inner one, where there are two.
    var second: MPLSLabel? { MPLSLabel(rawValue: UInt32(highBits) << 16 | UInt32(lowBits)) }

    /// What the next hop knows its own packets by: the inner one, or the only one.
    var own: MPLSLabel { second ?? first }

    /// What stands above that: the label of its space (RFC 5331), where there are two.
    var outer: MPLSLabel? { second == nil ? nil : first }

    /// Whether nothing is pushed, or the family's routes have none.
    var isImplicitNull: Bool { first == .implicitNull && second == nil }

    /// As they came; a route without labels counts as one with implicit null.
    var stack: LabelStack { second.map { .multiple([first, $0]) } ?? .single(first) }

    static func < (a: Self, b: Self) -> Bool {
        (a.first.rawValue, UInt32(a.highBits) << 16 | UInt32(a.lowBits))
            < (b.first.rawValue, UInt32(b.highBits) << 16 | UInt32(b.lowBits))
    }
}
