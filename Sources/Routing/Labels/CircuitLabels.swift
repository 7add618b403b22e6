import Addressing

/// Where the labels of circuits are: a circuit's table of labels reaches from its lowest to its highest, and there may be a thousand
/// circuits. So those of one are drawn near each other, from small parts of the range in which others draw only when there is nothing
/// else. It follows from who has which label, or had it until lately, and is written nowhere.
struct CircuitLabels {
    /// A part has so many labels: a circuit knows that its others are near those that it was told, and not which they are.
    static let partSize: UInt32 = 32
    /// So many parts away from those that a circuit has its next one is looked for: its table then reaches over little more labels than
    /// a block has.
    private static let near: UInt32 = 1_024
    /// So often a part is drawn that may be taken already.
    private static let mostDraws = 64

    /// The parts of one circuit.
    private struct Parts {
        /// How many labels of its own it has in each, in use and in quarantine.
        var counts: [UInt32: Int] = [:]
        /// Those in which it may have more.
        var open: Set<UInt32> = []
    }

    private var circuits: [String: Parts] = [:]

    /// The circuit that the owner's labels are valid on; `nil`: it is an NNI, or the core.
    private static func circuit(of owner: LabelOwner) -> String? {
        owner.neighbor.vrf == nil ? nil : owner.neighbor.nni
    }

    /// A label has come to be an owner's, or is his no more; one in quarantine is his still.
    mutating func count(_ label: MPLSLabel, of owner: LabelOwner, _ change: Int) {
        guard let circuit = Self.circuit(of: owner) else { return }
        let part = label.rawValue / Self.partSize
        var parts = circuits[circuit] ?? Parts()
        let count = (parts.counts[part] ?? 0) + change
        parts.counts[part] = count > 0 ? count : nil
        if count > 0, count < Int(Self.partSize) { parts.open.insert(part) } else { parts.open.remove(part) }
        circuits[circuit] = parts.counts.isEmpty ? nil : parts
    }

    /// A free label near those that the owner's circuit has; `nil` if it is none's, or there is no part left.
    ///
    /// - Parameter block: where other labels are drawn from: it is left to them, if there is anything else.
    func draw(
        for owner: LabelOwner, from range: LabelRange, besides block: ClosedRange<UInt32>?,
        isFree: (MPLSLabel) -> Bool, using generator: inout some RandomNumberGenerator
    ) -> MPLSLabel? {
        guard let circuit = Self.circuit(of: owner) else { return nil }
        let parts = circuits[circuit] ?? Parts()
        for part in parts.open.sorted() {
            let free = Self.labels(in: part).filter { range.contains($0) && isFree($0) }
            if let label = free.randomElement(using: &generator) { return label }
        }
        guard
            let part = newPart(beside: parts, from: range, besides: block, isFree: isFree, using: &generator)
        else { return nil }
        return Self.labels(in: part).randomElement(using: &generator)
    }

    private func newPart(
        beside parts: Parts, from range: LabelRange, besides block: ClosedRange<UInt32>?,
        isFree: (MPLSLabel) -> Bool, using generator: inout some RandomNumberGenerator
    ) -> UInt32? {
        let (low, high) = (max(16, range.all.lowerBound), min(0xF_FFFF, range.all.upperBound))
        guard low <= high else { return nil }
        let (first, end) = ((low + Self.partSize - 1) / Self.partSize, (high + 1) / Self.partSize)
        guard first < end else { return nil }
        func isWholeFree(_ part: UInt32) -> Bool {
            for label in Self.labels(in: part) {
                guard range.contains(label), isFree(label) else { return false }
            }
            return true
        }
        if let lowest = parts.counts.keys.min(), let highest = parts.counts.keys.max() {
            for distance in 1...Self.near {
                if highest + distance < end, isWholeFree(highest + distance) { return highest + distance }
                if lowest >= first + distance, isWholeFree(lowest - distance) { return lowest - distance }
            }
        }
        let isAllBlock = block.map { $0.lowerBound <= low && $0.upperBound >= high } ?? true
        for _ in 0..<Self.mostDraws {
            let part = UInt32.random(in: first..<end, using: &generator)
            if !isAllBlock, block?.contains(part * Self.partSize) == true { continue }
            if isWholeFree(part) { return part }
        }
        return nil
    }

    private static func labels(in part: UInt32) -> [MPLSLabel] {
        (part * partSize..<(part + 1) * partSize).compactMap { MPLSLabel(rawValue: $0) }
    }
}
