import Addressing
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
    /// Packets that go to a prefix of labelled unicast, wherever that leads at the moment: Option C (RFC 4364 §10 c).
    case labelledPrefix(IPPrefix)
    /// Packets of a VRF that come without it, on circuits of the VRF's own: Option AB. It is told, since a VPN route has a
    /// label (RFC 4364 §4.3.1), and valid nowhere.
    case vrfOnCircuit(VRFIdentity)
    /// Packets of a VRF by the label that is provisioned for it: one number for all neighbors (RFC 9573 §3).
    case common(VRFIdentity, CommonLabel)
    /// Packets of a VRF that go out by one next hop, whatever their destination is: label mode *per next hop*.
    case nextHop(VRFIdentity, AddressFamily, VRFNextHop)
    /// Packets of a VRF that go where one of its routes leads at the moment: label mode *per prefix*.
    case prefix(VRFIdentity, IPPrefix)
    /// Packets of a customer carrier that come in by a circuit of the VRF and go where one of the VRF's routes leads at the
    /// moment, under the labels that they have below: carrier's carrier (RFC 4364 §9).
    case circuitPrefix(VRFIdentity, IPPrefix)
    /// Frames or packets that go on by a next hop under the label that an MVPN or EVPN route came with: ``relayed`` of those.
    case relayedService(SwapTarget)
    /// Packets of the tunnel of an MVPN route that ends here and begins anew: a copy goes to each leaf behind (RFC 6514 §9.2.3).
    case segment(MulticastVPNRoute)

    /// Whose packets have the label; `nil` for one of a relay.
    public var vrf: VRFIdentity? {
        switch self {
        case .vrf(let vrf), .vrfOnCircuit(let vrf), .common(let vrf, _), .nextHop(let vrf, _, _), .prefix(let vrf, _),
            .circuitPrefix(let vrf, _):
            vrf
        case .relayed, .relayedPrefix, .labelledPrefix, .relayedService, .segment: nil
        }
    }

    /// Where a label leads that is one for all relayed routes of a next hop with the same label.
    var sharedTarget: SwapTarget? {
        switch self {
        case .relayed(let target), .relayedService(let target): target
        case .vrf, .vrfOnCircuit, .common, .relayedPrefix, .labelledPrefix, .nextHop, .prefix, .circuitPrefix, .segment:
            nil
        }
    }

    /// The label that is provisioned; `nil`: one is drawn.
    public var commonLabel: CommonLabel? {
        if case .common(_, let label) = self { label } else { nil }
    }

    /// Whether no packet with such a label is ever taken.
    public var isValidNowhere: Bool {
        if case .vrfOnCircuit = self { true } else { false }
    }

    /// Whether there is a label only as long as routes call for it; otherwise the inputs alone do.
    var isCalledFor: Bool {
        switch self {
        case .vrf, .vrfOnCircuit, .common: false
        case .relayed, .relayedPrefix, .labelledPrefix, .relayedService, .nextHop, .prefix, .circuitPrefix, .segment:
            true
        }
    }
}

extension LabelSubject: CustomStringConvertible {
    public var description: String {
        switch self {
        case .vrf(let vrf): "vrf \(vrf)"
        case .relayed(let target): "relay to \(target)"
        case .relayedService(let target): "relay of MVPN or EVPN to \(target)"
        case .segment(let route): "copies of \(route.routeDistinguisher) \(route)"
        case .relayedPrefix(let prefix): "relay of \(prefix)"
        case .labelledPrefix(let prefix): "way to \(prefix)"
        case .vrfOnCircuit(let vrf): "vrf \(vrf), on circuits"
        case .common(let vrf, let label): "vrf \(vrf), common label \(label)"
        case .nextHop(let vrf, let family, let nextHop): "vrf \(vrf), \(family) by \(nextHop)"
        case .prefix(let vrf, let prefix): "vrf \(vrf), \(prefix)"
        case .circuitPrefix(let vrf, let prefix): "vrf \(vrf), \(prefix) from its circuit"
        }
    }
}
