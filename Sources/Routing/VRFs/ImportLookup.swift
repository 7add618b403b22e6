import Addressing
import BGP

/// An ``ImportIndex`` that remembers its answers: a million routes share some ten thousand sets of attributes, and
/// whatever goes through all of a neighbor's routes meets them in no particular order.
struct ImportLookup {
    /// The answers that are remembered at most; they keep their attributes in memory.
    private static let capacity = 16_384

    private let index: ImportIndex
    private var neighbor: PeerAddress?
    private var family = AddressFamily.ipv4
    private var answers: [PathAttributes: [VRFState]] = [:]

    init(_ index: ImportIndex = ImportIndex()) { self.index = index }

    /// The VRFs that a route enters.
    struct Importers {
        /// Each once.
        let vrfs: [VRFState]
        /// Why it does not enter one that its targets lead to.
        let rejection: RouteRejection?
    }

    /// The VRFs that a route of `neighbor` to `prefix` enters.
    /// - Parameter attributes: as the neighbor's route map leaves them.
    mutating func importers(
        of prefix: IPPrefix, _ attributes: PathAttributes, from neighbor: NeighborInputs
    ) -> Importers {
        let byTargets = vrfs(importing: attributes, from: neighbor, prefix.family)
        guard index.hasDemands else { return Importers(vrfs: byTargets, rejection: nil) }
        var permitting: [VRFState] = []
        var rejection: RouteRejection?
        for vrf in byTargets {
            if let reason = index.rejection(of: prefix, attributes, by: vrf) {
                rejection = reason
            } else {
                permitting.append(vrf)
            }
        }
        return Importers(vrfs: permitting, rejection: rejection)
    }

    private mutating func vrfs(
        importing attributes: PathAttributes, from neighbor: NeighborInputs, _ family: AddressFamily
    ) -> [VRFState] {
        if self.neighbor != neighbor.peer || self.family != family || answers.count >= Self.capacity {
            self.neighbor = neighbor.peer
            self.family = family
            answers.removeAll(keepingCapacity: true)
        }
        if let known = answers[attributes] { return known }
        let vrfs = index.vrfs(importing: attributes, from: neighbor, family)
        // A neighbor decides how many and how long the attributes are that nobody imports: those are not kept for it.
        // Nor are large ones, which would stay here when their routes are withdrawn.
        if !vrfs.isEmpty, !attributes.isLarge { answers[attributes] = vrfs }
        return vrfs
    }
}
