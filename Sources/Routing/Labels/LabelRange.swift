import Addressing

/// The labels that are drawn from.
struct LabelRange: Hashable, Sendable {
    /// Those that are not reserved by RFC 3032 §2.1 count.
    let all: ClosedRange<UInt32>
    /// A block of it from which none is drawn: labels there are provisioned (RFC 9573 §3.1).
    let reserved: ClosedRange<UInt32>?

    init(_ all: ClosedRange<UInt32>, without reserved: ClosedRange<UInt32>? = nil) {
        self.all = all
        self.reserved = reserved.flatMap { $0.overlaps(all) ? $0.clamped(to: all) : nil }
    }

    var count: Int { all.count - (reserved?.count ?? 0) }

    func contains(_ label: MPLSLabel) -> Bool {
        all.contains(label.rawValue) && reserved?.contains(label.rawValue) != true
    }

    /// Those within a part of it that are reserved.
    func reserved(within part: ClosedRange<UInt32>) -> [MPLSLabel] {
        guard let reserved, reserved.overlaps(part) else { return [] }
        return reserved.clamped(to: part).compactMap { MPLSLabel(rawValue: $0) }
    }
}
