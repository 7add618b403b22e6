import CTableLayout

/// Why a packet was dropped. The raw value indexes `stile_interface_drops`.
///
/// Numbers are part of the shared-memory contract: a reason keeps its number, new ones go at the end.
public enum DropReason: UInt8, CaseIterable, Sendable, Hashable {
    case frameTooShort = 0
    case multipleSegments = 1
    case noInterfaceForVLAN = 2
    case notForThisMAC = 3
    case etherTypeNotAccepted = 4
    case labelStackTruncated = 5
    case labelStackDepth = 6
    case labelNotValidHere = 7
    case labelTTLExpired = 8
    case ipHeaderTruncated = 9
    case ipVersionInvalid = 10
    case ipHeaderLengthInvalid = 11
    case ipLengthInvalid = 12
    case ipChecksumInvalid = 13
    case ipv4OptionsRefused = 14
    case familyNotCarried = 15
    case sourceAddressInvalid = 16
    case destinationAddressInvalid = 17
    case multicastDestination = 18
    case unlabelledOnNNI = 19
    case noRoute = 20
    case discardRoute = 21
    case hostUnreachable = 22
    case adjacencyOfAnotherVRF = 23
    case transitNotAllowed = 24
    case ipTTLExpired = 25
    case fragmentationNeeded = 26
    case packetTooBig = 27
    case fragmentationImpossible = 28
    case noFrameForFragments = 29
    case puntRateExceeded = 30
    case puntRingFull = 31
    case egressPortDown = 32
    case transmitQueueFull = 33
    case workerRingFull = 34
    case reversePathFailed = 35
    case accessListDenied = 36
    case fragmentRefused = 37
    case policerExceeded = 38
    case routeMapDiscarded = 39
    case foreignSourceMAC = 40
    case labelReserved = 41
    case coreToCore = 42
    case unlabelledFromCore = 43
    case tunnelNotHere = 44
    case tunnelSourceUnlisted = 45
    case tunnelMalformed = 46
    case tunnelChecksumInvalid = 47
    case tunnelCongestion = 48
    case labelWithdrawn = 49
    case labelPayload = 50
    case noReplicationMember = 51
    case noFrameForCopies = 52

    /// The raw value, as the forwarding path takes it: cases are declared in the order of their numbers, without gaps,
    /// so that the enum's own representation is that number.
    var number: UInt32 { @_noLocks @inline(__always) get { UInt32(unsafeBitCast(self, to: UInt8.self)) } }

    /// What kind of drop this is; operators keep the kinds apart.
    public enum Class: String, CaseIterable, Sendable {
        case interfaceError = "interface_error"
        case security
        case policy
        case noRoute = "no_route"
        case resources
    }

    public var `class`: Class {
        switch self {
        case .frameTooShort, .multipleSegments, .noInterfaceForVLAN, .notForThisMAC, .etherTypeNotAccepted,
            .labelStackTruncated, .ipHeaderTruncated, .ipVersionInvalid, .ipHeaderLengthInvalid, .ipLengthInvalid,
            .ipChecksumInvalid, .tunnelMalformed, .tunnelChecksumInvalid:
            .interfaceError
        case .labelStackDepth, .labelNotValidHere, .ipv4OptionsRefused, .sourceAddressInvalid, .unlabelledOnNNI,
            .adjacencyOfAnotherVRF, .transitNotAllowed, .fragmentRefused, .foreignSourceMAC, .labelReserved,
            .coreToCore, .unlabelledFromCore, .tunnelNotHere, .tunnelSourceUnlisted, .labelPayload:
            .security
        case .familyNotCarried, .discardRoute, .reversePathFailed, .accessListDenied, .policerExceeded,
            .routeMapDiscarded:
            .policy
        case .labelTTLExpired, .ipTTLExpired, .destinationAddressInvalid, .multicastDestination, .noRoute,
            .hostUnreachable, .fragmentationNeeded, .packetTooBig, .fragmentationImpossible, .labelWithdrawn,
            .noReplicationMember:
            .noRoute
        case .noFrameForFragments, .puntRateExceeded, .puntRingFull, .egressPortDown, .transmitQueueFull,
            .workerRingFull, .tunnelCongestion, .noFrameForCopies:
            .resources
        }
    }
}
