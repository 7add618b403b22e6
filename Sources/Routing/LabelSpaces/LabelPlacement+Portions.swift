import Addressing
import BGP

/// What is to be looked at again.
struct PlacementWork {
    /// Those that the common block of now has not placed yet, or that have had no room at all.
    private var sweep: ArraySlice<NLRI> = []
    /// Segments of which broadcast domains have moved.
    private var segments = DistinctQueue<NLRI>()
    /// Routers with more room than before, of which routes wait.
    private var admissions = DistinctQueue<IPv4Address>()

    var isEmpty: Bool { sweep.isEmpty && segments.isEmpty && admissions.isEmpty }
    var isSweeping: Bool { !sweep.isEmpty }
    /// How many routes it is about, but for those that wait.
    var count: Int { sweep.count + segments.count }

    mutating func sweep(_ routes: some Collection<NLRI>) { sweep.append(contentsOf: routes) }

    mutating func add(segments routes: some Collection<NLRI>) {
        for nlri in routes where !segments.contains(nlri) { segments.append(nlri) }
    }

    mutating func admit(_ router: IPv4Address) {
        if !admissions.contains(router) { admissions.append(router) }
    }

    mutating func nextOfSweep() -> NLRI? { sweep.popFirst() }

    mutating func nextSegment() -> NLRI? { segments.popFirst() }

    mutating func nextAdmission() -> IPv4Address? { admissions.popFirst() }
}

extension LabelPlacement {
    /// So many routes are looked at within the event that calls for it.
    private static let lookedAtAtOnce = 16
    /// So many of a router's waiting routes are tried in a row: one that is too large holds up none of the others.
    private static let triedAtOnce = 16
    /// Looking at a segment takes longer with many route targets.
    private static let targetsForOne = 16

    /// Whether there is work for ``goOn(limit:)``.
    var hasMoreToDo: Bool { !work.isEmpty }

    func goOnAtOnce() {
        guard hasMoreToDo, work.count <= Self.lookedAtAtOnce else { return }
        _ = goOn(limit: Self.lookedAtAtOnce)
    }

    /// Looks at the next routes that are to be placed anew: with another common block all, with broadcast domains elsewhere their segments,
    /// with more room what waits.
    /// - Returns: how many were looked at.
    func goOn(limit: Int) -> Int {
        var looked = 0
        while looked < limit, let nlri = work.nextOfSweep() {
            looked += 1
            settle(nlri)
        }
        if !work.isSweeping {
            forgetFormerBlocks()
            admitRouters()
        }
        while looked < limit, let nlri = work.nextSegment() {
            looked += 1 + (placed[nlri]?.attributes.contents.extendedCommunities.count ?? 0) / Self.targetsForOne
            settleSegment(nlri)
        }
        while looked < limit, let originator = work.nextAdmission() {
            looked += admit(originator, limit: min(Self.triedAtOnce, limit - looked))
        }
        return looked
    }

    /// Tries routes of a router that wait.
    /// - Returns: how many.
    private func admit(_ originator: IPv4Address, limit: Int) -> Int {
        guard let router = routers[originator] else { return 0 }
        var tried = 0
        var left: [NLRI] = []
        while tried < limit, let nlri = router.waiting.popFirst() {
            tried += 1
            if !tryAgain(nlri, of: router) { left.append(nlri) }
        }
        for nlri in left { router.waiting.append(nlri) }
        if left.count < tried, !router.waiting.isEmpty { work.admit(originator) }
        return max(1, tried)
    }

    /// - Returns: whether there is room now.
    private func tryAgain(_ nlri: NLRI, of router: RouterLabels) -> Bool {
        guard let former = placed[nlri] else { return false }
        switch Said(nlri, former.attributes, block: blocks[former.block]) {
        case .tunnel(let said)?: guard router.hasRoom(for: said) else { return false }
        case .segment?: guard router.hasRoomForSegment else { return false }
        case nil: return false
        }
        settle(nlri, anew: true)
        return true
    }
}
