/// A verdict as `forwardingStatus` (RFC 7270 §4.12): the upper two bits say what became of the packet, the lower six
/// why.
enum ForwardingStatus {
    @_noLocks
    static func octet(of verdict: Verdict) -> UInt8 {
        switch verdict {
        case .transmit, .replicated: 66  // forwarded, not fragmented
        case .fragmented: 65  // forwarded, fragmented
        case .punt(.glean): 194  // consumed: incomplete adjacency
        case .punt: 195  // consumed: for us
        case .pending: 128  // dropped, unknown
        case .drop(let reason): octet(of: reason)
        }
    }

    @_noLocks
    static func octet(of reason: DropReason) -> UInt8 {
        switch reason {
        case .accessListDenied: 129  // ACL deny
        case .ipv4OptionsRefused, .transitNotAllowed, .fragmentRefused, .foreignSourceMAC, .coreToCore,
            .labelPayload:
            130  // ACL drop
        case .familyNotCarried, .destinationAddressInvalid, .multicastDestination, .noRoute, .labelWithdrawn,
            .noReplicationMember:
            131  // unroutable
        case .discardRoute, .hostUnreachable, .adjacencyOfAnotherVRF, .routeMapDiscarded: 132  // adjacency
        case .fragmentationNeeded, .packetTooBig: 133  // fragmentation and DF set
        case .ipChecksumInvalid: 134  // bad header checksum
        case .ipLengthInvalid: 135  // bad total length
        case .ipHeaderTruncated, .ipHeaderLengthInvalid: 136  // bad header length
        case .labelTTLExpired, .ipTTLExpired: 137  // bad TTL
        case .puntRateExceeded, .policerExceeded: 138  // policer
        case .sourceAddressInvalid, .reversePathFailed: 140  // RPF
        case .egressPortDown: 142  // bad output interface
        case .transmitQueueFull: 143  // hardware
        case .frameTooShort, .multipleSegments, .noInterfaceForVLAN, .notForThisMAC, .etherTypeNotAccepted,
            .labelStackTruncated, .labelStackDepth, .labelNotValidHere, .labelReserved, .ipVersionInvalid,
            .unlabelledOnNNI, .unlabelledFromCore, .fragmentationImpossible, .noFrameForFragments, .noFrameForCopies,
            .puntRingFull,
            .workerRingFull, .tunnelNotHere, .tunnelSourceUnlisted, .tunnelMalformed, .tunnelChecksumInvalid,
            .tunnelCongestion:
            128  // unknown
        }
    }
}
