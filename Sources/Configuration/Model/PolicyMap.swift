/// A `class-map`: a named kind of traffic.
public struct ClassMap: Equatable, Sendable {
    public let name: String
    /// Whether a packet must meet all criteria (`match-all`), or any (`match-any`).
    public var requiresAll: Bool
    /// In the order of the text; at least one.
    public var criteria: [ClassCriterion]

    public init(name: String, requiresAll: Bool, criteria: [ClassCriterion] = []) {
        self.name = name
        self.requiresAll = requiresAll
        self.criteria = criteria
    }
}

/// One `match` line.
public indirect enum ClassCriterion: Equatable, Sendable {
    case any
    /// An IPv4 or IPv6 access list, by name; where both have the name, each matches its family.
    case accessGroup(String)
    /// Code points (RFC 2474), each 0 to 63, ascending.
    case dscp([UInt8])
    /// Traffic classes of the received label (RFC 5462), each 0 to 7, ascending.
    case mplsTrafficClass([UInt8])
    /// IP precedences (RFC 791 §3.1), each 0 to 7, ascending: the class selectors of the DSCP.
    case precedence([UInt8])
    /// What does not meet another criterion.
    case not(ClassCriterion)
}

/// A `policy-map`: what is done to each class of traffic.
public struct PolicyMap: Equatable, Sendable {
    public let name: String
    /// In the order of the text: the first class that matches takes the packet. `class-default` is last if present.
    public var classes: [PolicyClass]

    public init(name: String, classes: [PolicyClass] = []) {
        self.name = name
        self.classes = classes
    }
}

/// One `class` of a policy map.
public struct PolicyClass: Equatable, Sendable {
    /// The name of a class map, or ``defaultName``.
    public let name: String
    public var policer: Policer?
    /// The code point that is written into packets, 0 to 63.
    public var markedDSCP: UInt8?
    /// The traffic class of the label that is imposed, 0 to 7.
    public var markedTrafficClass: UInt8?
    /// The table map that gives the DSCP for the received label's traffic class, by name.
    public var dscpTable: String?
    /// The table map that gives the imposed label's traffic class for the DSCP, by name.
    public var trafficClassTable: String?

    public init(name: String) {
        self.name = name
    }

    /// The class of all packets that no other class took.
    public static let defaultName = "class-default"
}

/// A policer: single-rate (RFC 2697) without, two-rate (RFC 2698) with a peak rate. Rates count IP octets.
public struct Policer: Equatable, Sendable {
    public var committedRateBitsPerSecond: UInt64
    public var committedBurstOctets: UInt64
    /// `nil` for a single-rate policer.
    public var peakRateBitsPerSecond: UInt64?
    /// The excess burst of a single-rate, the peak burst of a two-rate policer; `nil` for a single-rate policer with
    /// two colours only.
    public var excessBurstOctets: UInt64?
    public var conformAction = PolicerAction.transmit
    public var exceedAction = PolicerAction.drop
    /// Only with an excess burst.
    public var violateAction: PolicerAction?
    /// Added to each packet's IP length, in octets: what lies around it on the wire.
    public var accountOctets: Int16 = 0
    /// The class map of what comes green, by name; what it does not take comes yellow or red. `nil`: colour-blind.
    public var conformColour: String?
    /// The class map of what comes yellow; only with `conformColour`.
    public var exceedColour: String?

    public init(committedRateBitsPerSecond: UInt64, committedBurstOctets: UInt64) {
        self.committedRateBitsPerSecond = committedRateBitsPerSecond
        self.committedBurstOctets = committedBurstOctets
    }
}

/// What a policer does with a packet of one colour.
public enum PolicerAction: Equatable, Sendable {
    case transmit
    case drop
    /// Send on with this code point, 0 to 63.
    case setDSCP(UInt8)
    /// Send on with this traffic class in the imposed label, 0 to 7.
    case setTrafficClass(UInt8)
}
