import Addressing
import BGP

/// What a neighbor has been told and is to be told (RFC 4271 §3.2), with the labels by which it may be told anything.
final class AdjRIBOut {
    /// A route as it was sent last.
    struct Route {
        let attributes: PathAttributes
        /// Implicit null where the family's routes have none.
        let label: GivenLabel
        /// Whether the label was given here, and not by whoever's route is reflected.
        let isOwnLabel: Bool
        /// Whether the neighbor asked for it again.
        fileprivate(set) var mustBeResent = false

        /// The same, sent again.
        var resent: Route { Route(attributes: attributes, label: label, isOwnLabel: isOwnLabel) }
    }

    /// What attributes of own routes depend on besides the neighbor.
    struct OwnRoutesKey: Hashable {
        let routeDistinguisher: RouteDistinguisher
        let family: SessionFamily
    }

    /// One family.
    final class Table {
        fileprivate(set) var routes: [NLRI: Route] = [:]
        /// Marks that are due when everything pending has been sent, or before it.
        fileprivate(set) var isEndOfRIBDue = false
        fileprivate(set) var isRefreshBeginDue = false
        fileprivate(set) var isRefreshEndDue = false
    }

    /// So many routes wait for each other.
    private static let mostThatWait = 100_000

    /// What may have to be sent: routes whose wanted state differs, or may differ, from what was sent last.
    private(set) var pending = PendingRoutes()
    /// The same of which VPN routes we want, which goes before all else: their exchange follows it (RFC 4684 §6).
    private(set) var pendingMembership = PendingRoutes()
    /// What is still to be looked at for that.
    private(set) var review = ExportReview()
    /// Whether that has found routes that the owner is to be told of when it is over.
    private var hasReviewed = false
    /// Whether there may be output that the owner has not been told of.
    private(set) var needsSignal = false
    /// Whether the owner has been told that there is output and has not fetched all of it.
    private var isSignalled = false
    private let tables = PerFamily { _ in Table() }
    /// How many of the routes carry each label that was given here.
    private var labelUses: [GivenLabel: Int] = [:]
    /// Those that no route carries any more since this was last asked for.
    private var unusedLabels: [GivenLabel] = []
    /// Whether End-of-RIB was sent since this was last asked for.
    private var hasSentEndOfRIB = false
    private var largeAttributes = LargeAttributes()
    /// The labels by which routes of VRFs may be advertised: those that are installed.
    private var installedLabels = NumberedTable<VRFNumber, GivenLabel>()
    /// The VRFs whose labels are about to be installed.
    private var awaitedLabels: Set<VRFNumber> = []
    /// The labels that the neighbor may use, whether new routes are advertised by them or not.
    private var validLabels: Set<GivenLabel> = []
    /// The attributes of a VRF's own routes, made once.
    private var ownAttributes: [OwnRoutesKey: PathAttributes] = [:]

    /// The table of a family.
    subscript(family: SessionFamily) -> Table { tables[family] }

    /// The table in which a route belongs; `nil` for the families that are not given to anybody.
    func table(of nlri: NLRI) -> Table? { nlri.sessionFamily.map { tables[$0] } }

    // MARK: What is to be sent

    /// Notes that a route may have to be sent, by an UPDATE that it probably shares with others of `attributes`.
    func enqueue(_ nlri: NLRI, like attributes: PathAttributes?) {
        if case .routeTargets = nlri {
            pendingMembership.insert(nlri, like: attributes)
        } else {
            pending.insert(nlri, like: attributes)
        }
        needsSignal = true
    }

    func popPending(_ limit: Int) -> [NLRI] { pending.popFirst(limit) }
    func popPendingMembership(_ limit: Int) -> [NLRI] { pendingMembership.popFirst(limit) }

    /// How many routes may have to be sent.
    var pendingCount: Int { pending.count + pendingMembership.count }

    /// There may be something to send beside routes.
    func requestSignal() { needsSignal = true }

    /// Whether the owner is to be told of output now.
    func takeSignal() -> Bool {
        needsSignal = false
        defer { isSignalled = true }
        return !isSignalled
    }

    /// Everything that was pending has been fetched.
    func noteDrained() {
        isSignalled = false
        needsSignal = false
    }

    // MARK: What is to be looked at

    func beginReview(of parts: [ExportReview.Part]) {
        for part in parts { review.add(part) }
    }

    func nextOfReview() -> ExportReview.Step? { review.popNext() }

    /// Notes a route that the review has found. So that many leave in few UPDATEs they wait for each other, but for what has to be
    /// sent apart from them.
    func enqueueReviewed(_ nlri: NLRI, like attributes: PathAttributes?) {
        pending.insert(nlri, like: attributes)
        hasReviewed = true
        if pending.count >= Self.mostThatWait { needsSignal = true }
    }

    /// Some of the review has been done.
    func endReview() {
        // What closes a transmission may have waited for that.
        guard review.isOver, hasReviewed || isEndOfRIBDue || isRefreshEndDue else { return }
        hasReviewed = false
        needsSignal = true
    }

    private var isRefreshEndDue: Bool { SessionFamily.allCases.contains { tables[$0].isRefreshEndDue } }

    // MARK: What has been sent

    /// The same attributes as they are held for other routes, or `attributes`.
    func held(_ attributes: PathAttributes) -> PathAttributes { largeAttributes.held(attributes) }

    /// A route is sent, in place of `former`.
    func insert(_ route: Route, _ nlri: NLRI, replacing former: Route?, in table: Table) {
        if let former { forget(former) }
        count(route, 1)
        largeAttributes.add(route.attributes)
        table.routes[nlri] = route
    }

    /// A route is withdrawn.
    func remove(_ nlri: NLRI, _ former: Route, in table: Table) {
        table.routes[nlri] = nil
        forget(former)
    }

    private func forget(_ former: Route) {
        count(former, -1)
        largeAttributes.remove(former.attributes)
    }

    private func count(_ route: Route, _ change: Int) {
        guard route.isOwnLabel else { return }
        route.label.visit { label in
            let count = (labelUses[label] ?? 0) + change
            labelUses[label] = count == 0 ? nil : count
            if count == 0 { unusedLabels.append(label) }
        }
    }

    func usesLabel(_ label: GivenLabel) -> Bool { labelUses[label] != nil }

    /// The labels that the last route that carried them has given up since this was last asked for; one may be in use again.
    func takeUnusedLabels() -> [GivenLabel] {
        guard !unusedLabels.isEmpty else { return [] }
        defer { unusedLabels = [] }
        return unusedLabels
    }

    /// Whether End-of-RIB was sent since this was last asked for.
    func takeHasSentEndOfRIB() -> Bool { take(&hasSentEndOfRIB) }

    /// The neighbor asked for all routes of a family again (RFC 2918 §4).
    func resendAll(_ family: SessionFamily, isMarked: Bool) {
        let table = self[family]
        for nlri in Array(table.routes.keys) {
            table.routes[nlri]?.mustBeResent = true
            enqueue(nlri, like: table.routes[nlri]?.attributes)
        }
        guard isMarked else { return }
        table.isRefreshBeginDue = true
        table.isRefreshEndDue = true
        needsSignal = true
    }

    // MARK: Marks

    /// A session with the family is up: End-of-RIB follows the routes.
    func begin(_ family: SessionFamily) { self[family].isEndOfRIBDue = true }

    func isEndOfRIBDue(_ family: SessionFamily) -> Bool { self[family].isEndOfRIBDue }

    var isEndOfRIBDue: Bool { SessionFamily.allCases.contains { tables[$0].isEndOfRIBDue } }

    /// Whether a mark is due; it is not afterwards.
    func takeRefreshBegin(_ family: SessionFamily) -> Bool { take(&self[family].isRefreshBeginDue) }
    func takeRefreshEnd(_ family: SessionFamily) -> Bool { take(&self[family].isRefreshEndDue) }
    func takeEndOfRIB(_ family: SessionFamily) -> Bool {
        guard take(&self[family].isEndOfRIBDue) else { return false }
        hasSentEndOfRIB = true
        return true
    }

    private func take(_ mark: inout Bool) -> Bool {
        defer { mark = false }
        return mark
    }

    /// Forgets what was sent and what was to be sent: the session is over.
    func end() {
        pending = PendingRoutes()
        pendingMembership = PendingRoutes()
        review = ExportReview()
        hasReviewed = false
        noteDrained()
        labelUses = [:]
        unusedLabels = []
        largeAttributes = LargeAttributes()
        for family in SessionFamily.allCases {
            let table = self[family]
            table.routes = [:]
            table.isEndOfRIBDue = false
            table.isRefreshBeginDue = false
            table.isRefreshEndDue = false
        }
    }

    // MARK: By what it may be sent

    /// The label by which routes of the VRF may be advertised; `nil` while none is installed.
    func label(of vrf: VRFNumber) -> GivenLabel? { installedLabels[vrf] }

    func setLabel(_ label: GivenLabel?, of vrf: VRFNumber) { installedLabels[vrf] = label }

    /// Whether routes of the VRF may be advertised soon, by a label that is being installed.
    func awaitsLabel(of vrf: VRFNumber) -> Bool { awaitedLabels.contains(vrf) }

    func setAwaited(_ isAwaited: Bool, of vrf: VRFNumber) {
        if isAwaited { awaitedLabels.insert(vrf) } else { awaitedLabels.remove(vrf) }
    }

    /// Whether the neighbor may use what it was sent a route with.
    func isValid(_ route: Route) -> Bool { route.isOwnLabel && route.label.allSatisfy(validLabels.contains) }

    func setValid(_ label: GivenLabel, _ isValid: Bool) {
        if isValid { validLabels.insert(label) } else { validLabels.remove(label) }
    }

    /// The attributes of own routes, made once.
    func ownAttributes(_ key: OwnRoutesKey, make: () -> PathAttributes) -> PathAttributes {
        if let known = ownAttributes[key] { return known }
        let made = make()
        ownAttributes[key] = made
        return made
    }

    /// What they depend on may be another.
    func forgetOwnAttributes() { ownAttributes = [:] }
}
