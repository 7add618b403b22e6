import Addressing

/// What is asked of frames that come in by a link, and what cannot be: for `show isolation`.
public struct LinkCheck: Codable, Hashable, Sendable {
    /// The NNI or circuit, or `core` for all interfaces into the operator's own network: they have one label table.
    public let interface: String
    /// `circuit`, `core`, or what `encap mpls` says: the option of RFC 4364 §10, or `csc` of a circuit whose customer is a carrier.
    public let kind: String
    /// Of a circuit.
    public let vrf: String?
    /// The BGP neighbors on it.
    public let neighbors: [IPAddress]
    /// The labels that are valid, and for what.
    public let labels: [LinkLabels]
    /// How many labels a packet may have at most; 0: one with a label is dropped.
    public let deepestStack: Int
    public let unchecked: [UncheckedProperty]

    public init(
        interface: String, kind: String, vrf: String? = nil, neighbors: [IPAddress], labels: [LinkLabels] = [],
        deepestStack: Int, unchecked: [UncheckedProperty]
    ) {
        self.interface = interface
        self.kind = kind
        self.vrf = vrf
        self.neighbors = neighbors
        self.labels = labels
        self.deepestStack = deepestStack
        self.unchecked = unchecked
    }

    /// Whether it is a circuit with labels.
    private var takesLabels: Bool { vrf != nil && kind != "circuit" }

    /// The link, and a line below it for each thing that is said of it.
    var text: String {
        let place = vrf.map { " of VRF \($0)" } ?? ""
        let ends = neighbors.isEmpty ? "" : " to \(neighbors.map(\.description).joined(separator: ", "))"
        let depth =
            switch deepestStack {
            case 0: vrf == nil || takesLabels ? "no label is valid" : "packets with a label are dropped"
            case 1: "one label, nothing below it"
            default: "at most \(deepestStack) labels"
            }
        let name = kind == interface ? kind : "\(interface), \(kind)"
        var lines = ["\(name)\(place)\(ends): \(depth)"]
        lines += labels.map { "  \($0.text)" }
        if vrf == nil {
            lines.append("  without a label: the box's own sessions, neighbor discovery and ping alone")
        } else if takesLabels {
            lines.append("  without a label: packets into VRF \(vrf ?? "")")
        }
        lines += unchecked.map { "  not checked: \($0.text)" }
        return lines.map { $0.withoutControlCharacters + "\n" }.joined()
    }
}

/// Labels of a link that mean one kind of thing.
public struct LinkLabels: Codable, Hashable, Sendable {
    /// More of them are not said in words, but counted.
    private static let mostInWords = 8

    /// The VRF that their packets come into; `nil`: they are swapped.
    public let vrf: String?
    /// The label above them in packets, which names their label space; `nil`: they are on top.
    public let space: MPLSLabel?
    /// How many have to be below one of them.
    public let labelsBelow: Int
    /// Whether fewer may be as well.
    public let allowsFewerLabels: Bool
    /// Whether two more may be: an entropy label and its indicator (RFC 6790).
    public let allowsEntropyLabel: Bool
    /// What may be under the labels.
    public let payload: SwappedPayload
    public let labels: [MPLSLabel]

    public init(
        vrf: String?, space: MPLSLabel? = nil, labelsBelow: Int = 0, allowsFewerLabels: Bool = false,
        allowsEntropyLabel: Bool = false, payload: SwappedPayload = .ip, labels: [MPLSLabel]
    ) {
        self.vrf = vrf
        self.space = space
        self.labelsBelow = labelsBelow
        self.allowsFewerLabels = allowsFewerLabels
        self.allowsEntropyLabel = allowsEntropyLabel
        self.payload = payload
        self.labels = labels
    }

    fileprivate var text: String {
        let more = labels.count > Self.mostInWords ? " and \(labels.count - Self.mostInWords) more" : ""
        let list = labels.prefix(Self.mostInWords).map(\.description).joined(separator: ", ") + more
        let entropy = allowsEntropyLabel ? ", or \(labelsBelow + 2) with an entropy label," : ""
        let most = allowsFewerLabels ? "up to " : ""
        let below = labelsBelow == 0 ? "" : " above \(most)\(labelsBelow) more\(entropy)"
        let way =
            switch payload {
            case .ip: " swapped"
            case .ipv6: " swapped, IPv6 alone"
            case .ethernet: " swapped, Ethernet frames"
            case .sessions: " swapped, BGP and ICMP between listed addresses alone"
            }
        let above = space.map { " under \($0)" } ?? ""
        return (labels.count == 1 ? "label " : "labels ") + list + above + below
            + (vrf.map { " into VRF \($0)" } ?? way)
    }
}

/// Something that a link's packets are not asked, and why.
public struct UncheckedProperty: Codable, Hashable, Sendable {
    public enum Property: String, Codable, Hashable, Sendable, CaseIterable {
        case ipv4Sources = "ipv4_sources"
        case ipv6Sources = "ipv6_sources"
        case farEndSeparation = "far_end_separation"
        case customer
        case labelBelow = "label_below"
        case sendersAddress = "senders_address"
        case sendersRouter = "senders_router"
        case commonLabel = "common_label"
    }

    public let property: Property
    /// The VRFs that it is about; empty: the whole link.
    public let vrfs: [String]

    public init(_ property: Property, vrfs: [String] = []) {
        self.property = property
        self.vrfs = vrfs
    }

    fileprivate var text: String {
        let place = vrfs.isEmpty ? "" : " (\(vrfs.joined(separator: ", ")))"
        return switch property {
        case .ipv4Sources: "sources of IPv4\(place), for want of 'ip verify unicast source'"
        case .ipv6Sources: "sources of IPv6\(place), for want of 'ipv6 verify unicast source'"
        case .farEndSeparation:
            "whether the far side keeps its customers apart\(place): only it sees where they come in"
        case .customer: "which customer a packet is of: a label stands for one of the router behind, and no VRF is here"
        case .labelBelow: "the label below: only who gave it knows what it means"
        case .sendersAddress: "which station on the link sends: labels are valid from every Ethernet address there"
        case .commonLabel:
            "whether the sender was told the label\(place): it is provisioned, and the same on many routers, so that it can be "
                + "guessed"
        case .sendersRouter: "which router of the own network sends: labels are valid from all of them"
        }
    }
}
