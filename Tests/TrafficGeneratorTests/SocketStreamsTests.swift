import Addressing
import ControlProtocol
import Testing
import TrafficGenerator

@Suite struct SocketStreamsTests {
    private func port(_ name: String, _ device: String, _ mac: UInt64) -> PortStatus {
        PortStatus(
            name: name, device: device, state: .up, macAddress: MACAddress(rawValue: mac), mtuBytes: 1500, rxQueues: 1,
            txQueues: 1, rxPackets: 0, rxBytes: 0, txPackets: 0, txBytes: 0, rxMissedPackets: 0, rxErrors: 0,
            txErrors: 0)
    }

    private func interface(
        _ name: String, _ kind: InterfaceStatus.Kind, port: String, encapsulation: String, vrf: String?,
        addresses: [String]
    ) throws -> InterfaceStatus {
        InterfaceStatus(
            name: name, number: 1, kind: kind, port: port, portState: .up, encapsulation: encapsulation, vrf: vrf,
            isImplied: false, addresses: try addresses.map { try #require(InterfaceAddress($0)) }, mtuBytes: 1500,
            rxPackets: 0, rxBytes: 0, txPackets: 0, txBytes: 0, drops: [])
    }

    private func route(
        _ vrf: String, _ prefix: String, _ source: VRFRoute.Source, over interface: String, label: UInt32? = nil
    ) throws -> VRFRoute {
        VRFRoute(
            vrf: vrf, prefix: try #require(IPPrefix(prefix)), source: source, administrativeDistance: 0,
            nextHops: [
                RouteNextHop(interface: interface, label: label.flatMap { MPLSLabel(rawValue: $0) }, isResolved: true)
            ], changedAt: Timestamp(secondsSince1970: 0))
    }

    private func snapshot() throws -> SocketSnapshot {
        SocketSnapshot(
            ports: [
                port("ten1/0", "net_memif0,role=server,id=0,socket=/run/m.sock", 0x0200_0000_0000),
                port("ten1/1", "net_memif1,id=1,socket=/run/m.sock", 0x0200_0000_0001),
                port("ten1/2", "0000:01:00.0", 0x0200_0000_0002),
            ],
            interfaces: [
                try interface(
                    "ten1/0", .nni, port: "ten1/0", encapsulation: "dot1q 9", vrf: nil, addresses: ["1.2.3.5/31"]),
                try interface(
                    "ten1/1.30", .attachmentCircuit, port: "ten1/1", encapsulation: "dot1q 30 second-dot1q 40",
                    vrf: "one", addresses: ["10.1.0.1/24"]),
            ],
            vrfs: [
                VRFStatus(
                    name: "one", number: 1, importRouteTargets: [], exportRouteTargets: [], isTransit: false,
                    eligibleNeighbors: [], interfaces: [], ipv4Routes: 0, ipv6Routes: 0)
            ],
            labels: [
                ValidLabel(
                    nni: "ten1/0", label: try #require(MPLSLabel(rawValue: 1001)), vrf: "one", unit: "ten1/0.2",
                    neighbor: .ipv4(IPv4Address(1, 2, 3, 4)), since: nil,
                    hitPackets: 0, hitBytes: 0)
            ],
            routes: [
                try route("one", "10.1.0.0/24", .connected, over: "ten1/1.30"),
                try route("one", "172.16.0.0/16", .staticRoute, over: "ten1/1.30"),
                try route("one", "192.168.7.0/24", .bgp, over: "ten1/0.2", label: 5001),
            ])
    }

    @Test func labelsMeetTheRoutesBehindCircuits() throws {
        let profile = try TrafficProfile(
            snapshot: snapshot(), directions: [.nniToCircuit], frameSizes: .fixed(64))
        let stream = try #require(profile.streams.first)
        #expect(profile.streams.count == 1)
        #expect(stream.vrf == "one" && stream.port == "ten1/0")
        #expect(stream.labels.map(\.rawValue) == [1001])
        #expect(stream.vlans == [9])
        #expect(stream.destinationMAC == MACAddress(rawValue: 0x0200_0000_0000))
        #expect(stream.destinations.map(\.description) == ["172.16.0.0/16"])
        #expect(stream.sources.map(\.description) == ["192.168.7.0/24"])
    }

    @Test func circuitsSendToRoutesOverNNIs() throws {
        let profile = try TrafficProfile(
            snapshot: snapshot(), directions: [.circuitToNNI], frameSizes: .imix)
        let stream = try #require(profile.streams.first)
        #expect(stream.labels.isEmpty && stream.vlans == [30, 40] && stream.port == "ten1/1")
        #expect(stream.destinations.map(\.description) == ["192.168.7.0/24"])
        #expect(stream.sources.map(\.description) == ["172.16.0.0/16"])
        #expect(stream.frameSizes == .imix)
    }

    @Test func connectedSubnetsStandInWithAFewHosts() throws {
        var snapshot = try snapshot()
        snapshot.routes.removeAll { $0.source != .connected }
        let stream = try #require(
            TrafficProfile(snapshot: snapshot, directions: [.nniToCircuit], frameSizes: .fixed(64)).streams.first)
        // The box's own 10.1.0.1 is not among them; sources are RFC 2544's own.
        #expect(stream.destinations.map(\.description) == (2...8).map { "10.1.0.\($0)/32" })
        #expect(stream.sources.map(\.description) == ["198.18.0.0/15"])
    }

    @Test func transitWantsTheVRFsWord() throws {
        #expect(throws: TrafficError.self) {
            try TrafficProfile(snapshot: snapshot(), directions: [.nniToNNI], frameSizes: .fixed(64))
        }
    }

    @Test func nothingToSendSaysWhatThereIs() throws {
        var snapshot = try snapshot()
        snapshot.labels = []
        let error = try #require(throws: TrafficError.self) {
            try TrafficProfile(snapshot: snapshot, directions: [.nniToCircuit], frameSizes: .fixed(64))
        }
        #expect(error.code == .nothingToSend)
        #expect(error.message.contains("0 valid labels, 3 routes"))
    }

    @Test func memifPortsHaveACounterpart() throws {
        let devices = try snapshot().ports.map { DeviceName(counterpartOf: $0) }
        #expect(devices[0]?.name == "ten1/0")
        #expect(devices[0]?.device == "net_memif0,role=client,id=0,socket=/run/m.sock")
        #expect(devices[1]?.device == "net_memif1,role=server,id=1,socket=/run/m.sock")
        #expect(devices[2] == nil)
    }
}
