import Addressing

/// The `router bgp` block.
public struct BGPConfiguration: Equatable, Sendable {
    /// 1 to 4,294,967,294 (RFC 6793; RFC 7607 and RFC 7300 reserve the ends).
    public var autonomousSystem: UInt32
    /// The BGP identifier; `nil` leaves the choice to the control process.
    public var routerID: IPv4Address?
    /// The cluster that the box reflects its clients' routes in (RFC 4456 §7); `nil` for that of the BGP identifier.
    public var clusterID: IPv4Address?
    /// `nil` if graceful restart (RFC 4724) is off. It is on unless `no bgp graceful-restart` says otherwise: without it
    /// a restart of the control process would make the far end drop the routes while packets could go on.
    public var gracefulRestart: GracefulRestart? = GracefulRestart()
    /// Whether sessions end at once when the interface towards the neighbor loses its link, and not when the hold time is
    /// over (`bgp fast-external-fallover`).
    public var endsSessionsWithLink = true
    /// Whether routes that no VRF takes are kept (`no bgp default route-target filter`).
    public var keepsRoutesWithoutImport = false
    public var peerGroups: [String: BGPPeerGroup] = [:]
    public var neighbors: [NeighborName: BGPNeighbor] = [:]
    /// Whether paths that are used together may begin with different AS (`bgp bestpath as-path multipath-relax`).
    public var relaxesMultipathASPath = false
    /// What holds in each VRF's address family; a family without a block brings nothing into BGP.
    public var vrfFamilies: [VRFFamily: VRFFamilySettings] = [:]

    public init(autonomousSystem: UInt32) {
        self.autonomousSystem = autonomousSystem
    }

    /// A neighbor's settings with those of its peer group and the defaults behind them; `nil` if it is not configured.
    public func session(with name: NeighborName) -> BGPSession? {
        guard let neighbor = neighbors[name] else { return nil }
        let group = neighbor.peerGroup.flatMap { peerGroups[$0] }?.settings ?? BGPPeerSettings()
        return BGPSession(name: name, own: neighbor.settings, group: group)
    }

    /// The sessions to all neighbors, in ascending order of their names.
    public var sessions: [BGPSession] {
        neighbors.keys.sorted().compactMap(session(with:))
    }

    /// The sessions to the neighbors of a VRF, or to those that are in none, in ascending order of their addresses.
    public func sessions(inVRF vrf: String?) -> [BGPSession] {
        neighbors.keys.filter { $0.vrf == vrf }.sorted().compactMap(session(with:))
    }
}

/// RFC 4724.
public struct GracefulRestart: Equatable, Sendable {
    /// The Restart Time that is advertised, in seconds: 1 to 4095.
    public var restartTimeSeconds: UInt16
    /// The longest time that routes of a neighbor that is away are kept, in seconds: 1 to 4095.
    public var stalePathSeconds: UInt16

    public init(restartTimeSeconds: UInt16 = 120, stalePathSeconds: UInt16 = 360) {
        self.restartTimeSeconds = restartTimeSeconds
        self.stalePathSeconds = stalePathSeconds
    }
}

/// One address family of one VRF.
public struct VRFFamily: Hashable, Sendable, Comparable {
    public var vrf: String
    public var family: AddressFamily

    public init(vrf: String, family: AddressFamily) {
        self.vrf = vrf
        self.family = family
    }

    public static func < (a: Self, b: Self) -> Bool { (a.vrf, a.family) < (b.vrf, b.family) }
}

/// Which routes of a VRF are brought into BGP, and how many paths it uses at the same time.
public struct VRFFamilySettings: Equatable, Sendable {
    public var connected = false
    public var staticRoutes = false
    /// The most equal external, and the most equal internal paths, each in ``maximumPathsRange``; `nil`: one.
    public var externalPaths: UInt8?
    public var internalPaths: UInt8?
    /// The most of both kinds together; then the others are `nil`.
    public var mixedPaths: UInt8?

    public static let maximumPathsRange: ClosedRange<UInt8> = 1...16

    public init() {}
}
