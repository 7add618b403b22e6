import Addressing
import BGP

/// What a neighbor of the own network has said of the VPN routes that it wants (RFC 4684 §6), with what has become of that.
/// The routes that say it are in its Adj-RIB-In.
final class ReceivedMembership {
    /// How long the whole of it is waited for before VPN routes are sent (RFC 4684 §6: by default).
    static let longestWaitSeconds: UInt32 = 60

    private var wanted = WantedTargets()
    /// While nothing is sent because its membership may not be whole: when that ends at the latest.
    private(set) var waitsUntil: Instant?
    /// What is said anew, or no more, since this was last asked for.
    private var changes: Set<RouteTargetPrefix> = []
    /// Whether a VRF's routes are wanted: without an export map it gives all the same targets.
    private var answers = NumberedTable<VRFNumber, Bool>()
    /// The same before the changes.
    private var formerAnswers = NumberedTable<VRFNumber, Bool>()
    /// Routes with equal attributes follow each other.
    private var last: (attributes: PathAttributes, isWanted: Bool)?

    var isAwaited: Bool { waitsUntil != nil }

    var hasChanges: Bool { !changes.isEmpty }

    /// VPN routes wait for the neighbor's End-of-RIB.
    func await(until deadline: Instant) { waitsUntil = deadline }

    func endWait() { waitsUntil = nil }

    // MARK: What it says

    func insert(_ membership: RouteTargetMembership) {
        if wanted.insert(membership.targets) { note(membership.targets) }
    }

    func remove(_ membership: RouteTargetMembership) {
        if wanted.remove(membership.targets) { note(membership.targets) }
    }

    private func note(_ prefix: RouteTargetPrefix) {
        if changes.isEmpty {
            formerAnswers = answers
            answers = NumberedTable()
        }
        last = nil
        changes.insert(prefix)
    }

    /// What has changed, which nobody has to follow any more afterwards.
    func takeChanges() -> [RouteTargetPrefix] {
        defer { changes = [] }
        return Array(changes)
    }

    // MARK: What it wants

    /// Whether routes with these attributes are wanted.
    func wants(_ attributes: PathAttributes) -> Bool {
        guard !isAwaited else { return false }
        if let last, last.attributes == attributes { return last.isWanted }
        let isWanted = wanted.wants(attributes.contents.extendedCommunities)
        last = (attributes, isWanted)
        return isWanted
    }

    /// Whether routes that get these communities are wanted.
    func wants(_ communities: [ExtendedCommunity]) -> Bool { !isAwaited && wanted.wants(communities) }

    /// Whether routes of a VRF are wanted.
    ///
    /// - Parameter communities: what its routes get for the neighbor; asked for once.
    func wants(_ vrf: VRFNumber, giving communities: () -> [ExtendedCommunity]) -> Bool {
        guard !isAwaited else { return false }
        if let known = answers[vrf] { return known }
        let isWanted = wanted.wants(communities())
        answers[vrf] = isWanted
        return isWanted
    }

    /// Whether a VRF's routes were wanted before the changes; `nil`: nobody has asked.
    func formerlyWanted(_ vrf: VRFNumber) -> Bool? { formerAnswers[vrf] }

    /// What a VRF gives, or its number, may be another.
    func forgetAnswers() {
        answers = NumberedTable()
        formerAnswers = NumberedTable()
    }
}

extension NeighborState {
    /// Whether it gets only the VPN routes that it wants: it has agreed to say which. Where what it says cannot be read
    /// (RFC 7606 §2) it gets all, as without the family.
    var saysWhatItWants: Bool { exchanges(.routeTargets) && !received[.routeTargets].isDisabled }

    /// Whether what it wants is still to come.
    var isMembershipAwaited: Bool { membership.isAwaited && saysWhatItWants }

    /// Whether it is to have VPN routes with these attributes.
    func wants(_ attributes: PathAttributes) -> Bool { !saysWhatItWants || membership.wants(attributes) }

    /// Whether it is to have a VRF's route, which may have targets that the VRF's export map gave it.
    func wants(_ export: Export, of vrf: VRFState) -> Bool {
        guard saysWhatItWants, let targets = export.targets else { return wants(vrf) }
        return membership.wants(vrf.inputs.exportCommunities(to: inputs, changedBy: targets))
    }

    /// Whether it is to have VPN routes of a VRF that have the VRF's targets.
    func wants(_ vrf: VRFState) -> Bool {
        !saysWhatItWants || membership.wants(vrf.number) { vrf.inputs.exportCommunities(to: inputs) }
    }
}
