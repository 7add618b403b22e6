import CTableLayout

/// What the lab of the tests consists of, as plain data: three VRFs with the same prefixes, three NNIs (two of them on
/// one port), two interfaces of the core, seven attachment circuits, one of them a customer carrier's. `Fixtures/make_frames.py` names the same values.
enum LabPlan {
    struct Circuit {
        let port: UInt16
        var outer: UInt16?
        var inner: UInt16?
        let vrf: UInt16
        let counter: UInt16
        /// Whether another operator is there (Option AB).
        var isOperators = false
    }

    struct Unit {
        let label: UInt32
        let vrf: UInt16
        let counter: UInt16
        let isUniform: Bool
        /// The Ethernet addresses that alone may send by the label; `nil`: everyone.
        var sources: [[UInt8]]?
    }

    struct NNI {
        let port: UInt16
        var outer: UInt16?
        let counter: UInt16
        let labelBase: UInt32
        let labelCount: UInt32
        var units: [Unit]
        /// The core's interfaces have one label table and the same units.
        var isOfCore = false
        /// Explicit nulls that may stand above a label.
        var nulls: Set<UInt32> = []
        var swaps: [Swap] = []
        var pops: [Pop] = []
        var contexts: [Context] = []
        var replications: [Replication] = []
    }

    /// A label that names a label space: under it these mean something here, and all others nothing.
    struct Context {
        let label: UInt32
        let labelBase: UInt32
        let labelCount: UInt32
        var units: [Unit] = []
        var pops: [Pop] = []
    }

    /// A label whose packets go to several.
    struct Replication {
        struct Member {
            let hop: String
            var mayBeOnSameSide = false
        }

        let label: UInt32
        let members: [Member]
        /// How many labels have to be under it.
        var depth = 0
        var sources: [[UInt8]]?
    }

    /// A label that has its packets' next hop.
    struct Pop {
        let label: UInt32
        /// The counter of its packets' unit.
        let unit: UInt16
        /// `nil`: nothing leads there any more.
        let hop: String?
        var isIPv6 = false
        var sources: [[UInt8]]?
    }

    /// A label that is swapped.
    struct Swap {
        let label: UInt32
        /// `nil`: nothing leads there any more.
        let hop: String?
        /// How many labels have to be under it.
        var depth = 0
        var mayTransit = false
        var sources: [[UInt8]]?
        /// Whether an entropy label with its indicator may be under those.
        var hasEntropy = false
        /// Whether it is for sessions between listed addresses alone.
        var isForSessions = false
        var isIPv6Only = false
        /// Whether fewer than `depth` labels may be under it as well.
        var isUpTo = false
        /// Whether what is under it is an Ethernet frame.
        var isFrame = false
    }

    struct Hop {
        enum Kind {
            case circuit
            case labelled
            case receive
            case subnet
            case discard
            /// A neighbor on an NNI that is not resolved, and one on a circuit that does not answer.
            case incompleteOnNNI
            case failed
            /// A neighbor on an NNI, or a PE, for labels that are swapped; `label` 3: none takes their place. The counter is
            /// the NNI's, or that of what is swapped into the core. The second is not resolved.
            case swap
            case incompleteSwap
        }

        let kind: Kind
        let vrf: UInt16
        /// The counter of the circuit or unit that it leaves by; 0: none.
        var counter: UInt16 = 0
        var label: UInt32 = 0
        var isUniform = false
        var mtu: UInt16 = 1500
        /// Into the core: the counter of the interface, and the labels above the one that the PE gave.
        var transport: (core: UInt16, labels: [UInt32])?
        /// On an NNI: the label above that one, of two that the neighbor gave, and whether it is the unit's own MTU that `mtu` is, the
        /// NNI's having room for more.
        var outer: (label: UInt32, isUnitsMTU: Bool)?
        /// What stands above `label`, the outermost first.
        var labelsAbove: [UInt32] { transport?.labels ?? outer.map { [$0.label] } ?? [] }
        /// Whether the PE is a border router that has the route from an NNI.
        var isMarked = false
        /// Where the labels go over UDP.
        var tunnel: Tunnel?
        /// Whether labelled packets leave by a circuit of a customer that is a carrier.
        var isOnCarrier: Bool { kind == .swap && carriers.contains { $0.counter == counter } }
    }

    struct Tunnel {
        let remote: [UInt8]
        let hasChecksum: Bool
    }

    static let vrfFlags: [UInt16: UInt32] = [
        1: STILE_FLAG_IPV4.rawValue | STILE_FLAG_IPV6.rawValue,
        2: STILE_FLAG_IPV4.rawValue | STILE_FLAG_IPV6.rawValue | STILE_FLAG_TRANSIT.rawValue,
        3: STILE_FLAG_IPV4.rawValue,
    ]

    static let circuits = [
        Circuit(port: 2, vrf: 1, counter: 41),
        Circuit(port: 3, outer: 31, vrf: 1, counter: 42),
        Circuit(port: 3, outer: 30, vrf: 2, counter: 43),
        Circuit(port: 3, outer: 40, inner: 50, vrf: 3, counter: 44),
        Circuit(port: 4, vrf: 2, counter: 45),
        Circuit(port: 3, outer: 40, vrf: 1, counter: 46),
        Circuit(port: 4, outer: 60, vrf: 1, counter: 47),
        Circuit(port: 3, outer: 47, vrf: 1, counter: 35, isOperators: true),
        Circuit(port: 4, outer: 48, vrf: 2, counter: 36, isOperators: true),
        Circuit(port: 4, outer: 49, vrf: 1, counter: 37, isOperators: true),
    ]

    /// What the circuits of customers that are carriers have beside that: a table of labels, all of which are swapped.
    static let carriers = [
        NNI(
            port: 4, outer: 60, counter: 47, labelBase: 500, labelCount: 16, units: [],
            swaps: [
                Swap(label: 501, hop: "sCore", depth: 3, isUpTo: true),
                Swap(label: 502, hop: "s1", depth: 3, mayTransit: true, isUpTo: true),
                Swap(label: 503, hop: "s47", depth: 1, mayTransit: true, isUpTo: true), Swap(label: 504, hop: nil),
                Swap(label: 505, hop: "s2", depth: 3, isUpTo: true),
                Swap(label: 506, hop: "sCorePop", depth: 2, isUpTo: true),
                Swap(label: 507, hop: "sCore", depth: 3, sources: [neighborMAC(counter: 47)], isUpTo: true),
            ])
    ]

    static let nnis = [
        NNI(
            port: 0, counter: 1, labelBase: 1000, labelCount: 64,
            units: [
                Unit(label: 1001, vrf: 1, counter: 11, isUniform: true),
                Unit(label: 1002, vrf: 2, counter: 12, isUniform: true),
                Unit(label: 1003, vrf: 3, counter: 13, isUniform: false),
            ],
            swaps: [
                Swap(label: 1010, hop: "sCore"), Swap(label: 1011, hop: "sCoreFar"), Swap(label: 1012, hop: "sCoreUDP"),
                Swap(label: 1013, hop: "s2", mayTransit: true), Swap(label: 1014, hop: "s2"),
                Swap(label: 1015, hop: "sCore", depth: 1), Swap(label: 1016, hop: "sCorePop", depth: 1),
                Swap(label: 1017, hop: "s3", depth: 3, mayTransit: true), Swap(label: 1018, hop: nil),
                Swap(label: 1019, hop: "sSilent"), Swap(label: 1020, hop: "sCorePop"),
                // What a fault in the control process could install: what is for packets of a VRF.
                Swap(label: 1021, hop: "p14"), Swap(label: 1022, hop: "sCoreUDPSix", depth: 2),
                Swap(label: 1023, hop: "s1", mayTransit: true),
                Swap(label: 1024, hop: "sCore", depth: 1, hasEntropy: true),
                Swap(label: 1025, hop: "sCorePop", isForSessions: true),
                Swap(label: 1026, hop: "sCorePlain", isForSessions: true),
                Swap(label: 1027, hop: "sCorePlain", isIPv6Only: true),
                Swap(label: 1028, hop: "sCoreUDPPop"), Swap(label: 1029, hop: "s1Pop", mayTransit: true),
                Swap(label: 1054, hop: "s47", depth: 3, mayTransit: true, isUpTo: true),
                Swap(label: 1006, hop: "sCore", isFrame: true), Swap(label: 1008, hop: "s2", isFrame: true),
                Swap(label: 1007, hop: "sCoreUDP", isFrame: true),
            ],
            pops: [
                Pop(label: 1032, unit: 11, hop: "c42"), Pop(label: 1033, unit: 11, hop: "p14far"),
                Pop(label: 1034, unit: 11, hop: "n21"), Pop(label: 1035, unit: 12, hop: "n22"),
                Pop(label: 1036, unit: 12, hop: "c45", isIPv6: true), Pop(label: 1037, unit: 11, hop: nil),
                Pop(label: 1038, unit: 11, hop: "silent"), Pop(label: 1039, unit: 11, hop: "gleanNNI"),
                Pop(label: 1040, unit: 13, hop: "c44"), Pop(label: 1041, unit: 11, hop: "p14border", isIPv6: true),
                Pop(label: 1042, unit: 11, hop: "tiny"), Pop(label: 1043, unit: 11, hop: "n11"),
                Pop(label: 1048, unit: 12, hop: "c43"), Pop(label: 1049, unit: 12, hop: "n12", isIPv6: true),
                Pop(label: 1050, unit: 12, hop: "p24"),
                // What a fault in the control process could install.
                Pop(label: 1051, unit: 11, hop: "g1"), Pop(label: 1052, unit: 11, hop: "g1Silent", isIPv6: true),
                Pop(label: 1053, unit: 12, hop: "g2"),
                Pop(label: 1031, unit: 11, hop: "a35"), Pop(label: 1063, unit: 12, hop: "a36"),
                Pop(label: 1044, unit: 11, hop: "foreign"), Pop(label: 1045, unit: 11, hop: "own1"),
                Pop(label: 1046, unit: 11, hop: "sCore"), Pop(label: 1047, unit: 11, hop: "glean"),
            ],
            contexts: [
                Context(
                    label: 1060, labelBase: 50_000, labelCount: 16,
                    units: [
                        Unit(label: 50_001, vrf: 1, counter: 11, isUniform: true),
                        Unit(label: 50_002, vrf: 2, counter: 12, isUniform: true),
                        Unit(label: 50_003, vrf: 3, counter: 13, isUniform: false),
                    ], pops: [Pop(label: 50_004, unit: 11, hop: "c42"), Pop(label: 50_005, unit: 11, hop: nil)]),
                // Another space, with a label that means another VRF there, and one without any.
                Context(
                    label: 1061, labelBase: 1_000, labelCount: 4,
                    units: [Unit(label: 1_001, vrf: 2, counter: 12, isUniform: true)]),
                Context(label: 1062, labelBase: 0, labelCount: 0),
            ],
            replications: [
                Replication(
                    label: 1059,
                    members: [.init(hop: "s2", mayBeOnSameSide: true), .init(hop: "sCore"), .init(hop: "sCoreUDP")]),
                // Where it came from, another NNI without leave, and nobody that answers.
                Replication(
                    label: 1055,
                    members: [.init(hop: "s1", mayBeOnSameSide: true), .init(hop: "s2"), .init(hop: "sSilent")]),
                Replication(
                    label: 1056,
                    members: [
                        .init(hop: "s3", mayBeOnSameSide: true), .init(hop: "sCoreNear"), .init(hop: "sCoreUDPSix"),
                    ],
                    depth: 1),
                Replication(label: 1057, members: []),
                // What a fault in the control process could install.
                Replication(
                    label: 1058,
                    members: [.init(hop: "p14"), .init(hop: "s2", mayBeOnSameSide: true), .init(hop: "sCorePop")]),
            ]),
        NNI(
            port: 1, outer: 100, counter: 2, labelBase: 1000, labelCount: 16,
            units: [
                Unit(label: 1005, vrf: 1, counter: 21, isUniform: true),
                Unit(label: 1002, vrf: 2, counter: 22, isUniform: false),
            ],
            swaps: [Swap(label: 1010, hop: "sCoreNear"), Swap(label: 1011, hop: "sCorePop", depth: 4)],
            pops: [
                Pop(label: 1006, unit: 21, hop: "c41", isIPv6: true), Pop(label: 1007, unit: 22, hop: "p24border"),
                Pop(label: 1008, unit: 22, hop: "t24", isIPv6: true),
            ],
            contexts: [
                // The first one's space: of its VRFs this link has one.
                Context(
                    label: 1014, labelBase: 50_000, labelCount: 8,
                    units: [Unit(label: 50_002, vrf: 2, counter: 22, isUniform: false)])
            ]),
        NNI(
            port: 1, outer: 200, counter: 3, labelBase: 2000, labelCount: 16,
            units: [
                // Two neighbors, with a label each for the same unit, and one that has not been resolved.
                Unit(label: 2003, vrf: 3, counter: 33, isUniform: true, sources: [neighborMAC(counter: 33)]),
                Unit(
                    label: 2004, vrf: 3, counter: 33, isUniform: true,
                    sources: [[2, 0, 0, 0, 2, 1], neighborMAC(counter: 3)]),
                Unit(label: 2005, vrf: 3, counter: 33, isUniform: true, sources: []),
            ],
            swaps: [
                Swap(label: 2006, hop: "sCore", sources: [neighborMAC(counter: 33)]),
                Swap(label: 2007, hop: "sCorePop", depth: 1, sources: [neighborMAC(counter: 3)]),
            ],
            pops: [
                Pop(label: 2008, unit: 33, hop: "c44", sources: [neighborMAC(counter: 33)]),
                Pop(label: 2009, unit: 33, hop: "p34", sources: []),
            ],
            contexts: [
                Context(
                    label: 2010, labelBase: 50_000, labelCount: 8,
                    units: [
                        Unit(
                            label: 50_003, vrf: 3, counter: 33, isUniform: true,
                            sources: [neighborMAC(counter: 33), neighborMAC(counter: 3)]),
                        Unit(label: 50_004, vrf: 3, counter: 33, isUniform: true, sources: []),
                    ])
            ],
            replications: [
                Replication(
                    label: 2011, members: [.init(hop: "s1", mayBeOnSameSide: true), .init(hop: "sCoreFar")],
                    sources: [neighborMAC(counter: 33)])
            ]),
        NNI(
            port: 5, outer: 500, counter: 4, labelBase: 3000, labelCount: 32, units: coreUnits, isOfCore: true,
            nulls: [0], swaps: coreSwaps, pops: corePops, contexts: coreContexts, replications: coreReplications),
        NNI(
            port: 5, outer: 501, counter: 5, labelBase: 3000, labelCount: 32, units: coreUnits, isOfCore: true,
            swaps: coreSwaps, pops: corePops, contexts: coreContexts, replications: coreReplications),
    ]

    private static let coreContexts = [
        Context(
            label: 3000, labelBase: 50_000, labelCount: 8,
            units: [
                Unit(label: 50_001, vrf: 1, counter: 14, isUniform: true),
                Unit(label: 50_003, vrf: 3, counter: 34, isUniform: false),
            ])
    ]

    private static let coreSwaps = [
        Swap(label: 3004, hop: "s1"), Swap(label: 3005, hop: "s2"), Swap(label: 3006, hop: "s3", depth: 1),
        Swap(label: 3007, hop: "sCore"), Swap(label: 3008, hop: "s1Pop", depth: 2), Swap(label: 3009, hop: "sSmall"),
        Swap(label: 3016, hop: "s1", depth: 1, hasEntropy: true), Swap(label: 3017, hop: "s2", isForSessions: true),
        Swap(label: 3018, hop: "s1Pop", isIPv6Only: true),
        Swap(label: 3020, hop: "s47", depth: 3, isUpTo: true),
        Swap(label: 3021, hop: "s47Pop", depth: 3, isUpTo: true), Swap(label: 3022, hop: "s1", isFrame: true),
        Swap(label: 3023, hop: "sSmall", isFrame: true),
    ]

    /// Of the two ways into the core, each packet has come by one.
    private static let coreReplications = [
        Replication(
            label: 3024,
            members: [
                .init(hop: "s1"), .init(hop: "sCore", mayBeOnSameSide: true), .init(hop: "s2"),
                .init(hop: "sCoreFar", mayBeOnSameSide: true),
            ]),
        Replication(label: 3025, members: [.init(hop: "sSmall"), .init(hop: "sCoreUDP")]),
    ]

    private static let corePops = [
        Pop(label: 3010, unit: 14, hop: "n11"), Pop(label: 3011, unit: 14, hop: "p14near", isIPv6: true),
        Pop(label: 3012, unit: 24, hop: "c43", isIPv6: true), Pop(label: 3013, unit: 34, hop: "n33"),
        Pop(label: 3014, unit: 14, hop: "gleanCore"), Pop(label: 3015, unit: 14, hop: "c41"),
        Pop(label: 3019, unit: 14, hop: "a35"),
    ]

    private static let coreUnits = [
        Unit(label: 3001, vrf: 1, counter: 14, isUniform: true),
        Unit(label: 3002, vrf: 2, counter: 24, isUniform: true),
        Unit(label: 3003, vrf: 3, counter: 34, isUniform: false),
    ]

    static let hops: [String: Hop] = [
        "c41": Hop(kind: .circuit, vrf: 1, counter: 41),
        "c42": Hop(kind: .circuit, vrf: 1, counter: 42),
        "c43": Hop(kind: .circuit, vrf: 2, counter: 43),
        "c44": Hop(kind: .circuit, vrf: 3, counter: 44, mtu: 1400),
        "c45": Hop(kind: .circuit, vrf: 2, counter: 45, mtu: 600),
        "a35": Hop(kind: .circuit, vrf: 1, counter: 35),
        "a36": Hop(kind: .circuit, vrf: 2, counter: 36, mtu: 600),
        "a37": Hop(kind: .circuit, vrf: 1, counter: 37),
        "n11": Hop(kind: .labelled, vrf: 1, counter: 11, label: 5001, isUniform: true, mtu: 1496),
        "n12": Hop(kind: .labelled, vrf: 2, counter: 12, label: 5002, isUniform: true, mtu: 1496),
        "n13": Hop(
            kind: .labelled, vrf: 3, counter: 13, label: 5003, isUniform: true, mtu: 1492, outer: (1999, false)),
        "n21": Hop(kind: .labelled, vrf: 1, counter: 21, label: 6001, isUniform: true, mtu: 1496),
        "n22": Hop(
            kind: .labelled, vrf: 2, counter: 22, label: 6002, isUniform: false, mtu: 1492, outer: (1999, false)),
        "n33": Hop(
            kind: .labelled, vrf: 3, counter: 33, label: 7003, isUniform: false, mtu: 1300, outer: (16, true)),
        "p14": Hop(
            kind: .labelled, vrf: 1, counter: 14, label: 8001, isUniform: true, mtu: 1492, transport: (4, [16001])),
        "p14near": Hop(
            kind: .labelled, vrf: 1, counter: 14, label: 8002, isUniform: true, mtu: 1396, transport: (5, [])),
        "p14far": Hop(
            kind: .labelled, vrf: 1, counter: 14, label: 8003, isUniform: true, mtu: 1488,
            transport: (4, [16002, 16003])),
        "p24": Hop(
            kind: .labelled, vrf: 2, counter: 24, label: 8004, isUniform: false, mtu: 1488,
            transport: (5, [16002, 16003])),
        "p34": Hop(
            kind: .labelled, vrf: 3, counter: 34, label: 8005, isUniform: false, mtu: 1300, transport: (5, [16001])),
        "p14border": Hop(
            kind: .labelled, vrf: 1, counter: 14, label: 8006, isUniform: true, mtu: 1492, transport: (4, [16001]),
            isMarked: true),
        "p24border": Hop(
            kind: .labelled, vrf: 2, counter: 24, label: 8007, isUniform: true, mtu: 1496, transport: (5, []),
            isMarked: true),
        "t14": Hop(
            kind: .labelled, vrf: 1, counter: 14, label: 8010, isUniform: true, mtu: 1468, transport: (4, []),
            tunnel: Tunnel(remote: [192, 168, 7, 7], hasChecksum: false)),
        "t14six": Hop(
            kind: .labelled, vrf: 1, counter: 14, label: 8011, isUniform: true, mtu: 1444,
            transport: (5, [16004, 16005]),
            tunnel: Tunnel(remote: tunnelPeer(0xF7), hasChecksum: true)),
        "t24": Hop(
            kind: .labelled, vrf: 2, counter: 24, label: 8012, isUniform: false, mtu: 1448, transport: (5, []),
            tunnel: Tunnel(remote: tunnelPeer(0xF8), hasChecksum: false)),
        "t34": Hop(
            kind: .labelled, vrf: 3, counter: 34, label: 8013, isUniform: false, mtu: 576, transport: (4, [16006]),
            tunnel: Tunnel(remote: [192, 168, 7, 9], hasChecksum: false)),
        "s1": Hop(kind: .swap, vrf: 0, counter: 1, label: 9001, mtu: 1496),
        "s1Pop": Hop(kind: .swap, vrf: 0, counter: 1, label: 3, mtu: 1496),
        "s47": Hop(kind: .swap, vrf: 0, counter: 47, label: 24001, mtu: 1500),
        "s47Pop": Hop(kind: .swap, vrf: 0, counter: 47, label: 3, mtu: 1500),
        "s2": Hop(kind: .swap, vrf: 0, counter: 2, label: 9002, mtu: 1400),
        "s3": Hop(kind: .swap, vrf: 0, counter: 3, label: 9003, mtu: 600),
        "sSmall": Hop(kind: .swap, vrf: 0, counter: 3, label: 9004, mtu: 576, outer: (1998, false)),
        "sSilent": Hop(kind: .incompleteSwap, vrf: 0, counter: 6, label: 9005, transport: (4, [])),
        "sCore": Hop(kind: .swap, vrf: 0, counter: 6, label: 9010, mtu: 1492, transport: (4, [16001])),
        "sCoreNear": Hop(kind: .swap, vrf: 0, counter: 6, label: 9011, mtu: 700, transport: (5, [])),
        "sCoreFar": Hop(kind: .swap, vrf: 0, counter: 6, label: 9012, mtu: 1488, transport: (5, [16002, 16003])),
        "sCorePlain": Hop(kind: .swap, vrf: 0, counter: 6, label: 3, mtu: 1300, transport: (5, [])),
        "sCoreUDPPop": Hop(
            kind: .swap, vrf: 0, counter: 6, label: 3, mtu: 1468, transport: (4, []),
            tunnel: Tunnel(remote: [192, 168, 7, 7], hasChecksum: false)),
        "sCorePop": Hop(kind: .swap, vrf: 0, counter: 6, label: 3, mtu: 1492, transport: (4, [16001])),
        "sCoreUDP": Hop(
            kind: .swap, vrf: 0, counter: 6, label: 9013, mtu: 1468, transport: (4, []),
            tunnel: Tunnel(remote: [192, 168, 7, 7], hasChecksum: false)),
        "sCoreUDPSix": Hop(
            kind: .swap, vrf: 0, counter: 6, label: 9014, mtu: 1444, transport: (5, [16004, 16005]),
            tunnel: Tunnel(remote: tunnelPeer(0xF7), hasChecksum: true)),
        "gleanCore": Hop(kind: .incompleteOnNNI, vrf: 1, counter: 14, transport: (4, [])),
        "own1": Hop(kind: .receive, vrf: 1),
        "own2": Hop(kind: .receive, vrf: 2),
        "own3": Hop(kind: .receive, vrf: 3),
        "glean": Hop(kind: .subnet, vrf: 1, counter: 41),
        "gleanNNI": Hop(kind: .incompleteOnNNI, vrf: 1, counter: 11),
        "null": Hop(kind: .discard, vrf: 1),
        "silent": Hop(kind: .failed, vrf: 1, counter: 41),
        // What a fault in the control process could install: VRF 1's route over VRF 2's interfaces.
        "foreign": Hop(kind: .circuit, vrf: 2, counter: 43),
        "foreignReceive": Hop(kind: .receive, vrf: 2),
        "tiny": Hop(kind: .circuit, vrf: 1, counter: 41, mtu: 20),
    ]

    static let routes: [UInt16: [(prefix: String, hop: String)]] = [
        1: [
            ("10.1.0.0/16", "c41"), ("10.2.0.0/16", "c42"), ("10.3.0.0/16", "n11"), ("10.3.7.0/24", "n21"),
            ("10.1.0.1/32", "own1"), ("10.1.9.0/24", "glean"), ("10.3.9.0/24", "gleanNNI"), ("10.9.0.0/16", "null"),
            ("10.8.0.0/16", "silent"), ("10.6.0.0/16", "foreign"), ("10.6.1.0/24", "foreignReceive"),
            ("10.7.0.0/16", "tiny"), ("2001:db8:1::/48", "c41"), ("2001:db8:2::/48", "c42"),
            ("2001:db8:3::/48", "n11"), ("2001:db8:3:7::/64", "n21"), ("2001:db8:1::1/128", "own1"),
            ("2001:db8:1:9::/64", "glean"), ("2001:db8:9::/48", "null"), ("2001:db8:8::/48", "silent"),
            ("2001:db8:6::/48", "foreign"), ("10.4.0.0/16", "p14"), ("10.4.7.0/24", "p14near"),
            ("10.5.0.0/16", "p14far"),
            ("10.4.8.0/24", "p14border"), ("2001:db8:4:8::/64", "p14border"),
            ("10.4.9.0/24", "gleanCore"), ("2001:db8:4::/48", "p14"), ("2001:db8:5::/48", "p14far"),
            ("10.5.1.0/24", "a35"), ("2001:db8:5:7::/64", "p14near"), ("10.4.3.0/24", "t14"), ("10.5.3.0/24", "t14six"),
            ("2001:db8:4:9::/64", "t14"), ("2001:db8:5:9::/64", "t14six"), ("10.3.1.0/24", "a37"),
            ("2001:db8:4:7::/64", "a35"),
        ],
        2: [
            ("10.1.0.0/16", "c43"), ("10.2.0.0/16", "c45"), ("10.3.0.0/16", "n12"), ("10.4.0.0/16", "n22"),
            ("10.1.0.1/32", "own2"), ("2001:db8:1::/48", "c43"), ("2001:db8:2::/48", "c45"),
            ("2001:db8:3::/48", "n12"), ("2001:db8:4::/48", "n22"), ("2001:db8:1::1/128", "own2"),
            ("10.5.0.0/16", "p24"), ("2001:db8:5::/48", "p24"),
            ("10.5.1.0/24", "a36"), ("2001:db8:4:7::/64", "a36"), ("10.5.8.0/24", "p24border"),
            ("2001:db8:5:8::/64", "p24border"), ("10.5.3.0/24", "t24"),
            ("2001:db8:5:9::/64", "t24"),
        ],
        3: [
            ("10.1.0.0/16", "c44"), ("10.3.0.0/16", "n33"), ("10.3.3.0/24", "n13"), ("10.1.0.1/32", "own3"),
            ("10.4.0.0/16", "p34"), ("10.4.3.0/24", "t34"),
        ],
    ]

    /// Between whom labels for sessions may carry any, on the first NNI and in the core.
    static let sessionsTo: [(octets: [UInt8], bits: Int)] = [([10, 1, 0, 1], 32), ([10, 3, 0, 0], 16), (site(1), 48)]
    static let sessionsFrom: [(octets: [UInt8], bits: Int)] = [
        ([10, 2, 0, 1], 32), ([10, 1, 0, 0], 16), (site(3), 48),
    ]
    private static func site(_ site: UInt8) -> [UInt8] {
        [0x20, 1, 0x0D, 0xB8, 0, site] + [UInt8](repeating: 0, count: 10)
    }

    /// Whose MPLS over UDP is taken on the core's interfaces.
    static let tunnelSources: [(prefix: [UInt8], bits: Int, needsChecksum: Bool)] = [
        ([192, 168, 7, 0], 24, false), (tunnelPeer(0xF7, 0), 48, true), (tunnelPeer(0xF8, 0), 48, false),
        (tunnelPeer(0xF7, 0, subnet: 1), 64, false), ([192, 168, 7, 7], 32, false),
    ]

    /// 2001:db8:site:subnet::host.
    static func tunnelPeer(_ site: UInt8, _ host: UInt8 = 7, subnet: UInt8 = 0) -> [UInt8] {
        [0x20, 1, 0x0D, 0xB8, 0, site, 0, subnet, 0, 0, 0, 0, 0, 0, 0, host]
    }

    /// Where tunnels of an address's family end.
    static func tunnelAddress(of other: [UInt8]) -> [UInt8] {
        other.count == 4 ? [192, 168, 9, 1] : tunnelPeer(0xF0, 1)
    }

    /// The NNI or core interface that what takes a hop leaves by, or the circuit if its label is swapped; `nil`: it is a circuit.
    static func carrier(of hop: Hop) -> NNI? {
        (nnis + carriers).first { nni in
            hop.transport.map { $0.core == nni.counter }
                ?? (nni.counter == hop.counter || nni.units.contains { $0.counter == hop.counter })
        }
    }

    /// Whether a hop leads to another operator by a circuit.
    static func isOperatorsCircuit(_ counter: UInt16) -> Bool {
        circuits.contains { $0.counter == counter && $0.isOperators }
    }

    /// The box's own MAC address on a port.
    static func ownMAC(port: UInt16) -> [UInt8] { [2, 0, 0, 0, 0, UInt8(port)] }

    static let ports: Range<UInt16> = 0..<6

    /// The counters of a port's frames that are of no interface.
    static func counter(ofPort port: UInt16) -> UInt16 { 50 + port }

    /// The neighbor behind the interface with this counter.
    static func neighborMAC(counter: UInt16) -> [UInt8] { [2, 0, 0, 0, 1, UInt8(counter)] }

    /// 10.0.counter.1 and 2001:db8:0:counter::1, the sources of ICMP errors.
    static func ownIPv4(counter: UInt16) -> UInt32 { 0x0A00_0001 | UInt32(counter) << 8 }
    static func ownIPv6(counter: UInt16) -> [UInt8] {
        [0x20, 1, 0x0D, 0xB8, 0, 0, 0, UInt8(counter), 0, 0, 0, 0, 0, 0, 0, 1]
    }

    /// The local services of the first NNI, whose address is 192.168.0.1 and whose neighbor's 192.168.0.0.
    static let nniIPv4: [UInt8] = [192, 168, 0, 1]
    static let neighborIPv4: [UInt8] = [192, 168, 0, 0]
    static let nniIPv6: [UInt8] = [0x20, 1, 0x0D, 0xB8, 0, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
}
