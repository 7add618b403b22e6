import Addressing

/// `show.isolation`: which VRF can reach what, computed from the installed tables.
public struct ShowIsolation: ParameterlessRequest {
    public typealias Answer = IsolationResult
    public static let method = "show.isolation"

    public init() {}
}

/// Answer to `show.isolation`: computed from the installed tables, not from the configuration.
public struct IsolationResult: ControlResult {
    public static let schemaIdentifier = "stile.show.isolation/1"
    public private(set) var schema = IsolationResult.schemaIdentifier

    public let generation: UInt64
    /// What is asked of the packets of each link.
    public let links: [LinkCheck]
    /// In the order of the names.
    public let vrfs: [VRFReach]
    /// From whom MPLS over UDP is taken on the core's interfaces: what is in it comes in by the labels that are valid there.
    public let tunnels: [TunnelEntrance]
    /// Labels that are swapped: their packets go on without a VRF.
    public let swaps: [LabelSwapDoor]
    /// Labels that are told and are no doors: packets come on circuits.
    public let validNowhere: [ToldLabel]
    /// FIB entries and next hops that were walked.
    public let entriesChecked: UInt64
    /// Empty when nothing crosses.
    public let violations: [IsolationViolation]

    public init(
        generation: UInt64, links: [LinkCheck] = [], vrfs: [VRFReach], tunnels: [TunnelEntrance] = [],
        swaps: [LabelSwapDoor] = [], validNowhere: [ToldLabel] = [], entriesChecked: UInt64,
        violations: [IsolationViolation]
    ) {
        self.generation = generation
        self.links = links
        self.vrfs = vrfs
        self.tunnels = tunnels
        self.swaps = swaps
        self.validNowhere = validNowhere
        self.entriesChecked = entriesChecked
        self.violations = violations
    }

    /// Whether no packet of one VRF can get into another that does not allow it.
    public var isIsolated: Bool { violations.isEmpty }
}

/// By which doors packets get into a VRF and out of it.
public struct VRFReach: Codable, Hashable, Sendable {
    public let vrf: String
    public let entrances: [VRFDoor]
    public let exits: [VRFDoor]
    /// The VRFs that route maps give some of its packets to, as the configuration of those VRFs allows.
    public let policyRouteTargets: [String]

    public init(vrf: String, entrances: [VRFDoor], exits: [VRFDoor], policyRouteTargets: [String] = []) {
        self.vrf = vrf
        self.entrances = entrances
        self.exits = exits
        self.policyRouteTargets = policyRouteTargets
    }
}

/// An attachment circuit, or a unit with a label.
public struct VRFDoor: Codable, Hashable, Sendable {
    public let interface: String
    /// An entrance's own label, an exit's label of the far end; `nil` for an attachment circuit.
    public let label: MPLSLabel?
    /// An exit's prefixes; 0 for an entrance.
    public let prefixes: Int
    /// Of an entrance: what of the VRF its label is about, where it is not all of it: a next hop or a prefix.
    public let subject: String?
    /// Where the packets of such a label leave without a lookup; `nil`: they are looked up, or lead nowhere now.
    public let way: String?

    public init(
        interface: String, label: MPLSLabel? = nil, prefixes: Int, subject: String? = nil, way: String? = nil
    ) {
        self.interface = interface
        self.label = label
        self.prefixes = prefixes
        self.subject = subject
        self.way = way
    }

    /// One sentence about a label that is not the whole VRF's; `nil` for all others.
    fileprivate var text: String? {
        guard let label, subject != nil || way != nil else { return nil }
        let part = subject.map { ", \($0)," } ?? ""
        return "label \(label) at \(interface)\(part) "
            + (way.map { "goes out by \($0) without a lookup" } ?? "is looked up in the VRF")
    }
}

/// MPLS over UDP (RFC 7510) from PEs in a prefix to an address of the box.
public struct TunnelEntrance: Codable, Hashable, Sendable {
    public let from: IPPrefix
    public let to: IPAddress
    /// Whether a datagram without a UDP checksum is dropped.
    public let needsChecksum: Bool

    public init(from: IPPrefix, to: IPAddress, needsChecksum: Bool) {
        self.from = from
        self.to = to
        self.needsChecksum = needsChecksum
    }
}

/// A label that is swapped (RFC 3031 §3.13), and for what.
public struct LabelSwapDoor: Codable, Hashable, Sendable {
    /// The NNI, the circuit of a customer that is a carrier, or `core`.
    public let nni: String
    public let label: MPLSLabel
    /// The VRF of a customer that is a carrier; `nil` for what is relayed without one.
    public let vrf: String?
    /// How many labels have to be under it; what those mean is the far end's matter.
    public let labelsBelow: Int
    /// Whether fewer may be as well.
    public let allowsFewerLabels: Bool
    /// Whether two more may be, an entropy label and its indicator (RFC 6790).
    public let allowsEntropyLabel: Bool
    /// What may be under the labels.
    public let payload: SwappedPayload
    /// The neighbor that may send by it.
    public let neighbor: IPAddress?
    /// Where the packets leave: an NNI, or `core`; `nil`: nowhere now.
    public let egress: String?
    /// The neighbor or PE there.
    public let nextHop: IPAddress?
    /// What takes the label's place; `nil`: nothing does.
    public let egressLabel: MPLSLabel?
    /// What stands above that, where two take its place.
    public let outerEgressLabel: MPLSLabel?
    /// Whether what leaves is a copy, and others of the same packet leave by other doors.
    public let isCopy: Bool

    public init(
        nni: String, label: MPLSLabel, vrf: String? = nil, labelsBelow: Int = 0, allowsFewerLabels: Bool = false,
        allowsEntropyLabel: Bool = false, payload: SwappedPayload = .ip, neighbor: IPAddress?,
        egress: String? = nil, nextHop: IPAddress? = nil, egressLabel: MPLSLabel? = nil,
        outerEgressLabel: MPLSLabel? = nil, isCopy: Bool = false
    ) {
        self.isCopy = isCopy
        self.nni = nni
        self.label = label
        self.vrf = vrf
        self.labelsBelow = labelsBelow
        self.allowsFewerLabels = allowsFewerLabels
        self.allowsEntropyLabel = allowsEntropyLabel
        self.payload = payload
        self.neighbor = neighbor
        self.egress = egress
        self.nextHop = nextHop
        self.egressLabel = egressLabel
        self.outerEgressLabel = outerEgressLabel
    }

    /// One sentence.
    fileprivate var text: String {
        let sender = (neighbor.map { " from \($0)" } ?? "") + (vrf.map { " of VRF \($0)" } ?? "")
        guard let egress else { return "label \(label)\(sender) on \(nni), \(depth), leads nowhere now" }
        let above = outerEgressLabel.map { " under \($0)" } ?? ""
        let other = egressLabel.map { "as label \($0)\(above)" } ?? "without it"
        let way = nextHop.map { " to \($0)" } ?? ""
        let goesOn = isCopy ? "goes on as a copy" : "goes on"
        return "label \(label)\(sender) on \(nni), \(depth), \(goesOn) \(other)\(way) on \(egress): \(unchecked)"
    }

    private var depth: String {
        guard labelsBelow > 0 else { return "alone in its stack" }
        guard !allowsFewerLabels else { return "above up to \(labelsBelow) more" }
        return "above \(labelsBelow) more" + (allowsEntropyLabel ? ", or \(labelsBelow + 2) with an entropy label" : "")
    }

    /// What is not looked into.
    private var unchecked: String {
        switch payload {
        case .sessions: "BGP and ICMP between listed addresses alone, whatever they say"
        case .ethernet: "Ethernet frames, and nothing of them is looked into"
        case .ipv6: "IPv6 alone, and whose packets these are is not looked into"
        case .ip where vrf != nil: "what is below is the customer's own, and is not looked into"
        case .ip where labelsBelow > 0:
            "the label below is not looked into, only who gave it knows whose packets these are"
        case .ip: "whose packets these are is not looked into"
        }
    }
}

/// What may be under the labels of a packet whose label is swapped.
public enum SwappedPayload: String, Codable, Hashable, Sendable {
    /// Any packet of IPv4 or IPv6.
    case ip
    case ipv6
    /// BGP and ICMP between addresses that are listed.
    case sessions
    /// Ethernet frames, of which nothing is looked at.
    case ethernet
}

/// Something in the tables that would let a packet cross from one VRF into another.
public struct IsolationViolation: Codable, Hashable, Sendable {
    public let vrf: String
    public let otherVrf: String?
    public let prefix: IPPrefix?
    /// The table entry, for people.
    public let entry: String
    /// What is wrong with it.
    public let message: String

    public init(vrf: String, otherVrf: String? = nil, prefix: IPPrefix? = nil, entry: String, message: String) {
        self.vrf = vrf
        self.otherVrf = otherVrf
        self.prefix = prefix
        self.entry = entry
        self.message = message
    }
}

extension IsolationResult: TabularResult {
    public var exitCode: ExitCode { isIsolated ? .done : .refused }

    public func table() -> TextTable {
        var table = TextTable(
            [
                .name("VRF"), .name("DIRECTION"), .name("INTERFACE"), .number("LABEL"), .number("PREFIXES"),
            ], emptyText: "no VRF has a door")
        for vrf in vrfs {
            for door in vrf.entrances {
                table.append([
                    TextTable.Cell(vrf.vrf), "in", TextTable.Cell(door.interface), TextTable.Cell(door.label), "-",
                ])
            }
            for door in vrf.exits {
                table.append([
                    TextTable.Cell(vrf.vrf), "out", TextTable.Cell(door.interface), TextTable.Cell(door.label),
                    TextTable.Cell(door.prefixes),
                ])
            }
        }
        return table
    }

    /// The links, the doors of each VRF, what route maps give from one to another, then what crosses else, or that nothing
    /// does.
    public func text(_ style: TextStyle) -> String {
        var text = links.isEmpty ? "" : links.map(\.text).joined() + "\n"
        text += table().text(style) + "\n"
        for vrf in vrfs where !vrf.policyRouteTargets.isEmpty {
            let targets = vrf.policyRouteTargets.joined(separator: ", ")
            text += "route maps give packets of \(vrf.vrf) to \(targets)".withoutControlCharacters + "\n"
        }
        for vrf in vrfs {
            for door in vrf.entrances {
                if let sentence = door.text { text += "\(vrf.vrf): \(sentence)".withoutControlCharacters + "\n" }
            }
        }
        for tunnel in tunnels {
            let checksum = tunnel.needsChecksum ? ", with checksums alone" : ""
            text += "MPLS over UDP from \(tunnel.from) to \(tunnel.to) comes in by the core's labels\(checksum)\n"
        }
        for label in validNowhere { text += label.text.withoutControlCharacters + "\n" }
        for swap in swaps { text += swap.text.withoutControlCharacters + "\n" }
        for violation in violations {
            let place = [violation.vrf, violation.otherVrf.map { "to \($0)" }, violation.prefix?.description]
                .compactMap { $0 }.joined(separator: " ")
            let sentence = "VIOLATION \(place): \(violation.message) (\(violation.entry))"
            text += style.show(sentence.withoutControlCharacters, as: .bad) + "\n"
        }
        let isCrossedByPolicy = vrfs.contains { !$0.policyRouteTargets.isEmpty }
        let nothing = isCrossedByPolicy ? "nothing else crosses" : "nothing crosses"
        let outcome =
            isIsolated ? style.show(nothing, as: .good) : style.show("\(violations.count) violations", as: .bad)
        return text + "\(outcome): \(entriesChecked) entries of generation \(generation) checked\n"
    }
}
