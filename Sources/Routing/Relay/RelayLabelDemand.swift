/// Which labels routes call for, relayed or of VRFs: what has changed since it was last looked at, by owner.
struct RelayLabelDemand {
    /// Why routes are given by a label no longer.
    enum End {
        /// They are given by another: who has not heard of that goes on by this one, be he away for a restart.
        case superseded
        /// The neighbor may not have what it leads to any more, or nobody follows where that leads: it is not for who is away.
        case refused
        /// What it leads to is not there.
        case gone
    }

    /// What has become of an owner.
    struct Change {
        /// Where the label is to lead by which routes are to be given; `nil` if none is.
        fileprivate(set) var target: LabelTarget?
        /// Whether the neighbor may use the label only while it is there to read that it may not.
        fileprivate(set) var isRefused = false
        /// Whether what the label led to was gone at any time: nobody may use it any more. What comes back is another.
        fileprivate(set) var isGone = false
        /// The same of what a label of a single route's own may have led to.
        fileprivate(set) var goneTargets: [LabelTarget] = []

        /// Whether what it leads to has come up: a label that is there from before was for another.
        fileprivate(set) var isAnew = false

        /// Of a VRF's that no route is given by any more: whether what it led to is not there, either.
        fileprivate(set) var isDead = false

        /// Whether a label that has led to the target may not be used any more.
        ///
        /// - Parameter isInherited: whether the process before this one had it: then what comes up has been there before.
        func isEnd(of target: LabelTarget?, isInherited: Bool) -> Bool {
            isGone || (isAnew && !isInherited) || target.map(goneTargets.contains) ?? false
        }
    }

    private var changes: [LabelOwner: Change] = [:]
    /// In the order in which they came first.
    private var order: [LabelOwner] = []

    /// Routes are to be given by a label that leads to the target.
    mutating func noteWanted(_ target: LabelTarget, _ owner: LabelOwner) {
        change(owner) { ($0.target, $0.isDead, $0.isRefused) = (target, false, false) }
    }

    /// No route is.
    mutating func noteUnwanted(_ owner: LabelOwner, _ end: End) {
        change(owner) { ($0.target, $0.isRefused) = (nil, end == .refused) }
        if end == .gone { noteGone(owner) }
    }

    /// No route of the VRF leads there any more: packets of who has not heard of that are looked up.
    mutating func noteDead(_ owner: LabelOwner) { change(owner) { $0.isDead = true } }

    /// Nobody may use the label.
    mutating func noteGone(_ owner: LabelOwner) { change(owner) { $0.isGone = true } }

    /// What the label leads to was not there before.
    mutating func noteAnew(_ owner: LabelOwner) { change(owner) { $0.isAnew = true } }

    /// Nobody may use the label of a route's own if it leads there.
    mutating func noteGone(_ target: LabelTarget, _ owner: LabelOwner) {
        change(owner) { $0.goneTargets.append(target) }
    }

    private mutating func change(_ owner: LabelOwner, _ body: (inout Change) -> Void) {
        if changes[owner] == nil { order.append(owner) }
        body(&changes[owner, default: Change()])
    }

    mutating func take() -> [(owner: LabelOwner, change: Change)] {
        guard !order.isEmpty else { return [] }
        defer { self = RelayLabelDemand() }
        return order.compactMap { owner in changes[owner].map { (owner, $0) } }
    }
}
