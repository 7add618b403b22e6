/// Traffic that a change of the configuration cuts, for a while or for good.
public struct TrafficCut: Codable, Hashable, Sendable {
    public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
        /// A customer's VRF is configured no more.
        case customerVanishes = "customer_vanishes"
        /// An NNI, circuit or unit is configured no more.
        case interfaceVanishes = "interface_vanishes"
        /// A label becomes invalid that a neighbor sends packets with.
        case labelGoes = "label_goes"
        /// A BGP session ends and comes back.
        case sessionResets = "session_resets"
        /// A BGP session ends.
        case sessionEnds = "session_ends"
    }

    public let kind: Kind
    /// The name of the VRF, interface or neighbor.
    public let subject: String
    /// For people: why, or what is lost.
    public let reason: String

    public init(kind: Kind, subject: String, reason: String) {
        self.kind = kind
        self.subject = subject
        self.reason = reason
    }
}

extension TrafficCut {
    /// How many of a kind the text form lists.
    private static let shownOfKind = 20

    static func text(of cuts: [TrafficCut], _ style: TextStyle) -> String {
        Kind.allCases.map { kind in
            let ofKind = cuts.filter { $0.kind == kind }
            let lines = ofKind.prefix(shownOfKind).map { cut in
                style.show("cuts traffic", as: .bad)
                    + ": \(kind.words) \(cut.subject.withoutControlCharacters): \(cut.reason.withoutControlCharacters)\n"
            }
            let more = ofKind.count - lines.count
            return lines.joined() + (more > 0 ? "  and \(more) more of this kind\n" : "")
        }.joined()
    }
}

extension TrafficCut.Kind {
    fileprivate var words: String {
        switch self {
        case .customerVanishes: "customer vanishes:"
        case .interfaceVanishes: "interface vanishes:"
        case .labelGoes: "label goes:"
        case .sessionResets: "session resets:"
        case .sessionEnds: "session ends:"
        }
    }
}
