/// The information elements that Stile sends. Raw values are those of IANA's registry "IPFIX Information Elements".
enum InformationElement: UInt16 {
    case octetDeltaCount = 1
    case packetDeltaCount = 2
    case protocolIdentifier = 4
    case ipClassOfService = 5
    case tcpControlBits = 6
    case sourceTransportPort = 7
    case sourceIPv4Address = 8
    case ingressInterface = 10
    case destinationTransportPort = 11
    case destinationIPv4Address = 12
    case egressInterface = 14
    case sourceIPv6Address = 27
    case destinationIPv6Address = 28
    case icmpTypeCodeIPv4 = 32
    case mplsTopLabelStackSection = 70
    case interfaceName = 82
    case forwardingStatus = 89
    case flowEndReason = 136
    case icmpTypeCodeIPv6 = 139
    case flowStartMilliseconds = 152
    case flowEndMilliseconds = 153
    case ingressVRFID = 234
    case egressVRFID = 235
    case vrfName = 236
    case selectorId = 302
    case selectorAlgorithm = 304
    case samplingPacketInterval = 305
    case samplingPacketSpace = 306

    /// Octets in Stile's records: the element's own length, or a reduced one (RFC 7011 §6.2) for `selectorId` and
    /// `forwardingStatus`; 65535 stands for a length that each record gives (§7).
    var octets: UInt16 {
        switch self {
        case .mplsTopLabelStackSection: 3
        case .protocolIdentifier, .ipClassOfService, .forwardingStatus, .flowEndReason: 1
        case .tcpControlBits, .sourceTransportPort, .destinationTransportPort, .icmpTypeCodeIPv4, .icmpTypeCodeIPv6,
            .selectorAlgorithm:
            2
        case .sourceIPv4Address, .destinationIPv4Address, .ingressInterface, .egressInterface, .ingressVRFID,
            .egressVRFID, .selectorId, .samplingPacketInterval, .samplingPacketSpace:
            4
        case .octetDeltaCount, .packetDeltaCount, .flowStartMilliseconds, .flowEndMilliseconds: 8
        case .sourceIPv6Address, .destinationIPv6Address: 16
        case .interfaceName, .vrfName: Self.variableLength
        }
    }

    static let variableLength: UInt16 = 0xFFFF
}
