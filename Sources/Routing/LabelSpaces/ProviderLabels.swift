import Addressing
import BGP

/// What the routes of one PE say of labels, tunnel by tunnel and segment by segment, and what of that is placed.
final class ProviderLabels {
    /// So many labels may one PE have in all tables: a tunnel whose routes begin to disagree has so many to move at most.
    static let limit = 16_384
    /// Likewise segments, whose labels move when the PE's broadcast domains change their space.
    static let segmentLimit = 4096

    /// A route of a segment, with what of it is placed.
    private struct Segment {
        let said: SaidSegment
        var placed: [PlacedLabel] = []
        var fault: RouteRejection?
    }

    let address: LabelAssigner
    private(set) var tunnels: [PMSITunnel.Tree: TunnelLabels] = [:]
    private var segments: [NLRI: Segment] = [:]
    /// In how many tunnels that count broadcast domains have their labels in each space.
    private var domainSpaces: [PlacedLabel.Space: Int] = [:]
    /// How many labels its tunnels and segments say.
    private(set) var labelCount = 0

    init(_ address: LabelAssigner) { self.address = address }

    var isEmpty: Bool { tunnels.isEmpty && segments.isEmpty }

    /// Whether it may have so many labels more.
    func hasRoom(for count: Int) -> Bool { labelCount + count <= Self.limit }

    /// Whether it may have one segment more.
    var hasRoomForSegment: Bool { segments.count < Self.segmentLimit && hasRoom(for: 1) }

    // MARK: Tunnels

    /// A route says labels of a tunnel.
    /// - Returns: whether the tunnel's routes agree.
    func add(_ said: SaidLabels, to spaces: inout LabelSpaces) -> Bool {
        var tunnel = tunnels.removeValue(forKey: said.tree) ?? TunnelLabels()
        let wasConsistent = tunnel.isConsistent
        let former = tunnel.domainSpaces
        let new = tunnel.add(said)
        labelCount += new.count
        if tunnel.isConsistent {
            for label in new { spaces.add(label, of: address) }
            if let space = said.domainSpace, former[space] == nil { countDomains(in: space, by: 1) }
        } else if wasConsistent {
            // What was placed for the routes before it.
            let added = Set(new)
            for label in tunnel.labels.keys where !added.contains(label) { spaces.remove(label, of: address) }
            for space in former.keys { countDomains(in: space, by: -1) }
        }
        tunnels[said.tree] = tunnel
        return tunnel.isConsistent
    }

    /// A route says them no more.
    func remove(_ said: SaidLabels, from spaces: inout LabelSpaces) {
        guard var tunnel = tunnels.removeValue(forKey: said.tree) else { return }
        let wasConsistent = tunnel.isConsistent
        let gone = tunnel.remove(said)
        labelCount -= gone.count
        if wasConsistent {
            for label in gone { spaces.remove(label, of: address) }
            if let space = said.domainSpace, tunnel.domainSpaces[space] == nil { countDomains(in: space, by: -1) }
        } else if tunnel.isConsistent {
            for label in tunnel.labels.keys { spaces.add(label, of: address) }
            for space in tunnel.domainSpaces.keys { countDomains(in: space, by: 1) }
        }
        if tunnel.routeCount > 0 { tunnels[said.tree] = tunnel }
    }

    private func countDomains(in space: PlacedLabel.Space, by difference: Int) {
        let count = domainSpaces[space, default: 0] + difference
        domainSpaces[space] = count > 0 ? count : nil
    }

    // MARK: Segments

    func add(_ said: SaidSegment, of nlri: NLRI) {
        segments[nlri] = Segment(said: said)
        labelCount += 1
    }

    func removeSegment(_ nlri: NLRI, from spaces: inout LabelSpaces) {
        guard let segment = segments.removeValue(forKey: nlri) else { return }
        labelCount -= 1
        for label in segment.placed { spaces.remove(label, of: address) }
    }

    /// The spaces in which broadcast domains have their labels.
    var domains: Set<PlacedLabel.Space> { Set(domainSpaces.keys) }

    var hasSegments: Bool { !segments.isEmpty }

    /// Places the segments' labels by where those of broadcast domains are now.
    /// - Parameter changed: the one that is looked at; `nil`: all.
    /// - Returns: whose labels are placed nowhere for a reason that is new.
    func settleSegments(_ changed: NLRI? = nil, in spaces: inout LabelSpaces) -> [(nlri: NLRI, fault: RouteRejection)] {
        let domains = domains
        var faults: [(nlri: NLRI, fault: RouteRejection)] = []
        let concerned = changed.map { [$0] } ?? Array(segments.keys)
        for nlri in concerned {
            guard var segment = segments[nlri] else { continue }
            let formerFault = segment.fault
            for label in segment.placed { spaces.remove(label, of: address) }
            do throws(LabelFault) {
                segment.placed = try segment.said.placed(domains: domains) ?? []
                segment.fault = nil
            } catch {
                segment.placed = []
                segment.fault = error.reason
                if error.reason != formerFault { faults.append((nlri, error.reason)) }
            }
            for label in segment.placed { spaces.add(label, of: address) }
            segments[nlri] = segment
        }
        return faults
    }
}
