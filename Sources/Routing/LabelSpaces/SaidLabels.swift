import Addressing
import BGP

/// What a route says of the labels of its tunnel, by itself: which they are and where they belong, or why they are placed nowhere
/// (RFC 9573 §4.2). What other routes of the PE have to do with it is looked at in ``ProviderLabels``.
struct SaidLabels: Equatable {
    /// The PE that gave them: the next hop, since who puts a tunnel of its own into a route names itself there (RFC 7524 §6.2, RFC 9572
    /// §5), and nobody else changes it.
    let provider: IPAddress
    let tree: PMSITunnel.Tree
    let stance: TunnelStance
    /// Each with the space that it belongs to; none where anything is wrong with one of them.
    let labels: [PlacedLabel]
    let fault: RouteRejection?
    /// The space of a broadcast domain's label, with which segments' labels have to agree, whether it has one or not; `nil` of an MVPN
    /// route.
    let domainSpace: PlacedLabel.Space?

    /// `nil` for routes without labels that these rules are about: label and VNI of VXLAN (RFC 8365 §5.1.3) are two things, and
    /// with ingress replication the label is the leaf's.
    init?(_ nlri: NLRI, _ attributes: PathAttributes, block: ClosedRange<UInt32>?) {
        let contents = attributes.contents
        guard nlri.announcesTunnel, let tunnel = contents.pmsiTunnel, let tree = tunnel.labelledTree,
            let provider = contents.nextHop?.resolvedAddress, !contents.hasVNIs
        else { return nil }
        self.provider = provider
        self.tree = tree
        stance = TunnelStance(contents.labelOrigin)
        let origin = ReceivedLabelOrigin(contents.labelOrigin, block: block)
        do throws(LabelFault) {
            let space = try origin.space.get()
            labels = try Self.labels(tunnel, contents, origin, space)
            fault = nil
            domainSpace = if case .evpn = nlri { space } else { nil }
        } catch {
            labels = []
            fault = error.reason
            domainSpace = nil
        }
    }

    private static func labels(
        _ tunnel: PMSITunnel, _ contents: PathAttributes.Contents, _ origin: ReceivedLabelOrigin,
        _ space: PlacedLabel.Space
    ) throws(LabelFault) -> [PlacedLabel] {
        var labels: [PlacedLabel] = []
        if case .context(let name) = space { labels.append(PlacedLabel(name, .space, in: .common)) }
        // RFC 6514 §5: zero is no label; the tunnel is one VPN's alone.
        if let label = MPLSLabel(rawValue: tunnel.labelField >> 4), label.rawValue != 0 {
            if let fault = origin.fault(of: label) { throw fault }
            labels.append(PlacedLabel(label, .tunnel, in: space))
        }
        for (_, label) in contents.peDistinguisherLabels?.labels ?? [] {
            guard !label.isReserved else { throw LabelFault(.reservedTunnelLabel) }
            // RFC 9573 §4.2: they are from where the tunnel's label is from.
            if origin.fault(of: label) != nil { throw LabelFault(.labelsOfSeveralSpaces) }
            labels.append(PlacedLabel(label, .provider, in: space))
        }
        return labels
    }
}

/// Why labels are placed nowhere.
struct LabelFault: Error, Equatable {
    let reason: RouteRejection
    init(_ reason: RouteRejection) { self.reason = reason }
}

/// Where a route's labels are from, and which may be from there.
struct ReceivedLabelOrigin: Equatable {
    let space: Result<PlacedLabel.Space, LabelFault>
    private let block: ClosedRange<UInt32>?

    /// - Parameter block: the domain-wide common block, as it is reserved here; without one no label is of it.
    init(_ origin: LabelOrigin, block: ClosedRange<UInt32>?) {
        self.block = block
        switch origin {
        case .commonBlock: space = .success(.common)
        case .assigner: space = .success(.provider)
        case .unknownSpace: space = .failure(LabelFault(.unknownLabelSpace))
        case .severalSpaces: space = .failure(LabelFault(.severalLabelSpaces))
        case .contradictory: space = .failure(LabelFault(.dcbAndLabelSpace))
        case .space(let name):
            if name.isReserved {
                space = .failure(LabelFault(.reservedTunnelLabel))
            } else if block?.contains(name.rawValue) != true {
                space = .failure(LabelFault(.labelOutsideBlock))
            } else {
                space = .success(.context(name))
            }
        }
    }

    /// A space that another route has named.
    init(of space: PlacedLabel.Space, block: ClosedRange<UInt32>?) {
        self.space = .success(space)
        self.block = block
    }

    /// Why a label cannot be from there; `nil` if it can.
    func fault(of label: MPLSLabel) -> LabelFault? {
        if label.isReserved { return LabelFault(.reservedTunnelLabel) }
        guard case .success(.common) = space, block?.contains(label.rawValue) != true else { return nil }
        return LabelFault(.labelOutsideBlock)
    }
}

extension PathAttributes.Contents {
    /// Whether what stands for labels are VNIs.
    var hasVNIs: Bool { extendedCommunities.contains(where: \.saysVNIs) }
}
