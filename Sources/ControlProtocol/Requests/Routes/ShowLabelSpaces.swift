import Addressing

/// `show.mpls.label_spaces`: the labels that are provisioned, by label space, and where they are valid (RFC 9573 §3); and how many labels
/// PEs of the own network have said of each space (§4.2), which ``ShowReceivedLabels`` has one by one.
public struct ShowLabelSpaces: ParameterlessRequest {
    public typealias Answer = LabelSpacesResult
    public static let method = "show.mpls.label_spaces"

    public init() {}
}

/// Answer to `show.mpls.label_spaces`.
public struct LabelSpacesResult: ControlResult {
    public static let schemaIdentifier = "stile.show.mpls.label_spaces/1"
    public private(set) var schema = LabelSpacesResult.schemaIdentifier

    /// The default space first, of which the common block is a part; then the others by name; those that PEs have named and nobody
    /// has provisioned, by label; and those of PEs, by address.
    public let spaces: [ShownLabelSpace]
    /// Tunnels of which routes disagree about where their labels are from, the first hundred.
    public let inconsistentTunnels: [ShownInconsistentTunnel]
    public let inconsistentTunnelCount: Int
    /// How many routes say labels that are placed nowhere since there are too many.
    public let waitingRouteCount: Int

    public init(
        spaces: [ShownLabelSpace], inconsistentTunnels: [ShownInconsistentTunnel] = [],
        inconsistentTunnelCount: Int = 0, waitingRouteCount: Int = 0
    ) {
        self.spaces = spaces
        self.inconsistentTunnels = inconsistentTunnels
        self.inconsistentTunnelCount = inconsistentTunnelCount
        self.waitingRouteCount = waitingRouteCount
    }
}

/// A label space with what is provisioned of it.
public struct ShownLabelSpace: Codable, Hashable, Sendable {
    public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
        /// The labels of packets that have none above them.
        case `default`
        /// Those under a label of the common block.
        case context
        /// A PE's own, from which it gives labels to packets that it sends (RFC 5331).
        case provider
    }

    public let kind: Kind
    /// `nil` for the default one, a PE's, and one that is not provisioned here.
    public let name: String?
    /// The PE that it belongs to.
    public let provider: IPAddress?
    /// The label that names it.
    public let contextLabel: MPLSLabel?
    /// Of the default space the common block, of another the part that this box gives labels from; `nil`: none.
    public let firstLabel: UInt32?
    public let lastLabel: UInt32?
    /// Those that are provisioned, in ascending order.
    public let labels: [ShownCommonLabel]
    /// How many PEs have said; `nil`: none.
    public let received: ShownReceivedLabelCounts?

    public init(
        kind: Kind, name: String? = nil, provider: IPAddress? = nil, contextLabel: MPLSLabel? = nil,
        block: ClosedRange<UInt32>?, labels: [ShownCommonLabel], received: ShownReceivedLabelCounts? = nil
    ) {
        self.kind = kind
        self.name = name
        self.provider = provider
        self.received = received
        self.contextLabel = contextLabel
        firstLabel = block?.lowerBound
        lastLabel = block?.upperBound
        self.labels = labels
    }
}

/// How many labels of a space PEs have said, by what they stand for.
public struct ShownReceivedLabelCounts: Codable, Hashable, Sendable {
    /// VPNs and broadcast domains, or one tunnel's packets of them.
    public let tunnels: Int
    /// Ethernet segments.
    public let segments: Int
    /// PEs whose packets come by shared tunnels.
    public let providers: Int
    /// Label spaces.
    public let spaces: Int

    public init(tunnels: Int, segments: Int, providers: Int, spaces: Int) {
        self.tunnels = tunnels
        self.segments = segments
        self.providers = providers
        self.spaces = spaces
    }
}

/// A tunnel whose labels are placed nowhere: of a PE's routes that name it some have the DCB-flag, some a label space's community, or some
/// neither (RFC 9573 §4.2).
public struct ShownInconsistentTunnel: Codable, Hashable, Sendable {
    public let provider: IPAddress
    public let tunnel: String
    /// How many routes say what.
    public let withDcbFlag: Int
    public let withLabelSpace: Int
    public let withNeither: Int

    public init(provider: IPAddress, tunnel: String, withDcbFlag: Int, withLabelSpace: Int, withNeither: Int) {
        self.provider = provider
        self.tunnel = tunnel
        self.withDcbFlag = withDcbFlag
        self.withLabelSpace = withLabelSpace
        self.withNeither = withNeither
    }
}

/// A label that is provisioned.
public struct ShownCommonLabel: Codable, Hashable, Sendable {
    public let label: MPLSLabel
    /// The VRF that it stands for, or the label space that it names.
    public let vrf: String?
    public let space: String?
    /// The NNIs on which it is valid, and `core`, in order.
    public let validOn: [String]
    /// The neighbors that may not be told it yet.
    public let waits: [ShownLabelWait]

    public init(
        label: MPLSLabel, vrf: String? = nil, space: String? = nil, validOn: [String], waits: [ShownLabelWait] = []
    ) {
        self.label = label
        self.vrf = vrf
        self.space = space
        self.validOn = validOn
        self.waits = waits
    }
}

/// A neighbor that may not be told a label yet.
public struct ShownLabelWait: Codable, Hashable, Sendable {
    public let neighbor: IPAddress
    /// When its quarantine there is over; `nil`: it is in use for something else still.
    public let until: Timestamp?

    public init(neighbor: IPAddress, until: Timestamp?) {
        self.neighbor = neighbor
        self.until = until
    }
}

extension LabelSpacesResult: TabularResult {
    public func table() -> TextTable {
        var table = TextTable(
            [
                .name("SPACE"), .number("NAMED BY"), .name("BLOCK"), .number("LABEL"), .name("FOR"), .name("VALID ON"),
                .name("WAITS"),
            ], emptyText: "no label is provisioned, and PEs have said none")
        for space in spaces {
            let name = TextTable.Cell(space.title)
            let block = space.firstLabel.flatMap { first in space.lastLabel.map { "\(first)-\($0)" } }
            func append(_ label: MPLSLabel?, _ meaning: String?, _ validOn: [String] = [], _ waits: [String] = []) {
                table.append([
                    name, TextTable.Cell(space.contextLabel), TextTable.Cell(block), TextTable.Cell(label),
                    TextTable.Cell(meaning), TextTable.Cell(list: validOn), TextTable.Cell(list: waits),
                ])
            }
            for label in space.labels {
                let meaning = label.vrf.map { "vrf \($0)" } ?? label.space.map { "space \($0)" }
                append(label.label, meaning, label.validOn, label.waits.map(\.text))
            }
            if let received = space.received {
                append(nil, "received: \(received.text)")
            } else if space.labels.isEmpty {
                append(nil, nil)
            }
        }
        return table
    }

    public var closingRemark: String? {
        var remarks: [String] = []
        for tunnel in inconsistentTunnels {
            remarks.append(
                "\(tunnel.provider) \(tunnel.tunnel): placed nowhere, \(tunnel.withDcbFlag) of its routes have the DCB-flag, "
                    + "\(tunnel.withLabelSpace) a label space, \(tunnel.withNeither) neither")
        }
        let omitted = inconsistentTunnelCount - inconsistentTunnels.count
        if omitted > 0 { remarks.append("\(omitted) more such tunnels are not listed") }
        if waitingRouteCount > 0 {
            remarks.append("\(waitingRouteCount) routes say labels that are placed nowhere: their PE has too many")
        }
        return remarks.isEmpty ? nil : remarks.joined(separator: "\n")
    }
}

extension ShownLabelSpace {
    fileprivate var title: String? {
        switch kind {
        case .default: "default"
        case .context: name
        case .provider: provider.map { "of \($0)" }
        }
    }
}

extension ShownReceivedLabelCounts {
    fileprivate var text: String {
        let counts = [(tunnels, "of tunnels"), (segments, "of segments"), (providers, "of PEs"), (spaces, "of spaces")]
        return counts.compactMap { $0.0 > 0 ? "\($0.0) \($0.1)" : nil }.joined(separator: ", ")
    }
}

extension ShownLabelWait {
    fileprivate var text: String { "\(neighbor) until \(until.map { "\($0)" } ?? "it is free")" }
}
