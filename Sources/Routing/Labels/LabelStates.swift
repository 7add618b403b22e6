import Addressing

/// The state of each label, and with it which routes its neighbor may be told.
final class LabelStates {
    private let context: RoutingContext
    private let neighbors: RoutingNeighbors
    private let vrfs: VRFTables
    private let advertising: RouteAdvertising
    private let wanted: WantedLabels
    private let callers: LabelCallers
    private(set) var bindings = LabelBindings()
    /// The numbers of the VRFs whose labels are installed, as they were told to the neighbors' Adj-RIB-Out.
    private var places: [LabelOwner: VRFNumber] = [:]

    init(
        _ context: RoutingContext, _ neighbors: RoutingNeighbors, _ vrfs: VRFTables, _ advertising: RouteAdvertising,
        _ wanted: WantedLabels, _ callers: LabelCallers
    ) {
        self.context = context
        self.neighbors = neighbors
        self.vrfs = vrfs
        self.advertising = advertising
        self.wanted = wanted
        self.callers = callers
    }

    subscript(_ owner: LabelOwner) -> LabelBindings.Binding? { bindings[owner] }

    func setState(_ state: LabelBindings.State, of owner: LabelOwner) {
        guard var binding = bindings[owner] else { return }
        binding.state = state
        binding.isRefused = false
        set(binding, of: owner)
    }

    /// A label that is being withdrawn is not for who is away.
    func setRefused(_ owner: LabelOwner) {
        guard var binding = bindings[owner], binding.state == .withdrawing || binding.state == .removing else { return }
        binding.isRefused = true
        bindings[owner] = binding
    }

    /// Changes a binding, and with it whether routes may be advertised by the label.
    func set(_ binding: LabelBindings.Binding?, of owner: LabelOwner) {
        let former = bindings[owner]
        bindings[owner] = binding
        let place = places.removeValue(forKey: owner)
        guard let neighbor = neighbors[owner.neighbor.peer] else { return }
        if let label = (binding ?? former)?.label {
            neighbor.advertised.setValid(owner.given(label), binding?.isValid ?? false)
        }
        guard !owner.subject.isCalledFor else {
            callers.caller(for: owner).setLabel(
                binding?.state == .installed && wanted.contains(owner) ? binding?.label : nil, of: owner)
            return
        }
        if let place, neighbor.advertised.label(of: place) == former.map({ owner.given($0.label) }) {
            neighbor.advertised.setLabel(nil, of: place)
        }
        noteAwaited(owner)
        guard let number = vrfNumber(of: owner) else { return }
        guard let binding, binding.state == .installed, wanted.contains(owner) else { return }
        places[owner] = number
        neighbor.advertised.setLabel(owner.given(binding.label), of: number)
    }

    /// VRFs may have other numbers.
    func followNumbers() {
        for (owner, place) in places where place != vrfNumber(of: owner) { set(bindings[owner], of: owner) }
    }

    /// Says whether the label of a VRF is about to be valid: then its routes stay as they are until it is.
    func noteAwaited(_ owner: LabelOwner) {
        guard !owner.subject.isCalledFor, let number = vrfNumber(of: owner),
            let neighbor = neighbors[owner.neighbor.peer]
        else { return }
        let state = bindings[owner]?.state
        neighbor.advertised.setAwaited(
            (state == .installing || state == .removing) && wanted.contains(owner), of: number)
    }

    /// Whether what is to be said to the neighbor is not complete before a label is installed.
    func isAwaited(by neighbor: NeighborState) -> Bool {
        bindings.unconfirmed(of: neighbor.peer).contains { owner in
            bindings[owner]?.state == .installing || wanted.contains(owner)
        }
    }

    /// The labels of a VRF with another meaning that this one takes the place of.
    func predecessors(of owner: LabelOwner) -> [LabelOwner] {
        // Labels that routes call for take nobody's place: what calls for them gives the former ones up itself, and there may be as many
        // of both as routes.
        guard let vrf = owner.vrf, !owner.subject.isCalledFor else { return [] }
        return bindings.ofWholeVRFs(at: owner.neighbor.peer).filter {
            $0.vrf == vrf && $0 != owner && $0.neighbor == owner.neighbor && !wanted.contains($0)
        }
    }

    /// Whether routes go by an installed label until that of its successor can take its place: they are told anew, and not
    /// withdrawn in between.
    func isSucceeding(_ owner: LabelOwner) -> Bool {
        guard bindings[owner]?.state == .installed,
            let state = wanted.successor(of: owner).flatMap({ bindings[$0]?.state })
        else { return false }
        return state == .installing || state == .removing
    }

    /// The routes of an owner may be told.
    func enqueueRoutes(of owner: LabelOwner) {
        // Also without a route: End-of-RIB may have waited for the label. Those that call for it have been noted.
        guard !owner.subject.isCalledFor else {
            neighbors[owner.neighbor.peer]?.advertised.requestSignal()
            return
        }
        guard let vrf = owner.vrf.flatMap({ vrfs[$0.name] }), vrf.inputs.identity == owner.vrf,
            let neighbor = neighbors[owner.neighbor.peer], neighbor.inputs.identity == owner.neighbor
        else { return }
        advertising.enqueueRoutes(of: vrf, for: neighbor)
        // Also without a route: End-of-RIB may have waited for the label.
        neighbor.advertised.requestSignal()
    }

    private func vrfNumber(of owner: LabelOwner) -> VRFNumber? {
        owner.vrf.flatMap { context.inputs.vrfs[$0.name]?.number }
    }
}
