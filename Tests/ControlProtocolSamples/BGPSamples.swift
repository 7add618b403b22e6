import Addressing
import ControlProtocol

extension Samples {
    public static let bgpNeighbor = BGPNeighborSummary(
        address: address("1.2.3.4"), description: "far end", remoteAutonomousSystem: 65_001, state: .established,
        stateChangedAt: time, sessionsEstablished: 2, rxMessages: 40, txMessages: 41,
        families: [
            BGPFamilyCounts(
                family: .vpnv4, isOptionE: true, state: .carried, maximumPrefixes: 12, warningPrefixes: 9,
                receivedRoutes: 10, importedRoutes: 8,
                notKeptRoutes: 2,
                advertisedRoutes: 3),
            BGPFamilyCounts(
                family: .vpnv6, isOptionE: true, state: .disabled,
                disabled: BGPDisabledFamily(
                    reason: "UPDATE message error: invalid network field\u{07}", since: time, retryAt: time),
                receivedRoutes: 0, importedRoutes: 0, notKeptRoutes: 0, advertisedRoutes: 0),
        ])

    public static let bgpSummary = BGPSummaryResult(
        localAutonomousSystem: 42, routerIdentifier: IPv4Address(1, 2, 3, 5),
        neighbors: [
            bgpNeighbor,
            BGPNeighborSummary(
                address: address("2001:db8::4"), remoteAutonomousSystem: 65_002, state: .heldDown,
                heldDown: BGPHeldDown(reason: "cease: maximum number of prefixes reached", since: time),
                sessionsEstablished: 0, rxMessages: 0, txMessages: 0, families: []),
        ])

    public static let bgpNeighbors = BGPNeighborsResult(neighbors: [
        BGPNeighborDetail(
            summary: bgpNeighbor, peerGroup: "default", interface: "ten1/0", localAddress: address("1.2.3.5"),
            remoteIdentifier: IPv4Address(9, 9, 9, 9), holdTimeSeconds: 9, keepaliveSeconds: 3,
            capabilities: ["four_octet_as", "route_refresh"], eligibleVrfs: ["one", "two"],
            vrfsOnCircuits: [
                VRFOnCircuits(
                    vrf: "two", farEnds: [CircuitFarEnd(address: address("10.4.0.9"), circuit: "ten1/4")])
            ],
            lastDownReason: "notification received: cease\u{07}", lastDownAt: time, stateSince: time,
            lastError: "notification received: cease\u{07}", lastErrorAt: time,
            routeErrors: [BGPErrorCount(reason: "next_hop_not_the_neighbor", routes: 1)], maximumPrefixes: 12,
            attributeMemory: BGPAttributeMemory(octets: 5000, maximumOctets: 67_108_864), labels: 700,
            maximumLabels: 1000),
        BGPNeighborDetail(
            summary: bgpSummary.neighbors[1], interface: "ten1/0", capabilities: [], eligibleVrfs: [],
            stateSince: time, lastError: "connection failed: no answer", lastErrorAt: time, nextAttemptAt: time,
            obstacle: "nobody on ten1/0 answers neighbor discovery for 2001:db8::4", routeErrors: []),
    ])

    public static let bgpRoutes = BGPRoutesResult(
        family: .vpnv4, view: .imported,
        routes: [
            BGPRoute(
                neighbor: address("1.2.3.4"), routeDistinguisher: RouteDistinguisher("65001:1"),
                prefix: prefix("10.2.0.0/16"), nextHop: address("1.2.3.4"), label: label(2001),
                outerLabel: label(1999), autonomousSystemPath: "65001", origin: "igp", multiExitDiscriminator: 10,
                routeTargets: [RouteTarget("42:1")].compactMap { $0 }, communities: ["65001:7"], vrfs: ["one"],
                isStale: false, changedAt: time)
        ])

    public static let signalledRoutes = BGPRoutesResult(
        family: .evpn, view: .received,
        routes: [
            BGPRoute(
                neighbor: address("10.0.0.11"), routeDistinguisher: RouteDistinguisher("42:1"), prefix: nil,
                route: "[2]:[7]:[aa:bb:cc:dd:ee:ff]:[10.1.2.3]", nextHop: address("10.0.0.11"), label: label(1001),
                segment: "00:11:22:33:44:55:66:77:88:99", gateway: address("10.1.1.1"),
                autonomousSystemPath: "", origin: "igp", localPreference: 100,
                routeTargets: [RouteTarget("42:1")].compactMap { $0 }, communities: ["mac-mobility 4"], vrfs: [],
                isStale: false, changedAt: time),
            BGPRoute(
                neighbor: address("10.0.0.11"), routeDistinguisher: RouteDistinguisher("42:1"), prefix: nil,
                route: "[3]:[7]:[10.0.0.11]", nextHop: address("10.0.0.11"),
                vni: 1003, tunnel: "ingress-replication vni 1003 10.0.0.11",
                distinguisherLabels: [ShownDistinguisherLabel(provider: address("10.0.0.21"), label: label(1021))],
                autonomousSystemPath: "", origin: "igp",
                localPreference: 100, routeTargets: [], communities: [], vrfs: [], isStale: true, changedAt: time),
            BGPRoute(
                neighbor: address("10.0.0.12"), routeDistinguisher: RouteDistinguisher("42:2"), prefix: nil,
                route: "[3]:[8]:[10.0.0.12]", nextHop: address("10.0.0.12"),
                tunnel: "mldp-p2mp label 1008 06000104c000020100050100000001", autonomousSystemPath: "", origin: "igp",
                localPreference: 100, routeTargets: [], communities: ["pmsi-flags dcb"], vrfs: [], isStale: false,
                changedAt: time,
                labelFault: BGPRouteRejection(
                    reason: "inconsistent_tunnel",
                    message: "the PE's routes by this tunnel disagree about where their labels are from (RFC 9573)")),
        ])

    public static let routeTargetMembership = RouteTargetMembershipResult(neighbors: [
        NeighborMembership(
            neighbor: address("10.0.0.9"), state: .inForce,
            received: [
                RouteTargetEntry(
                    originAutonomousSystem: 42, routeTarget: "42:7", lengthBits: 96, nextHop: address("10.0.0.11"),
                    originator: IPv4Address(10, 0, 0, 11), isStale: true),
                RouteTargetEntry(
                    originAutonomousSystem: 42, routeTarget: "0x2002a00000000", lengthBits: 64,
                    nextHop: address("10.0.0.9"), originator: nil),
            ],
            advertised: [
                RouteTargetEntry(
                    originAutonomousSystem: nil, routeTarget: nil, lengthBits: 0, nextHop: address("10.0.0.1"),
                    originator: IPv4Address(10, 0, 0, 1))
            ]),
        NeighborMembership(
            neighbor: address("10.0.0.10"), state: .awaited, awaitedUntil: time, received: [], advertised: []),
    ])

    public static let rejectedRoutes = BGPRoutesResult(
        family: .ipv4, view: .rejected,
        routes: [
            BGPRoute(
                neighbor: address("10.1.0.2"), prefix: prefix("192.168.1.0/24"), nextHop: address("10.1.0.2"),
                autonomousSystemPath: "65100 42", origin: "igp", routeTargets: [], communities: [], vrfs: [],
                isStale: false, changedAt: time,
                rejection: BGPRouteRejection(reason: "as_path_loop", message: "our own AS is in the AS path")),
            BGPRoute(
                neighbor: address("10.1.0.2"), prefix: prefix("192.168.2.0/24"), nextHop: nil,
                autonomousSystemPath: nil, origin: nil, routeTargets: [], communities: [], vrfs: [], isStale: false,
                changedAt: time,
                rejection: BGPRouteRejection(
                    reason: "attribute_memory",
                    message: "the neighbor's large attributes take all the memory that they may")),
        ], omittedCount: 7)

    public static let routes = RoutesResult(routes: [
        VRFRoute(
            vrf: "one", prefix: prefix("10.1.0.0/24"), source: .connected, administrativeDistance: 0,
            nextHops: [RouteNextHop(interface: "ten1/1", isResolved: false)], changedAt: time),
        VRFRoute(
            vrf: "one", prefix: prefix("10.1.0.1/32"), source: .local, administrativeDistance: 0, nextHops: [],
            changedAt: time),
        VRFRoute(
            vrf: "one", prefix: prefix("10.2.0.0/16"), source: .bgp, administrativeDistance: 20,
            nextHops: [
                RouteNextHop(
                    address: address("1.2.3.4"), interface: "ten1/0.2", label: label(2001), isResolved: true,
                    isBest: true),
                RouteNextHop(
                    address: address("1.2.9.4"), interface: "ten1/5.2", label: label(3001), isResolved: false,
                    isBest: false),
            ], changedAt: time, isInstalled: false),
    ])

    public static let bgpClear = BGPClearResult(
        neighbors: addresses("1.2.3.4"), isSoft: true,
        notRefreshed: [BGPNotRefreshed(neighbor: address("1.2.3.4"), family: .vpnv6, reason: .disabled)])
}
