import Addressing

/// What the owner has been told about each label.
struct LabelBindings {
    /// The life of a label on its NNI, in this order.
    enum State: Hashable {
        /// The owner has been asked to install it and has not confirmed.
        case installing
        /// It is valid: routes may carry it.
        case installed
        /// No route is to be given by it any more, and those that carry it have yet to be withdrawn.
        case withdrawing
        /// The owner has been asked to remove it and has not confirmed.
        case removing
    }

    struct Binding: Hashable {
        let label: MPLSLabel
        var state: State
        /// Since when it is valid.
        var since: Instant?
        /// In state `withdrawing`, or `removing` when that has been read: whether it is not for who is away and does not read the withdrawal.
        var isRefused = false
        /// In state `removing`: whether the neighbor has not read that the label is not its any more.
        var isUsedUntilRestartEnds = false

        /// Whether the neighbor may use it.
        var isValid: Bool { state == .installed || state == .withdrawing }
        /// Whether it is invalid already.
        var isRemovedAtOnce: Bool { state == .removing && isUsedUntilRestartEnds }
    }

    private var bindings: [PeerAddress: [LabelOwner: Binding]] = [:]
    /// Those that mean a whole VRF: of others there may be as many as routes.
    private var ofWholeVRFs: [PeerAddress: Set<LabelOwner>] = [:]
    /// The bindings in state `withdrawing`.
    private(set) var withdrawing: Set<LabelOwner> = []
    /// The bindings of each neighbor of which the owner has been asked something that it has not confirmed.
    private var unconfirmed: [PeerAddress: Set<LabelOwner>] = [:]

    subscript(_ owner: LabelOwner) -> Binding? {
        get { bindings[owner.neighbor.peer]?[owner] }
        set {
            bindings[owner.neighbor.peer, default: [:]][owner] = newValue
            if !owner.subject.isCalledFor { noteWholeVRF(owner, isBound: newValue != nil) }
            if bindings[owner.neighbor.peer]?.isEmpty == true { bindings[owner.neighbor.peer] = nil }
            if newValue?.state == .withdrawing { withdrawing.insert(owner) } else { withdrawing.remove(owner) }
            let peer = owner.neighbor.peer
            if newValue?.state == .installing || newValue?.state == .removing {
                unconfirmed[peer, default: []].insert(owner)
            } else if unconfirmed[peer]?.remove(owner) != nil, unconfirmed[peer]?.isEmpty == true {
                unconfirmed[peer] = nil
            }
        }
    }

    /// Those of a neighbor's that are being installed or removed.
    func unconfirmed(of address: PeerAddress) -> Set<LabelOwner> { unconfirmed[address] ?? [] }

    /// What a neighbor of this address, be it the present one or a former one, has been or may be told.
    func bindings(of address: PeerAddress) -> [LabelOwner: Binding] { bindings[address] ?? [:] }

    /// Those of them that mean a whole VRF.
    func ofWholeVRFs(at address: PeerAddress) -> Set<LabelOwner> { ofWholeVRFs[address] ?? [] }

    func owners(of scope: WantedLabels.Scope) -> [LabelOwner] {
        if case .vrfs(let vrfs) = scope, vrfs.isEmpty { return ofWholeVRFs.values.flatMap { $0 } }
        return bindings.values.flatMap { $0.keys.filter(scope.contains) }
    }

    private mutating func noteWholeVRF(_ owner: LabelOwner, isBound: Bool) {
        let peer = owner.neighbor.peer
        if isBound {
            ofWholeVRFs[peer, default: []].insert(owner)
        } else {
            ofWholeVRFs[peer]?.remove(owner)
            if ofWholeVRFs[peer]?.isEmpty == true { ofWholeVRFs[peer] = nil }
        }
    }
}
