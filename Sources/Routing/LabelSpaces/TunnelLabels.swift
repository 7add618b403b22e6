import Addressing
import BGP

/// What a route says of where the labels of its tunnel's packets are looked up.
enum TunnelStance: Hashable {
    /// It has the DCB-flag.
    case commonBlock
    /// It has the Context-Specific Label Space ID, whatever that names.
    case space
    /// It has neither.
    case neither

    init(_ origin: LabelOrigin) {
        self =
            switch origin {
            case .commonBlock: .commonBlock
            case .space, .unknownSpace, .severalSpaces, .contradictory: .space
            case .assigner: .neither
            }
    }
}

/// The labels in packets of one tunnel of a PE, as all the routes say that name it.
///
/// RFC 9573 §4.2: they all have the DCB-flag, or all the community, or none has the one or the other. Otherwise nobody can tell what the label
/// behind the tunnel's encapsulation is, and they count as withdrawn. How many routes say what is all that decides, so that it does not
/// matter in which order they came.
struct TunnelLabels {
    private(set) var withFlag = 0
    private(set) var withSpace = 0
    private(set) var withNeither = 0
    /// By how many of the routes each is said.
    private(set) var labels: [PlacedLabel: UInt32] = [:]
    /// Where broadcast domains have their labels.
    private(set) var domainSpaces: [PlacedLabel.Space: UInt32] = [:]

    var routeCount: Int { withFlag + withSpace + withNeither }

    var isConsistent: Bool {
        let count = routeCount
        return withFlag == count || withSpace == count || withNeither == count
    }

    /// - Returns: which of its labels are new.
    mutating func add(_ said: SaidLabels) -> [PlacedLabel] {
        count(said.stance, by: 1)
        if let space = said.domainSpace { domainSpaces[space, default: 0] += 1 }
        var new: [PlacedLabel] = []
        for label in said.labels {
            let count = labels[label, default: 0]
            labels[label] = count + 1
            if count == 0 { new.append(label) }
        }
        return new
    }

    /// - Returns: which of its labels are gone.
    mutating func remove(_ said: SaidLabels) -> [PlacedLabel] {
        count(said.stance, by: -1)
        if let space = said.domainSpace, let count = domainSpaces[space] {
            domainSpaces[space] = count > 1 ? count - 1 : nil
        }
        var gone: [PlacedLabel] = []
        for label in said.labels {
            guard let count = labels[label] else { continue }
            labels[label] = count > 1 ? count - 1 : nil
            if count == 1 { gone.append(label) }
        }
        return gone
    }

    private mutating func count(_ stance: TunnelStance, by difference: Int) {
        switch stance {
        case .commonBlock: withFlag += difference
        case .space: withSpace += difference
        case .neither: withNeither += difference
        }
    }
}
