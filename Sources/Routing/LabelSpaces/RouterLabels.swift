import Addressing
import BGP

/// How much of what is said of labels is looked at.
public struct ReceivedLabelLimits: Sendable {
    /// So many routers may have labels.
    public var routers = 4096
    /// So many labels may one have in all tables: a tunnel whose routes begin to disagree has so many to move at most.
    public var labels = 16_384
    /// Likewise route targets of broadcast domains.
    public var domains = 16_384
    /// Likewise segments, whose labels move when broadcast domains change their space.
    public var segments = 4096
    /// For so many PEs that give labels from their own may one speak.
    public var owners = 16

    public init() {}
}

/// What the routes say of labels that one router has brought into the own network, tunnel by tunnel and segment by segment, and what of that
/// is placed. Nothing of it depends on what other routers say.
final class RouterLabels {
    /// A route of a segment, with what of it is placed.
    struct Segment {
        let label: MPLSLabel
        var places: [OwnedSpace] = []
        var fault: RouteRejection?
    }

    let originator: IPv4Address
    private let limits: ReceivedLabelLimits
    private(set) var tunnels: [TunnelKey: TunnelLabels] = [:]
    /// Those whose routes disagree.
    private(set) var inconsistent: Set<TunnelKey> = []
    private(set) var segments: [NLRI: Segment] = [:]
    private var domains = DomainSpaces()
    /// How many labels and domains are of the own space of whom.
    private var owners: [IPAddress: Int] = [:]
    private var labelCount = 0
    private var domainCount = 0
    /// The routes whose labels there is no room for.
    var waiting = DistinctQueue<NLRI>()

    init(_ originator: IPv4Address, _ limits: ReceivedLabelLimits) {
        self.originator = originator
        self.limits = limits
    }

    var isEmpty: Bool { tunnels.isEmpty && segments.isEmpty && waiting.isEmpty }

    func isInconsistent(_ key: TunnelKey) -> Bool { inconsistent.contains(key) }

    // MARK: Tunnels

    func hasRoom(for said: SaidLabels) -> Bool {
        let new = tunnels[said.tunnel]?.new(said) ?? .init(labels: said.labels, domains: said.domains)
        return labelCount + new.labels.count <= limits.labels && domainCount + new.domains.count <= limits.domains
            && (!said.isOfOwner || owners[said.tunnel.owner] != nil || owners.count < limits.owners)
    }

    /// A route says labels of a tunnel.
    /// - Parameter hasRoom: for the labels; otherwise it counts only whether it agrees with others.
    func add(_ said: SaidLabels, hasRoom: Bool, to spaces: inout LabelSpaces) {
        let key = said.tunnel
        var tunnel = tunnels.removeValue(forKey: key) ?? TunnelLabels()
        let wasConsistent = tunnel.isConsistent
        tunnel.count(said.stance, by: 1)
        if wasConsistent, !tunnel.isConsistent {
            inconsistent.insert(key)
            unplace(tunnel.all, of: key, from: &spaces)
        }
        if hasRoom {
            let new = tunnel.add(said)
            countItems(new, of: key, by: 1)
            if tunnel.isConsistent { place(new, of: key, in: &spaces) }
        }
        tunnels[key] = tunnel
    }

    /// A route says them no more.
    func remove(_ said: SaidLabels, hadRoom: Bool, from spaces: inout LabelSpaces) {
        let key = said.tunnel
        guard var tunnel = tunnels.removeValue(forKey: key) else { return }
        let wasConsistent = tunnel.isConsistent
        if hadRoom {
            let gone = tunnel.remove(said)
            countItems(gone, of: key, by: -1)
            if wasConsistent { unplace(gone, of: key, from: &spaces) }
        }
        tunnel.count(said.stance, by: -1)
        if !wasConsistent, tunnel.isConsistent {
            inconsistent.remove(key)
            place(tunnel.all, of: key, in: &spaces)
        }
        if tunnel.routeCount > 0 { tunnels[key] = tunnel }
    }

    private func place(_ what: TunnelLabels.Difference, of key: TunnelKey, in spaces: inout LabelSpaces) {
        let assigner = LabelAssigner(address: key.owner, originator: originator)
        for label in what.labels { spaces.add(label, of: assigner) }
        for domain in what.domains { domains.add(domain, of: key.owner) }
    }

    private func unplace(_ what: TunnelLabels.Difference, of key: TunnelKey, from spaces: inout LabelSpaces) {
        let assigner = LabelAssigner(address: key.owner, originator: originator)
        for label in what.labels { spaces.remove(label, of: assigner) }
        for domain in what.domains { domains.remove(domain, of: key.owner) }
    }

    private func countItems(_ what: TunnelLabels.Difference, of key: TunnelKey, by sign: Int) {
        labelCount += sign * what.labels.count
        domainCount += sign * what.domains.count
        var own = 0
        for label in what.labels where label.space == .provider { own += 1 }
        for domain in what.domains where domain.space == .provider { own += 1 }
        guard own > 0 else { return }
        let count = owners[key.owner, default: 0] + sign * own
        owners[key.owner] = count > 0 ? count : nil
    }

    // MARK: Segments

    var hasRoomForSegment: Bool { segments.count < limits.segments }

    func removeSegment(_ nlri: NLRI, from spaces: inout LabelSpaces) {
        guard let segment = segments.removeValue(forKey: nlri) else { return }
        for place in segment.places { spaces.remove(label(of: segment, in: place), of: assigner(place)) }
    }

    /// Places a segment's label by where those of its broadcast domains are now.
    func settle(_ said: SaidSegment, of nlri: NLRI, in spaces: inout LabelSpaces) {
        removeSegment(nlri, from: &spaces)
        var segment = Segment(label: said.label)
        do throws(LabelFault) {
            segment.places = try said.places(among: domains.spaces(of: said.provider, said.targets))
        } catch {
            segment.fault = error.reason
        }
        for place in segment.places { spaces.add(label(of: segment, in: place), of: assigner(place)) }
        segments[nlri] = segment
    }

    /// Whether segments' labels are to be placed anew: broadcast domains have theirs elsewhere than when this was asked last.
    func takeDomainsChanged() -> Bool { domains.takeChanged() && !segments.isEmpty }

    /// Whether somebody says that a segment's label stands for something else.
    func isContradicted(_ segment: Segment, in spaces: LabelSpaces) -> Bool {
        for place in segment.places where spaces.isContradicted(label(of: segment, in: place), of: assigner(place)) {
            return true
        }
        return false
    }

    private func label(of segment: Segment, in place: OwnedSpace) -> PlacedLabel {
        PlacedLabel(segment.label, .segment, in: place.space)
    }

    private func assigner(_ place: OwnedSpace) -> LabelAssigner {
        LabelAssigner(address: place.owner ?? .ipv4(originator), originator: originator)
    }
}

extension TunnelLabels {
    /// All that its routes say.
    fileprivate var all: Difference {
        var all = Difference()
        all.labels.append(contentsOf: labels.keys)
        all.domains.append(contentsOf: domains.keys)
        return all
    }
}
