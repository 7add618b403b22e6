import BGP

/// What a label means.
public enum LabelSubject: Hashable, Sendable, Comparable {
    /// Packets of a VRF.
    case vrf(VRFIdentity)
    /// Packets that go on by a next hop under the labels that came with it, whatever their prefix is: Option B (RFC 4364
    /// §10 b).
    case relayed(SwapTarget)
    /// Packets of one relayed route, wherever that leads at the moment.
    case relayedPrefix(VPNPrefix)

    /// `nil` for one of a relay.
    public var vrf: VRFIdentity? {
        if case .vrf(let vrf) = self { vrf } else { nil }
    }
}

extension LabelSubject: CustomStringConvertible {
    public var description: String {
        switch self {
        case .vrf(let vrf): "vrf \(vrf)"
        case .relayed(let target): "relay to \(target)"
        case .relayedPrefix(let prefix): "relay of \(prefix)"
        }
    }
}
