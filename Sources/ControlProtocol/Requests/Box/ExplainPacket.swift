import Addressing

/// `explain.packet`: what the pipeline does with a packet, stage by stage.
public struct ExplainPacket: ControlRequest {
    public typealias Answer = ExplanationResult
    public static let method = "explain.packet"

    /// The attachment circuit or the NNI.
    public var interface: String
    /// The label stack, the top first; empty for an unlabelled packet.
    public var labels: [MPLSLabel]
    /// Where the labels come in MPLS over UDP, to the loopback: its source.
    public var tunnelSource: IPAddress?
    public var source: IPAddress
    /// Of the same family as the source.
    public var destination: IPAddress
    /// The number of the IP protocol or, in IPv6, of the upper layer: 0 to 255.
    public var ipProtocol: UInt8
    /// Of TCP and UDP.
    public var sourcePort: UInt16?
    public var destinationPort: UInt16?
    /// Of the IP header.
    public var timeToLive: UInt8
    /// Of each label entry.
    public var labelTimeToLive: UInt8
    /// The length of the IP packet with its header.
    public var lengthBytes: UInt16
    /// IPv4's "don't fragment".
    public var doNotFragment: Bool
    /// The differentiated services code point, 0 to 63.
    public var dscp: UInt8
    /// The traffic class of each label entry, 0 to 7.
    public var trafficClass: UInt8
    /// The flags of TCP: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32.
    public var tcpFlags: UInt8
    /// Of ICMP and ICMPv6.
    public var icmpType: UInt8?
    public var icmpCode: UInt8?

    public init(
        interface: String, labels: [MPLSLabel] = [], tunnelSource: IPAddress? = nil, source: IPAddress,
        destination: IPAddress, ipProtocol: UInt8 = 17,
        sourcePort: UInt16? = nil, destinationPort: UInt16? = nil, timeToLive: UInt8 = 64, labelTimeToLive: UInt8 = 64,
        lengthBytes: UInt16 = 100, doNotFragment: Bool = false, dscp: UInt8 = 0, trafficClass: UInt8 = 0,
        tcpFlags: UInt8 = 0, icmpType: UInt8? = nil, icmpCode: UInt8? = nil
    ) {
        self.interface = interface
        self.labels = labels
        self.tunnelSource = tunnelSource
        self.source = source
        self.destination = destination
        self.ipProtocol = ipProtocol
        self.sourcePort = sourcePort
        self.destinationPort = destinationPort
        self.timeToLive = timeToLive
        self.labelTimeToLive = labelTimeToLive
        self.lengthBytes = lengthBytes
        self.doNotFragment = doNotFragment
        self.dscp = dscp
        self.trafficClass = trafficClass
        self.tcpFlags = tcpFlags
        self.icmpType = icmpType
        self.icmpCode = icmpCode
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            interface: try container.decode(String.self, forKey: .interface),
            labels: try container.decodeIfPresent([MPLSLabel].self, forKey: .labels) ?? [],
            tunnelSource: try container.decodeIfPresent(IPAddress.self, forKey: .tunnelSource),
            source: try container.decode(IPAddress.self, forKey: .source),
            destination: try container.decode(IPAddress.self, forKey: .destination))
        ipProtocol = try container.decodeIfPresent(UInt8.self, forKey: .ipProtocol) ?? ipProtocol
        sourcePort = try container.decodeIfPresent(UInt16.self, forKey: .sourcePort)
        destinationPort = try container.decodeIfPresent(UInt16.self, forKey: .destinationPort)
        timeToLive = try container.decodeIfPresent(UInt8.self, forKey: .timeToLive) ?? timeToLive
        labelTimeToLive = try container.decodeIfPresent(UInt8.self, forKey: .labelTimeToLive) ?? labelTimeToLive
        lengthBytes = try container.decodeIfPresent(UInt16.self, forKey: .lengthBytes) ?? lengthBytes
        doNotFragment = try container.decodeIfPresent(Bool.self, forKey: .doNotFragment) ?? doNotFragment
        dscp = try container.decodeIfPresent(UInt8.self, forKey: .dscp) ?? dscp
        trafficClass = try container.decodeIfPresent(UInt8.self, forKey: .trafficClass) ?? trafficClass
        tcpFlags = try container.decodeIfPresent(UInt8.self, forKey: .tcpFlags) ?? tcpFlags
        icmpType = try container.decodeIfPresent(UInt8.self, forKey: .icmpType)
        icmpCode = try container.decodeIfPresent(UInt8.self, forKey: .icmpCode)
        guard dscp < 64, trafficClass < 8 else {
            throw DecodingError.dataCorruptedError(
                forKey: .dscp, in: container, debugDescription: "a code point is 0 to 63, a traffic class 0 to 7")
        }
        guard source.family == destination.family else {
            throw DecodingError.dataCorruptedError(
                forKey: .destination, in: container,
                debugDescription: "source and destination are of different families")
        }
        guard labels.count <= ExplainPacket.deepestStack else {
            throw DecodingError.dataCorruptedError(
                forKey: .labels, in: container, debugDescription: "at most \(ExplainPacket.deepestStack) labels")
        }
    }

    /// The most labels that can be asked about.
    public static let deepestStack = 16
}

/// Answer to `explain.packet`: what the pipeline does with one packet by the tables as they are now.
public struct ExplanationResult: ControlResult {
    public static let schemaIdentifier = "stile.explain.packet/1"
    public private(set) var schema = ExplanationResult.schemaIdentifier

    public enum Verdict: String, Codable, Hashable, Sendable, CaseIterable {
        case forwarded
        /// Handed to the control process.
        case punted
        case dropped
    }

    public enum Path: String, Codable, Hashable, Sendable, CaseIterable {
        /// One pass in and one out, for packets of which all rules hold.
        case common
        /// That as far as the lookup, then the stages.
        case commonIngress = "common_ingress"
        case stages
    }

    public let generation: UInt64
    /// The path that such packets take; the steps are the stages' in any case, which have the rules of both.
    public let path: Path
    /// In the order of the pipeline.
    public let steps: [ExplanationStep]
    public let verdict: Verdict
    /// Why it is dropped or punted, in snake_case.
    public let reason: String?
    public let dropClass: DropClass?
    /// What the reason means.
    public let help: String?
    /// The ICMP error that its sender gets, for instance `time exceeded`.
    public let icmpError: String?
    public let vrf: String?
    public let egressInterface: String?
    public let egressPort: String?
    /// The label it leaves with.
    public let egressLabel: MPLSLabel?
    /// The one above that, where the next hop gave two.
    public let outerEgressLabel: MPLSLabel?

    public init(
        generation: UInt64, path: Path, steps: [ExplanationStep], verdict: Verdict, reason: String? = nil,
        dropClass: DropClass? = nil, help: String? = nil, icmpError: String? = nil, vrf: String? = nil,
        egressInterface: String? = nil, egressPort: String? = nil, egressLabel: MPLSLabel? = nil,
        outerEgressLabel: MPLSLabel? = nil
    ) {
        self.generation = generation
        self.path = path
        self.steps = steps
        self.verdict = verdict
        self.reason = reason
        self.dropClass = dropClass
        self.help = help
        self.icmpError = icmpError
        self.vrf = vrf
        self.egressInterface = egressInterface
        self.egressPort = egressPort
        self.egressLabel = egressLabel
        self.outerEgressLabel = outerEgressLabel
    }
}

/// What one stage decides.
public struct ExplanationStep: Codable, Hashable, Sendable {
    public let stage: String
    public let decision: String
    /// The table entry that it used.
    public let entry: String?
    /// Where the entry comes from in the configuration: `file:line: text`.
    public let configurationLine: String?

    public init(stage: String, decision: String, entry: String? = nil, configurationLine: String? = nil) {
        self.stage = stage
        self.decision = decision
        self.entry = entry
        self.configurationLine = configurationLine
    }
}

extension ExplanationResult: TabularResult {
    public var exitCode: ExitCode { verdict == .dropped ? .packetDropped : .done }

    public func table() -> TextTable {
        var table = TextTable(
            [.name("STAGE"), .name("DECISION"), .name("ENTRY"), .name("CONFIGURATION")],
            emptyText: "no stage was reached")
        for step in steps {
            table.append([
                TextTable.Cell(step.stage), TextTable.Cell(step.decision), TextTable.Cell(step.entry),
                TextTable.Cell(step.configurationLine),
            ])
        }
        return table
    }

    /// The stages, then what becomes of the packet.
    public func text(_ style: TextStyle) -> String {
        var text = table().text(style) + "\n" + style.show(verdict.rawValue, as: verdict.emphasis)
        if let reason { text += ": \(reason)" }
        if let dropClass { text += " (\(dropClass.rawValue))" }
        if let help { text += ", \(help)" }
        if let egressInterface { text += " by \(egressInterface)" }
        if let egressPort, egressPort != egressInterface { text += " on port \(egressPort)" }
        if let egressLabel { text += " with label \(egressLabel)" }
        if let outerEgressLabel { text += " under \(outerEgressLabel)" }
        if let vrf { text += ", vrf \(vrf)" }
        text += "\n"
        if let icmpError { text += "the source gets ICMP \(icmpError)\n" }
        text += "such packets take \(path.text)\n"
        return text
    }
}

extension ExplanationResult.Path {
    fileprivate var text: String {
        switch self {
        case .common: "the common path, which has these rules in one pass in and one out"
        case .commonIngress: "the common path as far as the lookup, then these stages"
        case .stages: "these stages, not the common path"
        }
    }
}

extension ExplanationResult.Verdict {
    fileprivate var emphasis: Emphasis {
        switch self {
        case .forwarded: .good
        case .punted: .warning
        case .dropped: .bad
        }
    }
}
