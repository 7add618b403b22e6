// swift-tools-version: 6.2
import PackageDescription

#if arch(arm64)
    let multiarchTriple = "aarch64-linux-gnu"
    let machineArchitecture = "armv8-a+crc"
#else
    let multiarchTriple = "x86_64-linux-gnu"
    let machineArchitecture = "corei7"
#endif

/// The same processor as for the product's packet path: the reference may use no instruction that Swift may not.
let packetPath = ["-march=\(machineArchitecture)"]

/// What `pkg-config --cflags libdpdk` says; SwiftPM cannot read that file.
let dpdkFlags =
    packetPath + [
        "-I/usr/include/dpdk", "-I/usr/include/\(multiarchTriple)/dpdk", "-include", "rte_config.h",
    ]

let package = Package(
    name: "stile-bench",
    dependencies: [.package(name: "stile", path: "..")],
    targets: [
        .target(
            name: "CReference", dependencies: [.product(name: "PacketPath", package: "stile")],
            cSettings: [.unsafeFlags(packetPath + ["-O3"])]),
        .target(
            name: "CDPDKLookup", cSettings: [.unsafeFlags(dpdkFlags + ["-O3"])],
            linkerSettings: ["rte_eal", "rte_fib", "rte_lpm", "rte_meter", "rte_rib"].map { .linkedLibrary($0) }),
        .executableTarget(
            name: "bench",
            dependencies: [
                "CReference", "CDPDKLookup", .product(name: "PacketPath", package: "stile"),
                .product(name: "RoutingTables", package: "stile"),
            ],
            swiftSettings: [
                .unsafeFlags(packetPath.flatMap { ["-Xcc", $0] }), .treatAllWarnings(as: .error),
            ]),
    ]
)
