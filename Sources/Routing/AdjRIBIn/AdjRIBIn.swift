import Addressing
import BGP

/// What a neighbor has sent and what is kept of it (RFC 4271 §3.2): one table for each family.
final class AdjRIBIn {
    /// What the routes of all families take of what is limited.
    private(set) var holdings = ReceivedHoldings()
    private var tunnels = OfferedTunnels()
    private let tables = PerFamily { AdjRIBInTable(of: $0) }

    /// The table of a family.
    subscript(family: SessionFamily) -> AdjRIBInTable { tables[family] }

    /// The table in which a route belongs; `nil` for the families that are not taken from anybody.
    func table(of nlri: NLRI) -> AdjRIBInTable? { nlri.sessionFamily.map { tables[$0] } }

    /// Whether routes of any family were refused because the neighbor has all that it may.
    var hasRefusedForLimits: Bool { SessionFamily.allCases.contains { tables[$0].hasRefusedForLimits } }

    /// The next hops that its routes have.
    var providers: Set<IPAddress> {
        SessionFamily.allCases.reduce(into: []) { found, family in
            for route in tables[family].routes.values {
                if let provider = route.usedAttributes.nextHop?.resolvedAddress { found.insert(provider) }
            }
        }
    }

    /// Those of which its routes say that they take MPLS over UDP: routes that packets follow.
    var tunnelProviders: some Collection<IPAddress> { tunnels.providers }

    /// Whether they are others than when this was last asked.
    func takeTunnelChange() -> Bool { tunnels.takeChange() }

    /// The same attributes as they are held for other routes, or `attributes`.
    func held(_ attributes: PathAttributes) -> PathAttributes { holdings.attributes.held(attributes) }

    /// Puts a route in that is not there, or in the place of one that has been taken out.
    func insert(_ route: AdjRIBInTable.Route, _ nlri: NLRI, in table: AdjRIBInTable) {
        table.insert(route, nlri)
        holdings.add(route)
        if !table.family.isSignalling { tunnels.add(route.attributes) }
    }

    /// The former version of a route is about to be replaced.
    func forget(_ former: AdjRIBInTable.Route, in table: AdjRIBInTable) {
        table.forget(former)
        holdings.remove(former)
        if !table.family.isSignalling { tunnels.remove(former.attributes) }
    }

    /// The neighbor's route map is another and makes these attributes of the route's. Returns the route as it is now.
    func setChangedAttributes(
        _ changed: PathAttributes?, of nlri: NLRI, _ route: AdjRIBInTable.Route, in table: AdjRIBInTable
    ) -> AdjRIBInTable.Route {
        holdings.remove(route)
        var route = route
        route.changedAttributes = changed
        table.replace(nlri, route)
        holdings.add(route)
        return route
    }

    /// Takes a route out.
    func remove(_ nlri: NLRI, in table: AdjRIBInTable) -> AdjRIBInTable.Route? {
        guard let former = table.remove(nlri) else { return nil }
        forget(former, in: table)
        return former
    }
}

/// The routes of one family that a neighbor has sent.
final class AdjRIBInTable {
    struct Route {
        /// As they came in.
        let attributes: PathAttributes
        /// What the neighbor's route map made of them; `nil`: they are used as they came in.
        fileprivate(set) var changedAttributes: PathAttributes?
        let labels: ReceivedLabels
        /// Whether any VRF imports it by its targets, or it has its use elsewhere.
        fileprivate(set) var isImported: Bool
        let peerIdentifier: IPv4Address
        /// The value of ``AdjRIBInTable/generation`` when it was announced last.
        fileprivate(set) var generation: UInt32
        /// When it was first announced with these attributes.
        let learnedAt: Instant

        /// What it is used with.
        var usedAttributes: PathAttributes { changedAttributes ?? attributes }
    }

    let family: SessionFamily
    private(set) var routes: [NLRI: Route] = [:]
    /// Routes announced before the present generation began are stale: marking a million is one addition.
    private(set) var generation: UInt32 = 0
    /// The removal of many routes that is under way.
    private(set) var sweep: RouteSweep?
    /// Routes that are still to be looked at after the state of their next hop changed.
    private(set) var reselection: RouteReselection?
    /// What has changed since that began.
    private var nextReselection: RouteReselection.Scope?
    /// Whether routes are kept over a restart of the neighbor (RFC 4724 §4.2).
    private(set) var holdsStaleRoutes = false
    /// When those are dropped if nothing happens.
    private(set) var staleDeadline: Instant?
    /// When they are dropped at the latest, should the neighbor come back and not say that it has sent everything.
    private var staleLimit: Instant?
    /// Whether since the session came up, or since the last refresh, routes were left out that a change of
    /// eligibility or targets could call for.
    private(set) var hasLeftOutRoutes = false
    /// Whether, likewise, attributes were left out that a wider ``AttributePolicy`` could call for.
    private(set) var hasLeftOutAttributes = false
    /// Whether, likewise, routes were refused because the neighbor has all that it may; see ``ReceivedHoldings``.
    private(set) var hasRefusedForLimits = false
    /// RFC 7606 §2: nothing of this family counts until the session ends.
    private(set) var isDisabled = false
    private(set) var importedCount = 0
    /// Announcements that no VRF took.
    private(set) var notKeptCount: UInt64 = 0
    private(set) var rejections: [RouteRejection: RejectionCount] = [:]
    private(set) var rejected = RejectedRoutes()
    /// How often the warning threshold of `maximum-prefix` and the maximum itself were passed.
    private var prefixWarnings = RejectionCount()
    private var prefixExcesses = RejectionCount()

    init(of family: SessionFamily) { self.family = family }

    func isStale(_ route: Route) -> Bool { route.generation != generation }

    /// How many routes count: those that a sweep is still to remove do not.
    var heldCount: Int { routes.count - (sweep?.routesLeft ?? 0) }

    // MARK: Routes

    fileprivate func insert(_ route: Route, _ nlri: NLRI) {
        routes[nlri] = route
        if route.isImported { importedCount += 1 }
    }

    /// Puts a route in the place of one that is the same but for its changed attributes.
    fileprivate func replace(_ nlri: NLRI, _ route: Route) { routes[nlri] = route }

    fileprivate func remove(_ nlri: NLRI) -> Route? { routes.removeValue(forKey: nlri) }

    fileprivate func forget(_ former: Route) {
        sweep?.spare(former)
        if former.isImported { importedCount -= 1 }
    }

    /// A route as it is to be put in.
    func route(
        _ attributes: PathAttributes, changedTo changed: PathAttributes?, _ labels: ReceivedLabels,
        peerIdentifier: IPv4Address, learnedAt: Instant, isImported: Bool
    ) -> Route {
        Route(
            attributes: attributes, changedAttributes: changed, labels: labels, isImported: isImported,
            peerIdentifier: peerIdentifier, generation: generation, learnedAt: learnedAt)
    }

    /// The route has been announced again as it was.
    func `repeat`(_ nlri: NLRI, _ route: Route) {
        guard isStale(route) else { return }
        sweep?.spare(route)
        routes[nlri]?.generation = generation
    }

    /// Notes whether any VRF imports the route now.
    func setImported(_ isImported: Bool, _ nlri: NLRI, _ route: Route) {
        guard route.isImported != isImported else { return }
        routes[nlri]?.isImported = isImported
        importedCount += isImported ? 1 : -1
    }

    /// An emptied dictionary would keep its storage.
    func releaseStorage() {
        if routes.isEmpty { routes = [:] }
    }

    // MARK: What was not taken

    /// The route counts as withdrawn.
    func noteRejected(_ nlri: NLRI, _ reason: RouteRejection, _ attributes: PathAttributes, now: Instant) {
        rejected.note(nlri, reason, attributes, generation: generation, now: now)
    }

    /// The route is acceptable now, or withdrawn.
    func forgetRejected(_ nlri: NLRI) { rejected.remove(nlri) }

    /// What was rejected before the present generation began is gone.
    func forgetStaleRejections() { rejected.removeStale(generation) }

    func noteLeftOutRoutes() { hasLeftOutRoutes = true }
    func noteLeftOutAttributes() { hasLeftOutAttributes = true }
    func noteRefusedForLimits() { hasRefusedForLimits = true }
    func countNotKept() { notKeptCount += 1 }

    /// What was left out is asked for.
    func forgetLeftOut() {
        hasLeftOutRoutes = false
        hasLeftOutAttributes = false
    }

    /// What was refused for limits is asked for.
    func forgetRefusedForLimits() { hasRefusedForLimits = false }

    /// Counts a rejection; if a line is due for the log, how many there were since the last.
    func count(_ reason: RouteRejection, now: Instant) -> UInt64? {
        rejections[reason, default: RejectionCount()].add(now: now)
    }

    /// Whether it is due for the log that there are `count` routes, one more than before.
    func isReportDue(_ count: Int, _ limit: PrefixLimit, now: Instant) -> Bool {
        (count == Int(limit.warning) && prefixWarnings.add(now: now) != nil)
            || (count == Int(limit.maximum) + 1 && prefixExcesses.add(now: now) != nil)
    }

    // MARK: Sessions, restarts and refreshes

    /// A session has come up.
    func begin() {
        forgetLeftOut()
        hasRefusedForLimits = false
        isDisabled = false
    }

    func disable() { isDisabled = true }

    /// What has been announced up to now is stale until it is announced again.
    func beginGeneration() { generation &+= 1 }

    /// The routes are kept over a restart, until `deadline` if nothing happens and until `limit` whatever happens.
    func keepStale(until deadline: Instant, atMost limit: Instant) {
        beginGeneration()
        forgetStaleRejections()
        holdsStaleRoutes = true
        staleLimit = limit
        staleDeadline = deadline
    }

    /// The neighbor is back, and it still forwards by what it sent.
    func awaitRepetition() { staleDeadline = staleLimit }

    func endStale() {
        holdsStaleRoutes = false
        staleDeadline = nil
    }

    // MARK: Work in portions

    /// Begins to remove what is stale, and returns how many routes that are.
    func beginSweep() -> Int {
        // An earlier sweep's routes are older still, and so among these.
        sweep = nil
        let new = RouteSweep(self)
        if new.routesLeft > 0 { sweep = new }
        return new.routesLeft
    }

    /// The next route that a sweep looks at, and whether it is to go.
    func nextOfSweep() -> (nlri: NLRI, isToGo: Bool)? {
        guard let nlri = sweep?.popNext() else { return nil }
        return (nlri, routes[nlri].map { sweep?.removes($0) == true } ?? false)
    }

    /// Ends the sweep if all its routes have been looked at.
    func endSweep() {
        guard sweep?.isOver == true else { return }
        sweep = nil
        releaseStorage()
    }

    func abandonSweep() { sweep = nil }

    /// Begins to look at routes anew, behind what is under way: next hops that come and go all the time hold up no others.
    /// Returns how many routes are to be gone through; `nil`: it is not their turn yet.
    func beginReselection(of scope: RouteReselection.Scope) -> Int? {
        guard reselection == nil else {
            nextReselection = scope.union(nextReselection)
            return nil
        }
        let new = RouteReselection(of: scope, in: self)
        reselection = new
        return new.routesLeft
    }

    /// The next route that is gone through; without one that is there and concerned.
    func nextOfReselection() -> (nlri: NLRI, route: Route?)? {
        guard let nlri = reselection?.popNext() else { return nil }
        guard let route = routes[nlri], reselection?.scope.covers(route) == true else { return (nlri, nil) }
        return (nlri, route)
    }

    /// Ends the reselection if all routes have been gone through, and begins the next one.
    func endReselection() {
        guard reselection?.isOver == true else { return }
        reselection = nextReselection.map { RouteReselection(of: $0, in: self) }
        nextReselection = nil
    }
}
