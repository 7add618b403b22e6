import Addressing
import BGP

/// The routes of one VRF.
final class VRFState {
    /// What a prefix is used for.
    enum Selection {
        case none
        case local(LocalRoute)
        case path(Path)

        var action: ForwardingAction? {
            switch self {
            case .none: nil
            case .local(let route): route.action
            case .path(let path): path.action
            }
        }

        var isLocal: Bool {
            if case .local = self { return true }
            return false
        }
    }

    var inputs: VRFInputs
    var locals: [IPPrefix: LocalRoute] = [:]
    private(set) var paths: [IPPrefix: PathSet] = [:]
    /// Inside these no path is used.
    var connectedSubnets = ConnectedSubnets()
    /// Whether imported routes were refused because of `maximum routes`.
    var hasRefusedRoutes = false
    /// Whether the refusal has been reported.
    var hasReportedMaximum = false
    var routeWarnings = RejectionCount()
    /// When to try again to import what was refused: there is room.
    var admissionRetryAt: Instant?

    init(_ inputs: VRFInputs) { self.inputs = inputs }

    var name: String { inputs.name }
    /// What `maximum routes` limits; a prefix that is both local and imported counts twice.
    var routeCount: Int { locals.count + paths.count }
    var hasRoom: Bool { inputs.maximumRoutes.map { routeCount < $0 } ?? true }

    func selection(for prefix: IPPrefix) -> Selection {
        guard let path = paths[prefix]?.best, path.nextHop != .unreachable, !connectedSubnets.cover(prefix) else {
            return locals[prefix].map(Selection.local) ?? .none
        }
        if let local = locals[prefix],
            local.distance <= LocalRoute.externalBGPDistance || path.nextHop == .unresolved
        {
            return .local(local)
        }
        return .path(path)
    }

    /// The attributes of the path in use; `nil` where there is none.
    func learntAttributes(of prefix: IPPrefix) -> PathAttributes? {
        if case .path(let path) = selection(for: prefix) { return path.attributes }
        return nil
    }

    func insert(_ path: Path, for prefix: IPPrefix) {
        if paths[prefix]?.insert(path) == nil { paths[prefix] = PathSet(path) }
    }

    func remove(_ neighbor: NeighborState, _ routeDistinguisher: RouteDistinguisher, for prefix: IPPrefix) {
        if paths[prefix]?.remove(neighbor, routeDistinguisher) == false { paths[prefix] = nil }
    }

    func followNextHop(
        of neighbor: NeighborState, _ routeDistinguisher: RouteDistinguisher, for prefix: IPPrefix
    ) {
        paths[prefix]?.followNextHop(of: neighbor, routeDistinguisher)
    }

    func removeAll(for prefix: IPPrefix) { paths[prefix] = nil }

    func contains(_ neighbor: NeighborState, _ routeDistinguisher: RouteDistinguisher, for prefix: IPPrefix) -> Bool {
        paths[prefix]?.contains(neighbor, routeDistinguisher) ?? false
    }
}
