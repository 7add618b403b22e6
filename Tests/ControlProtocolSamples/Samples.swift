import Addressing
import ControlProtocol

/// One answer of each form and one request of each method, as a small box would give them.
public enum Samples {
    public static let time = Timestamp(secondsSince1970: 1_795_216_108)  // 2026-11-20T23:08:28Z

    public static let interfaces = InterfacesResult(
        takenAt: time,
        interfaces: [
            InterfaceStatus(
                name: "ten1/0", number: 1, kind: .nni, description: "towards AS 65001", port: "ten1/0", portState: .up,
                encapsulation: "untagged", isImplied: false,
                addresses: [InterfaceAddress("1.2.3.5/31")].compactMap { $0 },
                macAddress: MACAddress("02:00:00:00:00:01"),
                mtuBytes: 1500, rxPackets: 1_000, rxBytes: 120_000, txPackets: 900, txBytes: 110_000,
                drops: [DropCount(reason: "label_not_valid_here", dropClass: .security, packets: 7)],
                services: InterfaceServices(
                    attachedTo: "ten1/0", sourceCheckIpv4: "strict", sourceCheckIpv6: "feasible allow-default",
                    accessListInIpv4: "web", accessListInIpv6: "web6", accessListOutIpv4: "out",
                    accessListOutIpv6: "out6", policyIn: "gold", policyOut: "bulk",
                    routeMapIpv4: "office", routeMapIpv6: "office6", routeMapOutIpv4: "scrub",
                    routeMapOutIpv6: "scrub6", isRefused: true)),
            InterfaceStatus(
                name: "ten1/0 vrf three", number: 4, kind: .unit, port: "ten1/0", portState: .up,
                encapsulation: "label", vrf: "three", nni: "ten1/0", isImplied: true, addresses: [], mtuBytes: 1496,
                rxPackets: 0, rxBytes: 0,
                txPackets: UInt64.max, txBytes: UInt64.max, drops: []),
            InterfaceStatus(
                name: "ten1/1", number: 2, kind: .attachmentCircuit, port: "ten1/1", portState: .down,
                encapsulation: "dot1q 30", vrf: "one", isImplied: false,
                addresses: ["10.1.0.1/24", "2001:db8::1/64"].compactMap { InterfaceAddress($0) },
                macAddress: MACAddress("02:00:00:00:00:02"), mtuBytes: 1500, rxPackets: 5, rxBytes: 320, txPackets: 0,
                txBytes: 0, drops: []),
        ])

    public static let ports = PortsResult(
        takenAt: time,
        ports: [
            PortStatus(
                name: "ten1/0", device: "0000:03:00.0", state: .up, driver: "net_ixgbe", speedMegabitsPerSecond: 10_000,
                macAddress: MACAddress("02:00:00:00:00:01"), mtuBytes: 1500, rxQueues: 2, txQueues: 2, rxPackets: 1_000,
                rxBytes: 120_000, txPackets: 900, txBytes: 110_000, rxMissedPackets: 3, rxErrors: 0, txErrors: 0),
            PortStatus(
                name: "ten1/1", device: "net_af_packet0,iface=veth1", state: .failed,
                error: "no such interface \u{1B}[2Jveth1", mtuBytes: 1500, rxQueues: 1, txQueues: 1, rxPackets: 0,
                rxBytes: 0, txPackets: 0, txBytes: 0, rxMissedPackets: 0, rxErrors: 1, txErrors: 1),
        ])

    public static let vrfs = VRFsResult(vrfs: [
        VRFStatus(
            name: "one", number: 1, routeDistinguisher: RouteDistinguisher("42:1"),
            importRouteTargets: [RouteTarget("42:1"), RouteTarget("42:9")].compactMap { $0 },
            exportRouteTargets: [RouteTarget("42:1")].compactMap { $0 }, labels: [label(1001)],
            isTransit: false, eligibleNeighbors: addresses("1.2.3.4"), interfaces: ["ten1/0.2", "ten1/1"],
            ipv4Routes: 3, ipv6Routes: 0, waitingRoutes: 2, maximumRoutes: 1_000, countedRoutes: 800,
            maximumRoutesState: .near, routeLabels: 16, maximumLabels: 16,
            routeMemoryBytes: 4_500,
            reservedRouteMemoryBytes: 1 << 20),
        VRFStatus(
            name: "lonely", number: 2, importRouteTargets: [], exportRouteTargets: [], isTransit: true,
            eligibleNeighbors: [], interfaces: [], ipv4Routes: 0, ipv6Routes: 0),
    ])

    public static let fpm = FPMResult(
        port: 2620, isConnected: true, since: time, connections: 2, messages: 57, malformed: 1, bindings: 6,
        routes: [
            EngineRouteStatus(
                prefix: prefix("10.0.0.3/32"), nextHop: address("10.98.0.1"), interface: "ten1/3", labels: [],
                isTransport: false, isCurrent: true),
            EngineRouteStatus(
                prefix: prefix("10.0.0.7/32"), nextHop: address("10.98.0.1"), interface: "ten1/3",
                labels: [label(16007)], isTransport: true, isCurrent: false),
        ])

    public static let labelSpaces = LabelSpacesResult(
        spaces: [
            ShownLabelSpace(
                kind: .default, block: 1000...1999,
                labels: [
                    ShownCommonLabel(
                        label: label(1001), vrf: "one", validOn: ["core", "ten1/0"],
                        waits: [
                            ShownLabelWait(
                                neighbor: address("192.0.2.2"), until: Timestamp(secondsSince1970: 1_800_000_000)),
                            ShownLabelWait(neighbor: address("192.0.2.3"), until: nil),
                        ]),
                    ShownCommonLabel(label: label(1999), space: "tenants", validOn: ["ten1/0"]),
                ]),
            ShownLabelSpace(
                kind: .context, name: "tenants", contextLabel: label(1999), block: 101...200,
                labels: [ShownCommonLabel(label: label(50_001), vrf: "two", validOn: ["ten1/0"])],
                received: ShownReceivedLabelCounts(tunnels: 12, segments: 3, providers: 0, spaces: 0)),
            ShownLabelSpace(kind: .context, name: "unused", contextLabel: label(1998), block: nil, labels: []),
            ShownLabelSpace(
                kind: .context, contextLabel: label(1997), block: nil, labels: [],
                received: ShownReceivedLabelCounts(tunnels: 1, segments: 0, providers: 0, spaces: 0)),
            ShownLabelSpace(
                kind: .provider, provider: address("10.0.0.11"), block: nil, labels: [],
                received: ShownReceivedLabelCounts(tunnels: 1000, segments: 2, providers: 4, spaces: 0)),
        ],
        inconsistentTunnels: [
            ShownInconsistentTunnel(
                provider: address("10.0.0.12"), tunnel: "mldp-p2mp 060001040a00000c000701000400000001", withDcbFlag: 2,
                withLabelSpace: 1, withNeither: 0)
        ], inconsistentTunnelCount: 3, waitingRouteCount: 7)

    public static let receivedLabels = ReceivedLabelsResult(
        labels: [
            ShownReceivedLabel(label: label(1001), purposes: [.tunnel], uses: 1001),
            ShownReceivedLabel(label: label(1101), purposes: [.tunnel, .segment], uses: 2),
            ShownReceivedLabel(label: label(1999), purposes: [.space], uses: 5),
        ], nextCursor: "1999")

    public static let labels = LabelsResult(
        labels: [
            ValidLabel(
                nni: "ten1/0", label: label(1001), vrf: "one", unit: "ten1/0.2", neighbor: address("1.2.3.4"),
                since: time, hitPackets: 12, hitBytes: 1_440),
            ValidLabel(
                nni: "ten1/0", label: label(1003), vrf: "three", unit: "ten1/0 vrf three",
                neighbor: address("1.2.3.4"),
                sourceMacAddresses: [
                    MACAddress("02:00:00:00:00:09"), MACAddress("02:00:00:00:00:0a"),
                ].compactMap { $0 }, since: nil, hitPackets: 0, hitBytes: 0),
            ValidLabel(
                nni: "ten1/0", label: label(1005), vrf: "one", unit: "ten1/0.2", neighbor: address("1.2.3.6"),
                sourceMacAddresses: [], since: time, hitPackets: 0, hitBytes: 0),
            ValidLabel(
                nni: "core", label: label(1007), vrf: "two", subject: "ipv4 by 10.1.0.2 on ten1/2",
                way: "10.1.0.2 on ten1/2", unit: "core vrf two", neighbor: address("10.0.0.9"), since: time,
                hitPackets: 0, hitBytes: 0),
            ValidLabel(
                nni: "core", label: label(1008), vrf: "three", subject: "10.3.0.0/16", unit: "core vrf three",
                neighbor: address("10.0.0.9"), since: time, hitPackets: 0, hitBytes: 0),
            ValidLabel(
                nni: "ten1/9", label: label(1006), vrf: "", swap: "label 3002 by 10.98.0.1 over core", unit: "",
                neighbor: address("198.51.100.2"), since: time, hitPackets: 0, hitBytes: 0),
        ],
        quarantined: [
            QuarantinedLabel(label: label(1002), vrf: "two", neighbor: address("1.2.3.4"), until: time),
            QuarantinedLabel(label: label(1004), vrf: nil, neighbor: nil, until: time),
        ],
        validNowhere: [
            ToldLabel(
                label: label(1011), vrf: "four", neighbor: address("1.2.3.4"),
                farEnds: [
                    CircuitFarEnd(address: address("10.4.0.9"), circuit: "ten1/4"),
                    CircuitFarEnd(address: address("2001:db8:4::9"), circuit: nil),
                ], since: time),
            ToldLabel(label: label(1012), vrf: "five", neighbor: address("1.2.3.4"), farEnds: [], since: time),
            ToldLabel(
                label: label(1013), vrf: "six", neighbor: address("1.2.3.4"), farEnds: [], isReplaced: true, since: time
            ),
            ToldLabel(
                label: label(1014), vrf: "seven", neighbor: address("1.2.3.4"),
                farEnds: [CircuitFarEnd(address: address("10.7.0.9"), circuit: "ten1/7", isUsable: false)], since: time),
        ])

    public static let multipoint = MultipointResult(labels: [
        MultipointLabelStatus(
            label: label(1700), place: "core", source: address("10.0.0.7"), innerLabels: 1, isValid: true,
            branches: [
                MultipointBranchStatus(
                    address: address("10.0.0.9"), label: label(17), interface: "ten1/3", transportLabels: [label(16009)]
                ),
                MultipointBranchStatus(
                    address: address("10.0.0.10"), label: label(18), interface: nil,
                    obstacle: "no transport leads there"),
                MultipointBranchStatus(address: address("192.0.2.2"), label: label(2000), interface: "ten1/1"),
                MultipointBranchStatus(
                    address: address("192.0.2.6"), label: label(2001), interface: "ten1/2",
                    obstacle: "the router does not answer"),
            ]),
        MultipointLabelStatus(
            label: label(1701), place: "core", source: address("10.0.0.8"), innerLabels: 0, isValid: false,
            branches: [MultipointBranchStatus(address: address("192.0.2.2"), label: label(2000), interface: "ten1/1")]),
        MultipointLabelStatus(
            label: label(720144), place: "ten1/1", source: address("192.0.2.2"),
            tunnel: "65001:7 [3]:[10.1.0.5]:[232.0.0.1]:[10.97.0.1]", innerLabels: 0, isValid: true,
            branches: [MultipointBranchStatus(address: address("10.0.0.9"), label: label(4005), interface: "ten1/3")]),
    ])

    public static let transports = TransportsResult(
        providers: [
            ProviderTransport(
                provider: address("10.0.0.7"), origin: .labelledUnicast,
                link: TransportLink(
                    interface: "ten1/3", router: address("10.98.0.1"), labels: [label(16001), label(16007)],
                    isResolved: true), obstacle: nil),
            ProviderTransport(
                provider: address("10.0.0.9"), origin: .udp,
                link: TransportLink(
                    interface: "ten1/3", router: address("10.98.0.1"), labels: [], tunnelSource: address("10.0.0.1"),
                    isResolved: true), obstacle: nil),
            ProviderTransport(
                provider: address("10.0.0.8"), origin: nil, link: nil, obstacle: "no transport leads there"),
        ],
        ways: [
            TransportWay(
                prefix: prefix("10.0.0.7/32"), origin: .labelledUnicast, nextHop: address("10.0.0.1"),
                labels: [label(16007)],
                link: TransportLink(
                    interface: "ten1/3", router: address("10.98.0.1"), labels: [label(16001), label(16007)],
                    isResolved: false), obstacle: nil),
            TransportWay(
                prefix: prefix("10.0.0.9/32"), origin: .staticBinding, nextHop: address("10.97.0.1"), labels: [],
                link: nil, obstacle: "no transport leads there: nothing leads to 10.97.0.1"),
            TransportWay(
                prefix: prefix("10.0.0.0/24"), origin: .udp, nextHop: nil, labels: [],
                link: TransportLink(
                    interface: "ten1/3", router: address("10.98.0.1"), labels: [], tunnelSource: address("10.0.0.1"),
                    isResolved: true), obstacle: nil),
        ])

    public static let neighbors = NeighborsResult(neighbors: [
        LinkNeighbor(
            interface: "ten1/0", address: address("1.2.3.4"), macAddress: MACAddress("02:00:00:00:00:09"),
            state: .reachable, confirmedAt: time, waitingPackets: 0),
        LinkNeighbor(
            interface: "ten1/1", vrf: "one", address: address("2001:db8::2"), state: .incomplete, waitingPackets: 4),
    ])

    public static let drops = DropsResult(
        takenAt: time,
        drops: [
            InterfaceDrop(
                interface: "ten1/0", reason: "label_not_valid_here", dropClass: .security, packets: 7,
                help: "the label is not valid on this NNI")
        ])

    public static let log = LogResult(
        takenAt: time,
        lines: [
            LogLine(
                loggedAt: time, severity: .warning, message: "BGP session down",
                fields: [
                    LogLine.Field(name: "neighbor", value: "1.2.3.4"),
                    LogLine.Field(name: "reason", value: "hold timer expired"),
                ]),
            LogLine(loggedAt: time, severity: .informational, message: "started", fields: []),
        ])

    public static let status = StatusResult(
        hostname: "asbr1", takenAt: time,
        controlProcess: ProcessStatus(
            isAlive: true, processIdentifier: 100, instance: 2, startedAt: time, uptimeSeconds: 60, version: "0.1",
            layoutVersion: 1), dataPlane: ProcessStatus(isAlive: false), currentGeneration: 2, generationInUse: 1,
        workers: 2, isRestarting: true, configurationFile: "/etc/stile/stile.conf", configurationAppliedAt: time,
        commit: 12, confirmBy: time,
        alarms: [
            Alarm(kind: .routesWithoutRoom, since: time, count: 2, subjects: ["one"]),
            Alarm(kind: .maximumRoutesNear, since: time, count: 1, subjects: ["one"]),
        ])

    public static let pipeline = PipelineResult(
        takenAt: time, clockHertz: 2_400_000_000,
        workers: [
            WorkerStatus(
                worker: 0, core: 2, loops: 1_000, idleLoops: 250, bursts: 750, packets: 6_000,
                busyCycles: 720_000, spreadPackets: 4_000, spreadLostPackets: 5,
                stages: [
                    StageStatus(stage: "receive", packets: 10_000, cycles: 300_000),
                    StageStatus(stage: "spread", packets: 10_000, cycles: 250_000),
                    StageStatus(stage: "ingress", packets: 6_000, cycles: 90_000),
                    StageStatus(stage: "label_check", packets: 0, cycles: 0),
                ], punted: [PuntCount(puntClass: "arp", packets: 2), PuntCount(puntClass: "glean", packets: 1)],
                puntRingFullPackets: 0, injectedPackets: 3)
        ])

    public static let flowExporters = FlowExportersResult(
        takenAt: time,
        exporters: [
            FlowExporterStatus(
                name: "collector", destination: address("10.9.9.2"), port: 4739, transport: "tcp",
                source: address("10.9.9.1"), isReady: false, problem: "connection refused", exportedFlows: 100,
                messages: 7, bytes: 6_800, waitingFlows: 12, lostFlows: 0, sendErrors: 0, connectionFailures: 1)
        ], discardedRecords: 0)

    public static let flowMonitors = FlowMonitorsResult(
        takenAt: time,
        monitors: [
            FlowMonitorStatus(
                name: "customers", exporter: "collector", vrfs: ["one", "two"], activeTimeoutSeconds: 1_800,
                inactiveTimeoutSeconds: 15, cacheEntries: 16_384, samplingInterval: 100)
        ],
        caches: [
            FlowCacheStatus(
                worker: 0, activeFlows: 12, meteredPackets: 6_000, cacheFullPackets: 1, records: 100,
                ringFullTimes: 0, lostRecords: 0)
        ])

    public static let runningConfiguration = RunningConfigurationResult(
        text: "hostname asbr1\nip vrf one\n rd 42:1\n", appliedAt: time)

    public static let isolation = IsolationResult(
        generation: 2,
        links: [
            LinkCheck(
                interface: "ten1/0", kind: "optB", neighbors: [address("192.0.2.2")],
                labels: [
                    LinkLabels(vrf: "one", labels: [label(1001)]),
                    LinkLabels(vrf: "two", space: label(1999), labels: [label(50_001)]),
                    LinkLabels(vrf: nil, labelsBelow: 1, labels: (1010..<1019).map { label($0) }),
                    LinkLabels(vrf: nil, labelsBelow: 1, allowsEntropyLabel: true, labels: [label(1020)]),
                    LinkLabels(vrf: nil, payload: .ipv6, labels: [label(1021)]),
                    LinkLabels(vrf: nil, payload: .sessions, labels: [label(1022)]),
                ], deepestStack: 4,
                unchecked: UncheckedProperty.Property.allCases.map {
                    UncheckedProperty(
                        $0, vrfs: [.ipv4Sources, .ipv6Sources, .farEndSeparation].contains($0) ? ["one"] : [])
                }),
            LinkCheck(
                interface: "ten1/1", kind: "circuit", vrf: "one", neighbors: [], deepestStack: 0,
                unchecked: [UncheckedProperty(.farEndSeparation)]),
            LinkCheck(interface: "core", kind: "core", neighbors: [], deepestStack: 0, unchecked: []),
        ],
        vrfs: [
            VRFReach(
                vrf: "one",
                entrances: [
                    VRFDoor(interface: "ten1/1", prefixes: 0),
                    VRFDoor(interface: "ten1/0.2", label: label(1001), prefixes: 0),
                    VRFDoor(
                        interface: "core vrf one", label: label(1008), prefixes: 0, subject: "10.3.0.0/16",
                        way: "ten1/1"),
                ], exits: [VRFDoor(interface: "ten1/0.2", label: label(2001), prefixes: 5)],
                policyRouteTargets: ["two"])
        ],
        tunnels: [TunnelEntrance(from: prefix("10.0.0.0/24"), to: address("10.0.0.1"), needsChecksum: false)],
        swaps: [
            LabelSwapDoor(
                nni: "ten1/0", label: label(1010), neighbor: address("192.0.2.2"), egress: "core",
                nextHop: address("10.0.0.7"), egressLabel: label(500))
        ],
        validNowhere: [
            ToldLabel(
                label: label(1011), vrf: "four", neighbor: address("1.2.3.4"),
                farEnds: [CircuitFarEnd(address: address("10.4.0.9"), circuit: "ten1/4")], since: time)
        ],
        entriesChecked: 42, violations: [])

    public static let explanation = ExplanationResult(
        generation: 2, path: .stages,
        steps: [
            ExplanationStep(
                stage: "ingress", decision: "NNI ten1/0", entry: "interface 3",
                configurationLine: "stile.conf:12: int ten1/0"),
            ExplanationStep(stage: "label_check", decision: "drop"),
        ], verdict: .dropped, reason: "label_not_valid_here", dropClass: .security,
        help: "the label is not valid on this NNI")

    public static let diagnostic = Diagnostic(
        severity: .error, code: "unknown-keyword", message: "unknown keyword 'iint'", file: "stile.conf", line: 3,
        column: 2, lineText: "\tiint ten1/0", length: 4, expected: ["interface", "ip"], hint: "did you mean 'int'?")

    public static let configurationCheck = ConfigurationCheckResult(warnings: [], cuts: cuts)

    public static let cuts = [
        TrafficCut(
            kind: .customerVanishes, subject: "one", reason: "the VRF is removed, and carried by 2 interfaces"),
        TrafficCut(kind: .sessionResets, subject: "192.0.2.2", reason: "the router identifier is another one"),
    ]

    public static let commits = CommitsResult(
        commits: [
            CommitSummary(
                number: 4, madeAt: time, user: "alice", userIdentifier: 1000, comment: "a new customer",
                source: "new.conf", confirmBy: time),
            CommitSummary(number: 3, madeAt: time, user: "stiled", userIdentifier: 0, source: "/etc/stile/stile.conf"),
        ], inForce: 4)

    public static let commit = CommitResult(
        commit: CommitSummary(number: 3, madeAt: time, user: "bob", userIdentifier: 1001, source: "commit 1"),
        comparedWith: 2,
        changes: [
            ConfigurationDiffLine(kind: .context, text: "ip vrf one"),
            ConfigurationDiffLine(kind: .added, text: " rd 42:7"),
        ])

    public static let configurationDiff = ConfigurationDiffResult(
        lines: [
            ConfigurationDiffLine(kind: .context, text: "ip vrf one"),
            ConfigurationDiffLine(kind: .removed, text: " rd 42:1"),
            ConfigurationDiffLine(kind: .added, text: " rd 42:7"),
        ], warnings: [], cuts: cuts)

    public static let configurationReplace = ConfigurationReplaceResult(
        changes: [ConfigurationDiffLine(kind: .added, text: "hostname asbr1")], warnings: [], appliedAt: time,
        problems: ["2 labels do not fit into the tables"], commit: 3, confirmBy: time)

    public static func address(_ text: String) -> IPAddress { IPAddress(text) ?? .ipv4(IPv4Address(rawValue: 0)) }

    public static func addresses(_ texts: String...) -> [IPAddress] { texts.map(address) }

    public static func prefix(_ text: String) -> IPPrefix { IPPrefix(text) ?? IPPrefix(host: address("0.0.0.0")) }

    public static func label(_ value: UInt32) -> MPLSLabel {
        guard let label = MPLSLabel(rawValue: value) else { fatalError("\(value) is no label") }
        return label
    }
}
