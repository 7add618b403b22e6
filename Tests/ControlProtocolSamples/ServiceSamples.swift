import ControlProtocol

/// Answers about the customers' services.
extension Samples {
    public static let accessLists = AccessListsResult(
        takenAt: time,
        entries: [
            AccessListEntryStatus(
                accessList: "web", family: .ipv4, sequence: 5, text: "remark the customer's servers", hitPackets: nil),
            AccessListEntryStatus(
                accessList: "web", family: .ipv4, sequence: 10, text: "permit tcp any host 10.1.0.2 eq 80 443",
                hitPackets: UInt64.max),
            AccessListEntryStatus(
                accessList: "web", family: .ipv4, sequence: nil, text: "deny everything else", hitPackets: 0),
        ], nextCursor: "6 0 web")

    public static let policyMap = PolicyMapResult(
        takenAt: time,
        policies: [
            AttachedPolicyStatus(
                interface: "ten1/0", unit: "ten1/0 vrf three", vrf: "three", direction: .input, policyMap: "gold",
                classes: [
                    PolicyClassStatus(
                        name: "voice", green: TrafficCount(packets: 10, bytes: 2_000),
                        yellow: TrafficCount(packets: 2, bytes: 400), red: TrafficCount(packets: 1, bytes: 200),
                        policer: PolicerStatus(
                            committedRateBitsPerSecond: 10_000_000, committedBurstBytes: 15_000,
                            peakRateBitsPerSecond: 20_000_000, excessBurstBytes: 30_000, conformAction: "transmit",
                            exceedAction: "set dscp 10", violateAction: "drop")),
                    PolicyClassStatus(
                        name: "bulk", green: TrafficCount(packets: 5, bytes: 7_500),
                        yellow: TrafficCount(packets: 0, bytes: 0), red: TrafficCount(packets: 3, bytes: 4_500),
                        policer: PolicerStatus(
                            committedRateBitsPerSecond: 8_000, committedBurstBytes: 1_500, conformAction: "transmit",
                            exceedAction: "drop", accountBytes: 18, conformColour: "came-green",
                            exceedColour: "came-yellow")),
                    PolicyClassStatus(
                        name: "class-default", green: TrafficCount(packets: 7, bytes: 700),
                        yellow: TrafficCount(packets: 0, bytes: 0), red: TrafficCount(packets: 0, bytes: 0)),
                ])
        ])

    public static let routeMaps = RouteMapsResult(
        takenAt: time,
        routeMaps: [
            RouteMapStatus(
                name: "office",
                entries: [
                    RouteMapEntryStatus(
                        sequence: 10, action: .permit, description: "through the firewall",
                        match: ["match ip address web", "match length 64 1500"],
                        set: ["set ip next-hop 10.1.0.9 10.1.0.10"],
                        attachments: [
                            RouteMapAttachment(
                                interface: "ten1/0.2", family: .ipv4, direction: .input,
                                matched: TrafficCount(packets: 12, bytes: 7_200),
                                withoutNextHop: TrafficCount(packets: 2, bytes: 1_200),
                                nextHops: [
                                    RouteMapNextHop(
                                        vrf: "one", address: address("10.1.0.9"), interface: "ten1/1", isUp: true),
                                    RouteMapNextHop(
                                        vrf: "one", address: address("10.1.0.10"), interface: nil, isUp: false),
                                ]),
                            RouteMapAttachment(
                                interface: "ten1/1", family: .ipv4, direction: .output,
                                matched: TrafficCount(packets: 0, bytes: 0),
                                withoutNextHop: TrafficCount(packets: 0, bytes: 0), nextHops: []),
                        ]),
                    RouteMapEntryStatus(
                        sequence: 20, action: .deny, description: nil, match: [], set: [], attachments: []),
                ])
        ])

    public static let accounting = AccountingResult(
        takenAt: time,
        vrfs: [
            VRFAccount(
                vrf: "one", received: TrafficCount(packets: 12, bytes: 1_200),
                sent: TrafficCount(packets: 3, bytes: 192))
        ],
        interfaces: [
            InterfaceAccount(
                vrf: "one", interface: "ten1/0.2", kind: .unit, received: TrafficCount(packets: 2, bytes: 200),
                sent: TrafficCount(packets: 3, bytes: 192)),
            InterfaceAccount(
                vrf: "one", interface: "ten1/1", kind: .attachmentCircuit,
                received: TrafficCount(packets: 10, bytes: 1_000), sent: TrafficCount(packets: 0, bytes: 0)),
        ],
        classes: [
            ClassAccount(
                vrf: "one", interface: "ten1/1", direction: .input, policyMap: "gold", className: "voice",
                traffic: TrafficCount(packets: 4, bytes: 400)),
            ClassAccount(
                vrf: "three", interface: "ten1/0 vrf three", direction: .output, policyMap: "gold",
                className: "class-default",
                traffic: TrafficCount(packets: 6, bytes: 600)),
        ])

    public static let countersCleared = CountersClearedResult(clearedAt: time, counters: 4)

    public static let flowsEnded = FlowsEndedResult(clearedAt: time, vrfs: ["one", "two"], activeFlows: 77)
}
