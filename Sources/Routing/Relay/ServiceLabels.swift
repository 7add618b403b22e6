import Addressing
import BGP

/// The labels of an MVPN or EVPN route that its next hop gave: packets come there under them. What is under a label depends on where
/// in the route it stands.
struct ServiceLabels: Equatable {
    /// Under it are Ethernet frames: a MAC-VRF's, or a broadcast domain's.
    var frames: MPLSLabel?
    /// Under it are packets of IP: an IP-VRF's, or a customer's multicast.
    var packets: MPLSLabel?

    enum Reading: Equatable {
        /// The route can go on with other labels in the place of these.
        case labels(ServiceLabels)
        /// It cannot, and why.
        case refused(RouteRejection)
    }

    static func reading(_ nlri: NLRI, _ attributes: PathAttributes) -> Reading {
        // What stands for labels is no label, and nothing here gives another VNI.
        guard !attributes.hasOtherThanLabels else { return .refused(.virtualNetwork) }
        // What means nothing beside the route is not looked at, and does not go on.
        let tunnel = nlri.mayHaveTunnel ? attributes.pmsiTunnel : nil
        return switch nlri {
        case .unicast, .labeledUnicast, .vpn, .routeTargets: .labels(ServiceLabels())
        case .multicastVPN: reading(of: tunnel) { ServiceLabels(packets: $0) }
        case .evpn(let route): reading(route, attributes, tunnel)
        }
    }

    private static func reading(
        _ route: EVPNRoute, _ attributes: PathAttributes, _ tunnel: PMSITunnel?
    ) -> Reading {
        // RFC 8317: who does not know that one is a leaf takes it for a root, and leaves must not talk to each other.
        guard !attributes.extendedCommunities.contains(where: \.isETree) else { return .refused(.eTree) }
        switch route.kind {
        // Of a segment's PEs one serves it (RFC 7432 §8.5), and they tell each other who has joined there (RFC 9251 §9.2, §9.3):
        // across the border nobody is on it.
        case .ethernetSegment, .membershipReportSynch, .leaveSynch: return .refused(.ethernetSegment)
        case .ethernetAutoDiscovery, .macIPAdvertisement, .ipPrefix: break
        case .inclusiveMulticast, .selectiveMulticast, .perRegionIPMSI, .selectivePMSI, .leafAutoDiscovery:
            return reading(of: tunnel) { ServiceLabels(frames: $0) }
        }
        var labels: [MPLSLabel] = []
        let fields = route.labelFields(in: attributes.evpn)
        // RFC 7432 §8.2.1: it has none.
        guard !route.isPerSegment || fields.allSatisfy({ $0 >> 4 == 0 }) else { return .refused(.labelOutOfPlace) }
        // RFC 9136 §3.1: what leads by a segment or a gateway has no label of its own.
        let isWithout = route.isPerSegment || (route.kind == .ipPrefix && fields == [0])
        for field in isWithout ? [] : fields {
            guard let label = MPLSLabel(rawValue: field >> 4), !label.isReserved else {
                return .refused(.reservedLabel)
            }
            labels.append(label)
        }
        guard route.kind != .ipPrefix else { return .labels(ServiceLabels(packets: labels.first)) }
        return .labels(ServiceLabels(frames: labels.first, packets: labels.count > 1 ? labels[1] : nil))
    }

    /// By ingress replication the label is the receiver's (RFC 6514 §5). All other tunnels are trees of one network, and end with it.
    private static func reading(
        of tunnel: PMSITunnel?, labels: (MPLSLabel) -> ServiceLabels
    ) -> Reading {
        guard let tunnel else { return .labels(ServiceLabels()) }
        guard tunnel.kind != PMSITunnel.Kind.none else {
            // A label without a tunnel is nobody's.
            return tunnel.labelField >> 4 == 0 ? .labels(ServiceLabels()) : .refused(.labelOutOfPlace)
        }
        guard tunnel.kind == .ingressReplication, !tunnel.isComposite else { return .refused(.tunnelOfOneNetwork) }
        // RFC 6514 §12.1: where leaves are asked for, each says its own.
        if tunnel.labelField >> 4 == 0, tunnel.flags.contains(.leafInformationRequired) {
            return .labels(ServiceLabels())
        }
        guard let label = MPLSLabel(rawValue: tunnel.labelField >> 4), !label.isReserved else {
            return .refused(.reservedLabel)
        }
        return .labels(labels(label))
    }
}

extension SwapTarget {
    /// Where a path's label leads; `nil` for a path without a next hop.
    init?(_ label: MPLSLabel, under stack: SwappedStack, of path: Path) {
        if path.isInternal {
            guard let provider = path.attributes.nextHop?.resolvedAddress else { return nil }
            self.init(way: .provider(provider), labels: [label], under: stack)
        } else {
            guard let identity = path.neighbor.inputs.identity else { return nil }
            self.init(way: .neighbor(identity), labels: [label], under: stack)
        }
    }
}
