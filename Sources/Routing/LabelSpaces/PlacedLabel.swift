import Addressing

/// A label in a label space with what it stands for: what a route of a PE puts into the tables of received labels. Packed, since there may
/// be a million of them.
struct PlacedLabel: Hashable {
    /// A label space as a PE's route names it.
    enum Space: Hashable {
        /// The default one: a label of the common block.
        case common
        /// That of the PE itself (RFC 5331).
        case provider
        /// The one that a label of the common block names.
        case context(MPLSLabel)
    }

    private let rawValue: UInt64

    init(_ label: MPLSLabel, _ purpose: LabelPurpose, in space: Space) {
        let code: UInt64 =
            switch space {
            case .common: 0
            case .provider: 1
            case .context(let name): 2 + UInt64(name.rawValue)
            }
        rawValue = code << 32 | UInt64(SpaceTable.Key(label, purpose).rawValue)
    }

    var space: Space {
        switch rawValue >> 32 {
        case 0: .common
        case 1: .provider
        case let code: MPLSLabel(rawValue: UInt32(truncatingIfNeeded: code - 2)).map { .context($0) } ?? .provider
        }
    }

    /// What it is in the table of its space.
    var key: SpaceTable.Key { SpaceTable.Key(rawValue: UInt32(truncatingIfNeeded: rawValue)) }
}
