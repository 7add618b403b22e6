import Addressing

/// The templates that Stile sends (RFC 7011 §3.4). Raw values are the template IDs, which begin at 256.
enum ExportTemplate: UInt16, CaseIterable {
    case ipv4Flow = 256
    case ipv6Flow = 257
    /// ICMP has a type and a code in the place of ports.
    case icmpFlow = 258
    case icmpv6Flow = 259
    /// How a selector chooses packets (RFC 5477 §8.2).
    case selector = 260
    case interface = 261
    case vrf = 262
    // Flows with one label: that they came in with, or that they left with.
    case labelledIPv4Flow = 263
    case labelledIPv6Flow = 264
    case labelledICMPFlow = 265
    case labelledICMPv6Flow = 266
    // Flows from one NNI to another.
    case relabelledIPv4Flow = 267
    case relabelledIPv6Flow = 268
    case relabelledICMPFlow = 269
    case relabelledICMPv6Flow = 270

    /// The template of a flow's record.
    init(of flow: MeteredFlow) {
        let labels = [flow.labelStackEntry, flow.egressLabelStackEntry].count { $0 != nil }
        let templates: [ExportTemplate] =
            switch (flow.source.family, flow.protocolNumber) {
            case (.ipv4, 1): [.icmpFlow, .labelledICMPFlow, .relabelledICMPFlow]
            case (.ipv4, _): [.ipv4Flow, .labelledIPv4Flow, .relabelledIPv4Flow]
            case (.ipv6, 58): [.icmpv6Flow, .labelledICMPv6Flow, .relabelledICMPv6Flow]
            case (.ipv6, _): [.ipv6Flow, .labelledIPv6Flow, .relabelledIPv6Flow]
            }
        self = templates[labels]
    }

    /// Whether the record has a type and a code in the place of ports.
    var isICMP: Bool {
        switch self {
        case .icmpFlow, .icmpv6Flow, .labelledICMPFlow, .labelledICMPv6Flow, .relabelledICMPFlow, .relabelledICMPv6Flow:
            true
        default: false
        }
    }

    /// In the order of the record. Of two labels the one that packets came in with is the first: an element that occurs
    /// more than once is in the order in which packets were treated (RFC 7011 §8).
    var elements: [InformationElement] {
        switch self {
        case .ipv4Flow: Self.times + [.sourceIPv4Address, .destinationIPv4Address] + Self.ports + Self.common
        case .ipv6Flow: Self.times + [.sourceIPv6Address, .destinationIPv6Address] + Self.ports + Self.common
        case .icmpFlow: Self.times + [.sourceIPv4Address, .destinationIPv4Address, .icmpTypeCodeIPv4] + Self.common
        case .icmpv6Flow: Self.times + [.sourceIPv6Address, .destinationIPv6Address, .icmpTypeCodeIPv6] + Self.common
        case .selector: [.selectorId, .selectorAlgorithm, .samplingPacketInterval, .samplingPacketSpace]
        case .interface: [.ingressInterface, .interfaceName]
        case .vrf: [.ingressVRFID, .vrfName]
        case .labelledIPv4Flow: ExportTemplate.ipv4Flow.elements + [.mplsTopLabelStackSection]
        case .labelledIPv6Flow: ExportTemplate.ipv6Flow.elements + [.mplsTopLabelStackSection]
        case .labelledICMPFlow: ExportTemplate.icmpFlow.elements + [.mplsTopLabelStackSection]
        case .labelledICMPv6Flow: ExportTemplate.icmpv6Flow.elements + [.mplsTopLabelStackSection]
        case .relabelledIPv4Flow: ExportTemplate.labelledIPv4Flow.elements + [.mplsTopLabelStackSection]
        case .relabelledIPv6Flow: ExportTemplate.labelledIPv6Flow.elements + [.mplsTopLabelStackSection]
        case .relabelledICMPFlow: ExportTemplate.labelledICMPFlow.elements + [.mplsTopLabelStackSection]
        case .relabelledICMPv6Flow: ExportTemplate.labelledICMPv6Flow.elements + [.mplsTopLabelStackSection]
        }
    }

    private static let times: [InformationElement] = [
        .flowStartMilliseconds, .flowEndMilliseconds, .octetDeltaCount, .packetDeltaCount,
    ]
    private static let ports: [InformationElement] = [
        .sourceTransportPort, .destinationTransportPort, .tcpControlBits,
    ]
    private static let common: [InformationElement] = [
        .protocolIdentifier, .ipClassOfService, .ingressInterface, .egressInterface, .ingressVRFID, .egressVRFID,
        .selectorId, .forwardingStatus, .flowEndReason,
    ]

    /// Elements in front that say what the record is about; 0: a template of data.
    private var scopeElements: UInt16 {
        switch self {
        case .selector, .interface, .vrf: 1
        default: 0
        }
    }

    /// The ID of the set that the template's own record belongs to (RFC 7011 §3.3.2).
    var setID: UInt16 { scopeElements == 0 ? 2 : 3 }

    /// The template's record (RFC 7011 §3.4.1, §3.4.2).
    ///
    ///      0                   1                   2                   3
    ///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    ///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    ///     |          template ID          |          field count          |
    ///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    ///     |  scope field count (options)  |     element 1, its length     …
    var record: [UInt8] {
        var record = OctetString()
        record.append(rawValue)
        record.append(UInt16(elements.count))
        if scopeElements > 0 { record.append(scopeElements) }
        for element in elements {
            record.append(element.rawValue)
            record.append(element.octets)
        }
        return record.octets
    }
}
