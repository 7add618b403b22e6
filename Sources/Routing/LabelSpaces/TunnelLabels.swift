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
            case .assigner, .missingFlags: .neither
            }
    }
}

/// The labels in packets of one tunnel of a PE, as all the routes say that name it.
///
/// RFC 9573 §4.2: they all have the DCB-flag, or all the community, or none has the one or the other. Otherwise nobody can tell what the label
/// behind the tunnel's encapsulation is, and they count as withdrawn. How many routes say what is all that decides, so that it does not
/// matter in which order they came, nor whether there is room for their labels.
struct TunnelLabels {
    private(set) var withFlag = 0
    private(set) var withSpace = 0
    private(set) var withNeither = 0
    /// By how many of the routes each is said, of those that there is room for.
    private(set) var labels: [PlacedLabel: UInt32] = [:]
    /// Likewise where broadcast domains have their labels.
    private(set) var domains: [DomainPlace: UInt32] = [:]

    var routeCount: Int { withFlag + withSpace + withNeither }

    var isConsistent: Bool {
        let count = routeCount
        return withFlag == count || withSpace == count || withNeither == count
    }

    mutating func count(_ stance: TunnelStance, by difference: Int) {
        switch stance {
        case .commonBlock: withFlag += difference
        case .space: withSpace += difference
        case .neither: withNeither += difference
        }
    }

    /// A route's labels and domains; of its own that is what is new, or gone.
    struct Difference {
        var labels: [PlacedLabel] = []
        var domains: [DomainPlace] = []
    }

    /// What of a route nobody has said before.
    func new(_ said: SaidLabels) -> Difference {
        var new = Difference()
        for label in said.labels where labels[label] == nil { new.labels.append(label) }
        for domain in said.domains where domains[domain] == nil { new.domains.append(domain) }
        return new
    }

    /// - Returns: what nobody has said before.
    mutating func add(_ said: SaidLabels) -> Difference {
        var new = Difference()
        for label in said.labels {
            let count = labels[label, default: 0]
            labels[label] = count + 1
            if count == 0 { new.labels.append(label) }
        }
        for domain in said.domains {
            let count = domains[domain, default: 0]
            domains[domain] = count + 1
            if count == 0 { new.domains.append(domain) }
        }
        return new
    }

    /// - Returns: what nobody says any more.
    mutating func remove(_ said: SaidLabels) -> Difference {
        var gone = Difference()
        for label in said.labels {
            guard let count = labels[label] else { continue }
            labels[label] = count > 1 ? count - 1 : nil
            if count == 1 { gone.labels.append(label) }
        }
        for domain in said.domains {
            guard let count = domains[domain] else { continue }
            domains[domain] = count > 1 ? count - 1 : nil
            if count == 1 { gone.domains.append(domain) }
        }
        return gone
    }
}
