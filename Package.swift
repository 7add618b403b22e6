// swift-tools-version: 6.2
import PackageDescription

#if arch(arm64)
    let multiarchTriple = "aarch64-linux-gnu"
    let machineArchitecture = "armv8-a+crc"
#else
    let multiarchTriple = "x86_64-linux-gnu"
    let machineArchitecture = "corei7"
#endif

/// What `pkg-config --cflags libdpdk` says; SwiftPM cannot read that file. DPDK's inline code needs SSE4.2.
let dpdkFlags = [
    "-I/usr/include/dpdk", "-I/usr/include/\(multiarchTriple)/dpdk", "-include", "rte_config.h",
    "-march=\(machineArchitecture)",
]

/// For Swift targets that import CDPDKShim, directly or through another module.
let importsDPDK = SwiftSetting.unsafeFlags(dpdkFlags.flatMap { ["-Xcc", $0] })

/// For Swift targets of the packet path that do not: the same processor, so that a popcount is one instruction.
let packetPath = SwiftSetting.unsafeFlags(["-Xcc", "-march=\(machineArchitecture)"])

let strict = SwiftSetting.treatAllWarnings(as: .error)

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let nio: [Target.Dependency] = ["NIOCore", "NIOPosix"].map { .product(name: $0, package: "swift-nio") }

let package = Package(
    name: "stile",
    products: [
        .executable(name: "stiled", targets: ["stiled"]),
        .executable(name: "stile-dataplane", targets: ["stile-dataplane"]),
        .executable(name: "stile", targets: ["stile"]),
        .executable(name: "stile-traffic", targets: ["stile-traffic"]),
        // What Bench/ measures.
        .library(
            name: "PacketPath",
            targets: ["Addressing", "CTableLayout", "ForwardingTables", "PacketFormats", "Pipeline"]),
        .library(name: "RoutingTables", targets: ["Addressing", "BGP", "Routing"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", exact: "0.2.0"),
    ],
    targets: [
        // What everybody speaks of.
        .target(name: "Addressing", swiftSettings: [strict]),
        // What both processes tell the service manager.
        .target(name: "ServiceSupervision", swiftSettings: [strict]),

        // What both processes log.
        .target(name: "LogDelivery", dependencies: [logging], swiftSettings: [strict]),

        // The packet's path.
        .target(name: "CTableLayout"),
        .target(
            name: "CDPDKShim", dependencies: ["CTableLayout"], path: "CDPDKShim", cSettings: [.unsafeFlags(dpdkFlags)],
            linkerSettings: ["rte_acl", "rte_eal", "rte_ethdev", "rte_mbuf", "rte_mempool", "rte_ring"].map {
                .linkedLibrary($0)
            }),
        .target(name: "PacketFormats", dependencies: ["Addressing"], swiftSettings: [packetPath, strict]),
        .target(
            name: "ForwardingTables", dependencies: ["Addressing", "CTableLayout"],
            swiftSettings: [packetPath, strict]),
        .target(
            name: "Pipeline", dependencies: ["CTableLayout", "ForwardingTables", "PacketFormats"],
            swiftSettings: [packetPath, strict]),
        .target(
            name: "Dataplane",
            dependencies: [
                "Addressing", "CDPDKShim", "CTableLayout", "ForwardingTables", "PacketFormats", "Pipeline",
                "ServiceSupervision", logging,
            ],
            swiftSettings: [importsDPDK, strict]),

        // The control process.
        .target(name: "Configuration", dependencies: ["Addressing"], swiftSettings: [strict]),
        .target(name: "BGP", dependencies: ["Addressing"] + nio, swiftSettings: [strict]),
        .target(name: "Routing", dependencies: ["Addressing", "BGP"], swiftSettings: [strict]),
        .target(name: "ControlProtocol", dependencies: ["Addressing"] + nio, swiftSettings: [strict]),
        .target(name: "ForwardingPlaneManager", dependencies: ["Addressing"] + nio, swiftSettings: [strict]),
        .target(name: "FlowExport", dependencies: ["Addressing"] + nio, swiftSettings: [strict]),
        .target(
            name: "MetricsExposition",
            dependencies: ["Addressing", "ControlProtocol", .product(name: "NIOHTTP1", package: "swift-nio")] + nio,
            swiftSettings: [strict]),
        .target(name: "SyslogExport", dependencies: ["Addressing", "LogDelivery"] + nio, swiftSettings: [strict]),
        .target(
            name: "ControlPlane",
            dependencies: [
                "Addressing", "BGP", "Configuration", "ControlProtocol", "CTableLayout", "FlowExport",
                "ForwardingPlaneManager", "ForwardingTables", "LogDelivery", "MetricsExposition",
                "PacketFormats", "Pipeline", "Routing", "ServiceSupervision", "SyslogExport", logging,
            ] + nio,
            swiftSettings: [packetPath, strict]),
        .target(
            name: "OperatorCommands",
            dependencies: ["Addressing", "Configuration", "ControlProtocol", argumentParser], swiftSettings: [strict]),

        .target(
            name: "TrafficGenerator",
            dependencies: [
                "Addressing", "CDPDKShim", "ControlProtocol", "CTableLayout", "Dataplane", "PacketFormats",
                argumentParser,
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ],
            swiftSettings: [importsDPDK, strict]),

        // The programs.
        .executableTarget(
            name: "stile-dataplane", dependencies: ["Dataplane", "LogDelivery", argumentParser, logging],
            swiftSettings: [importsDPDK, strict]),
        .executableTarget(
            name: "stiled",
            dependencies: [
                "ControlPlane", "ControlProtocol", "LogDelivery", "ServiceSupervision", argumentParser, logging,
            ],
            swiftSettings: [strict]),
        .executableTarget(name: "stile", dependencies: ["OperatorCommands"], swiftSettings: [strict]),
        .executableTarget(
            name: "stile-traffic", dependencies: ["TrafficGenerator"], swiftSettings: [importsDPDK, strict]),

        // Random inputs that can be repeated.
        .target(name: "SeededRandom", path: "Tests/SeededRandom", swiftSettings: [strict]),

        // Random access lists, and what they say.
        .target(
            name: "AccessListSamples", dependencies: ["CTableLayout", "SeededRandom"], path: "Tests/AccessListSamples",
            swiftSettings: [strict]),

        .testTarget(name: "AddressingTests", dependencies: ["Addressing"], swiftSettings: [strict]),
        .testTarget(
            name: "PacketFormatsTests", dependencies: ["Addressing", "PacketFormats", "SeededRandom"],
            swiftSettings: [packetPath, strict]),
        .testTarget(
            name: "ForwardingTablesTests",
            dependencies: ["Addressing", "CTableLayout", "ForwardingTables", "SeededRandom"],
            swiftSettings: [packetPath, strict]),
        .testTarget(
            name: "PipelineTests",
            dependencies: [
                "AccessListSamples", "Addressing", "CTableLayout", "ForwardingTables", "PacketFormats", "Pipeline",
                "SeededRandom",
            ],
            exclude: ["Fixtures"], swiftSettings: [packetPath, strict]),
        .testTarget(
            name: "DataplaneTests",
            dependencies: [
                "AccessListSamples", "Addressing", "CDPDKShim", "CTableLayout", "Dataplane", "ForwardingTables",
                "PacketFormats", "Pipeline", "SeededRandom", "ServiceSupervision", "stile-dataplane",
            ],
            swiftSettings: [importsDPDK, strict]),
        .testTarget(
            name: "TrafficGeneratorTests",
            dependencies: [
                "Addressing", "ControlProtocol", "PacketFormats", "TrafficGenerator", "stile-traffic", "SeededRandom",
            ],
            exclude: ["Fixtures"], swiftSettings: [importsDPDK, strict]),
        .testTarget(
            name: "ConfigurationTests", dependencies: ["Addressing", "Configuration", "SeededRandom"],
            resources: [.copy("Fixtures")],
            swiftSettings: [strict]),
        .testTarget(
            name: "BGPTests", dependencies: ["Addressing", "BGP", "SeededRandom"] + nio, swiftSettings: [strict]),
        .testTarget(
            name: "RoutingTests", dependencies: ["Addressing", "BGP", "Routing", "SeededRandom"],
            swiftSettings: [strict]),
        .testTarget(
            name: "ForwardingPlaneManagerTests",
            dependencies: ["Addressing", "ForwardingPlaneManager", "SeededRandom"] + nio, swiftSettings: [strict]),
        .testTarget(
            name: "FlowExportTests", dependencies: ["Addressing", "FlowExport", "SeededRandom"] + nio,
            swiftSettings: [strict]),
        .testTarget(
            name: "LogDeliveryTests", dependencies: ["Addressing", "LogDelivery", "SyslogExport", logging] + nio,
            swiftSettings: [strict]),
        .testTarget(
            name: "MetricsExpositionTests",
            dependencies: ["Addressing", "ControlProtocol", "ControlProtocolSamples", "MetricsExposition"] + nio,
            swiftSettings: [strict]),
        .target(
            name: "ControlProtocolSamples", dependencies: ["Addressing", "ControlProtocol"],
            path: "Tests/ControlProtocolSamples", swiftSettings: [strict]),
        .testTarget(
            name: "ControlProtocolTests",
            dependencies: ["Addressing", "ControlProtocol", "ControlProtocolSamples", "SeededRandom"] + nio,
            exclude: ["Golden"], swiftSettings: [strict]),
        .testTarget(
            name: "OperatorCommandsTests",
            dependencies: ["Addressing", "ControlProtocol", "ControlProtocolSamples", "OperatorCommands", "stile"]
                + nio,
            swiftSettings: [strict]),
        .testTarget(
            name: "ControlPlaneTests",
            dependencies: [
                "Addressing", "BGP", "Configuration", "ControlPlane", "ControlProtocol", "CTableLayout",
                "ForwardingPlaneManager", "ForwardingTables", "PacketFormats", "Pipeline", "Routing", "SeededRandom",
                logging,
            ] + nio,
            swiftSettings: [packetPath, strict]),
    ]
)
