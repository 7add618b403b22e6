import Addressing
import BGP

/// The routes of all VRFs and what goes to and comes from the Option E neighbors.
///
/// A state machine without clock and without I/O: ``handle(_:now:)`` takes what happened and returns what is to be
/// done, in order. What leaves for a neighbor is fetched in portions by ``nextBatch(for:limit:now:)``: pending output
/// is a set of prefixes, and what is sent for one is decided when it is fetched, so that a slow neighbor costs no more
/// than one entry a prefix and gets the latest state only.
///
/// How the parts hang together:
///
///     UPDATE ─► validity ─► Adj-RIB-In ─► import by target and eligibility ─► paths of each VRF ─┐
///     circuits, static routes ─► local routes of each VRF ───────────────────────────────────────┤
///                                         FIB changes ◄── selection for each prefix ◄────────────┘
///                                                             │
///     UPDATE ◄─ nextBatch ◄─ pending prefixes of each neighbor┘  (held until the VRF's label is installed)
public final class RoutingTable {
    var inputs = RoutingInputs(autonomousSystem: 0)
    var isConfigured = false
    /// What is kept of the attributes that come in.
    var keptAttributes = AttributePolicy()
    /// Whether labels that were saved have not been looked at yet.
    var isFirstReconciliation = true
    /// The labels of the VRFs and the labels in quarantine: what ``RoutingEffect/saveAllocations`` is to write.
    public internal(set) var labels: LabelAllocations
    var bindings = LabelBindings()
    /// Those that got no label because none was free.
    var ownersWithoutLabel: Set<LabelOwner> = []
    var generator: any RandomNumberGenerator
    /// When allocations that have changed without need to hurry are to be saved.
    var allocationsSaveDue: Instant?
    var vrfs: [String: VRFState] = [:]
    /// The VRF that exports under each route distinguisher.
    var exporters: [RouteDistinguisher: VRFState] = [:]
    var imports = ImportLookup()
    var neighbors: [IPAddress: NeighborState] = [:]
    /// The neighbors whose End-of-RIB the first convergence waits for, each with the families that are outstanding;
    /// `nil` while the session is not up.
    var awaited: [IPAddress: Set<AddressFamily>?]
    /// When an awaited neighbor is waited for no longer, for those whose End-of-RIB may never come.
    var settling: [IPAddress: Instant] = [:]
    let selectionDeferral: Instant?
    /// Whether the first convergence is over (RFC 4724 §4.1): nothing is advertised before.
    public internal(set) var isConverged = false
    /// What the event that is being handled has led to so far.
    var effects: [RoutingEffect] = []
    /// The time of the event that is being handled.
    var now = Instant(millisecondsSince1970: 0)

    /// - Parameters:
    ///   - labels: the labels as they were saved; empty on the very first start.
    ///   - awaited: the neighbors whose sessions were up before this process started: their routes belong to the
    ///     first convergence. Without any it is over with the first inputs.
    ///   - selectionDeferral: when the first convergence ends at the latest. Until then the awaited neighbors go on
    ///     using the labels that they were told.
    ///   - generator: labels are drawn by it. They must not be guessed: the system's in earnest, a seeded one in tests.
    public init(
        labels: LabelAllocations = LabelAllocations(), awaiting awaited: some Sequence<IPAddress> = [],
        selectionDeferral: Instant? = nil, generator: any RandomNumberGenerator = SystemRandomNumberGenerator()
    ) {
        self.generator = generator
        self.labels = labels
        self.awaited = Dictionary(awaited.map { ($0, nil) }) { first, _ in first }
        self.selectionDeferral = selectionDeferral
    }

    /// Takes in what happened and returns what is to be done, to be carried out in order.
    public func handle(_ event: RoutingEvent, now: Instant) -> [RoutingEffect] {
        self.now = now
        switch event {
        case .configure(let inputs): configure(inputs)
        case .established(let address, let session): withNeighbor(address) { establish($0, session) }
        case .down(let address, let restart, let isForgotten):
            withNeighbor(address) { takeDown($0, keeping: restart, isForgotten: isForgotten) }
        case .update(let address, let update): withNeighbor(address) { receive(update, from: $0) }
        case .endOfRIB(let address, let family): withFamily(address, family) { endOfRIB(from: $0, $1) }
        case .routeRefresh(let address, let family): withFamily(address, family) { resendAll(to: $0, $1) }
        case .refreshBegan(let address, let family):
            withFamily(address, family) { $0.family($1).beginGeneration() }
        case .refreshEnded(let address, let family): withFamily(address, family) { removeStale($0, $1) }
        case .nextHopChanged(let address, let state): withNeighbor(address) { setNextHop(state, of: $0) }
        case .staleRoutesFlushed(let address): withNeighbor(address) { flushStale($0) }
        case .familyDisabled(let address, let family): withFamily(address, family) { disable($0, $1) }
        case .labelInstalled(let binding): labelInstalled(binding)
        case .labelRemoved(let binding): labelRemoved(binding)
        case .timePassed: passTime()
        }
        finishWithdrawals()
        checkConvergence()
        signalOutput()
        defer { effects = [] }
        return effects
    }

    /// The VPN family of a BGP family and the neighbor, if both are known and the session is up.
    private func withFamily(
        _ address: IPAddress, _ family: AddressFamilyIdentifier, _ body: (NeighborState, AddressFamily) -> Void
    ) {
        guard let family = family.vpnAddressFamily else { return }
        withNeighbor(address) { neighbor in
            if neighbor.session != nil { body(neighbor, family) }
        }
    }

    private func withNeighbor(_ address: IPAddress, _ body: (NeighborState) -> Void) {
        if let neighbor = neighbors[address] { body(neighbor) }
    }

    /// The neighbors in the order of their addresses, which makes the order of effects repeatable.
    var neighborsInOrder: [NeighborState] { neighbors.values.sorted { $0.address < $1.address } }

    /// Tells the owner of output that it does not know of.
    func signalOutput() {
        guard isConverged, neighbors.values.contains(where: \.needsSignal) else { return }
        for neighbor in neighborsInOrder where neighbor.needsSignal && neighbor.session != nil {
            neighbor.needsSignal = false
            guard !neighbor.isOutputSignalled else { continue }
            neighbor.isOutputSignalled = true
            effects.append(.outputReady(neighbor: neighbor.address))
        }
    }
}
