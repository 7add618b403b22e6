import Addressing

/// The labels of a range that are free, from which one is drawn at random: whoever knows some labels in use learns
/// nothing of the others, and a box that has lost its state is unlikely to give the labels that it gave before.
///
/// The labels of the range are thought of as an array in which the free ones stand in front. Only places where
/// something else stands than at the beginning are written down, so that a range of a million labels costs nothing,
/// and drawing, taking and giving back are a few dictionary look-ups however few labels are free.
struct FreeLabels {
    let range: ClosedRange<UInt32>
    private(set) var count: UInt32
    /// What stands at a place, where it is not `range.lowerBound` + place.
    private var moved: [UInt32: UInt32] = [:]
    private var places: [UInt32: UInt32] = [:]

    /// All labels of `range` but those that are reserved or have more than 20 bits; `nil` if none is left.
    init?(_ range: ClosedRange<UInt32>) {
        let (low, high) = (max(16, range.lowerBound), min(0xF_FFFF, range.upperBound))
        guard low <= high else { return nil }
        self.range = low...high
        count = high - low + 1
    }

    /// One of the free labels, each as likely as any other; it stays free. `nil` if there is none.
    func draw(using generator: inout some RandomNumberGenerator) -> MPLSLabel? {
        guard count > 0 else { return nil }
        // 64 random bits over at most 2^20 labels: no label is likelier than another by more than 2^-44.
        let place = UInt32(generator.next() % UInt64(count))
        return MPLSLabel(rawValue: label(at: place))
    }

    /// The label is not free from now on.
    mutating func take(_ label: MPLSLabel) {
        guard range.contains(label.rawValue), place(of: label.rawValue) < count else { return }
        count -= 1
        exchange(place(of: label.rawValue), count)
    }

    /// The label is free again.
    mutating func give(_ label: MPLSLabel) {
        guard range.contains(label.rawValue), place(of: label.rawValue) >= count else { return }
        exchange(place(of: label.rawValue), count)
        count += 1
    }

    private func label(at place: UInt32) -> UInt32 { moved[place] ?? range.lowerBound + place }
    private func place(of label: UInt32) -> UInt32 { places[label] ?? label - range.lowerBound }

    private mutating func exchange(_ a: UInt32, _ b: UInt32) {
        guard a != b else { return }
        let (first, second) = (label(at: a), label(at: b))
        put(second, at: a)
        put(first, at: b)
    }

    private mutating func put(_ label: UInt32, at place: UInt32) {
        let isAtHome = label == range.lowerBound + place
        moved[place] = isAtHome ? nil : label
        places[label] = isAtHome ? nil : place
    }
}
