import Addressing
import BGP

/// What the routes of one PE say of labels, tunnel by tunnel and segment by segment, and what of that is placed.
final class ProviderLabels {
    /// So many labels may one PE have in all tables: one that says ever new ones fills no table of others.
    static let limit = 65_536

    /// A route of a segment, with what of it is placed.
    private struct Segment {
        let said: SaidSegment
        var placed: [PlacedLabel] = []
        var fault: RouteRejection?
    }

    let address: IPAddress
    private(set) var tunnels: [PMSITunnel.Tree: TunnelLabels] = [:]
    private var segments: [NLRI: Segment] = [:]
    /// In how many tunnels that count broadcast domains have their labels in each space.
    private var domainSpaces: [PlacedLabel.Space: Int] = [:]
    /// How many labels its tunnels and segments say.
    private(set) var labelCount = 0

    init(_ address: IPAddress) { self.address = address }

    var isEmpty: Bool { tunnels.isEmpty && segments.isEmpty }

    /// Whether it may have so many labels more.
    func hasRoom(for count: Int) -> Bool { labelCount + count <= Self.limit }

    // MARK: Tunnels

    /// A route says labels of a tunnel.
    /// - Returns: whether the tunnel's routes agree.
    func add(_ said: SaidLabels, to spaces: inout LabelSpaces) -> Bool {
        var tunnel = tunnels.removeValue(forKey: said.tree) ?? TunnelLabels()
        let former = tunnel.isConsistent ? Array(tunnel.domainSpaces.keys) : []
        let wasConsistent = tunnel.isConsistent
        let new = tunnel.add(said)
        labelCount += new.count
        if tunnel.isConsistent {
            for label in new { spaces.add(label, of: address) }
        } else if wasConsistent {
            // What was placed for the routes before it.
            let added = Set(new)
            for label in tunnel.labels.keys where !added.contains(label) { spaces.remove(label, of: address) }
        }
        follow(former, tunnel)
        tunnels[said.tree] = tunnel
        return tunnel.isConsistent
    }

    /// A route says them no more.
    func remove(_ said: SaidLabels, from spaces: inout LabelSpaces) {
        guard var tunnel = tunnels.removeValue(forKey: said.tree) else { return }
        let former = tunnel.isConsistent ? Array(tunnel.domainSpaces.keys) : []
        let wasConsistent = tunnel.isConsistent
        let gone = tunnel.remove(said)
        labelCount -= gone.count
        if wasConsistent {
            for label in gone { spaces.remove(label, of: address) }
        } else if tunnel.isConsistent {
            for label in tunnel.labels.keys { spaces.add(label, of: address) }
        }
        follow(former, tunnel)
        if tunnel.routeCount > 0 { tunnels[said.tree] = tunnel }
    }

    /// Broadcast domains of a tunnel have their labels elsewhere.
    private func follow(_ former: [PlacedLabel.Space], _ tunnel: TunnelLabels) {
        for space in former {
            guard let count = domainSpaces[space] else { continue }
            domainSpaces[space] = count > 1 ? count - 1 : nil
        }
        guard tunnel.isConsistent else { return }
        for space in tunnel.domainSpaces.keys { domainSpaces[space, default: 0] += 1 }
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
