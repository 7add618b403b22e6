import Addressing
import BGP

/// A BGP neighbor: its session, what it told us and what we told it.
final class NeighborState {
    let address: IPAddress
    var inputs: NeighborInputs
    /// `nil` while the session is down.
    var session: SessionParameters?
    /// Of its routes.
    var nextHop = NextHopState.resolved
    /// What may have to be sent: prefixes whose wanted state differs, or may differ, from what was sent last.
    var pending = PendingRoutes()
    /// Whether the owner has been told that there is output and has not fetched all of it.
    var isOutputSignalled = false
    /// Whether there may be output that the owner has not been told of.
    var needsSignal = false
    /// How many of the advertised routes carry each label.
    var advertisedCount: [MPLSLabel: Int] = [:]
    /// The labels by which routes of VRFs may be advertised to it, by the VRFs' names: those that are installed.
    var installedLabels: [String: MPLSLabel] = [:]
    /// While the session is down: until when the neighbor may go on using what it was told. `nil`: not at all.
    var labelsEnd: Instant?
    /// What the routes that it sent us take.
    var holdings = ReceivedHoldings()
    /// Of the routes that it was sent.
    var largeAdvertisedAttributes = LargeAttributes()
    /// The attributes of a VRF's own routes as this neighbor gets them, made once.
    var localAttributes: [ExportKey: PathAttributes] = [:]
    private let ipv4 = NeighborFamily()
    private let ipv6 = NeighborFamily()

    /// What the attributes of own routes depend on besides the neighbor.
    struct ExportKey: Hashable {
        let routeDistinguisher: RouteDistinguisher
        let family: AddressFamily
    }

    init(_ inputs: NeighborInputs) {
        address = inputs.address
        self.inputs = inputs
    }

    func family(_ family: AddressFamily) -> NeighborFamily {
        switch family {
        case .ipv4: ipv4
        case .ipv6: ipv6
        }
    }

    /// Whether routes of any family were refused because it has all that it may.
    var hasRefusedForLimits: Bool { ipv4.hasRefusedForLimits || ipv6.hasRefusedForLimits }

    /// Whether routes of `family` are exchanged now.
    func exchanges(_ family: AddressFamily) -> Bool {
        session?.families.contains(family) == true && inputs.isOptionE(family)
    }

    /// Whether what it was told counts: while its session is up and for the time of a graceful restart.
    func holdsLabels(now: Instant) -> Bool {
        guard !inputs.isShutdown else { return false }
        return session != nil || labelsEnd.map { $0 > now } ?? false
    }

    /// Notes that `prefix` may have to be sent, by an UPDATE that it probably shares with others of `attributes`.
    func enqueue(_ prefix: VPNPrefix, like attributes: PathAttributes?) {
        pending.insert(prefix, like: attributes)
        needsSignal = true
    }

    /// Forgets what was sent and what was to be sent: the session is over.
    func forgetAdvertised() {
        pending = PendingRoutes()
        isOutputSignalled = false
        needsSignal = false
        advertisedCount = [:]
        largeAdvertisedAttributes = LargeAttributes()
        for family in AddressFamily.allCases { self.family(family).forgetAdvertised() }
    }
}
