import Addressing
import CTableLayout
import Configuration
import ControlPlane
import ControlProtocol
import ForwardingTables
import Foundation
import NIOPosix
import Routing
import Testing

/// A control process in directories of its own, without a TUN device. Its BGP neighbors are played: the process is told
/// that their sessions are up, and all that it sends them is lost.
final class Laboratory {
    let directory: String
    private(set) var plane: ControlPlane?
    /// The neighbors whose sessions are up, with what a session does not outlive the change of.
    private var up: [IPAddress: String] = [:]
    /// Readers point into their mappings.
    private var mappings: [TablesMapping] = []

    static let hardwareAddress = MACAddress(rawValue: 0x0200_0000_0010)
    static let customer = MACAddress(rawValue: 0x0200_0000_0099)

    /// How much the tables hold.
    private let capacities: TableCapacities

    init(capacities: TableCapacities = TableCapacities()) throws {
        self.capacities = capacities
        directory = NSTemporaryDirectory() + "stile-control-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    var options: ControlPlaneOptions {
        var options = ControlPlaneOptions(runtimeDirectory: directory + "/run", stateDirectory: directory + "/state")
        options.tunName = nil
        options.bgpPort = 0
        options.listenAddresses = [.ipv4(IPv4Address(127, 0, 0, 1))]
        options.capacities = capacities
        options.firstFile = directory + "/first.conf"
        return options
    }

    /// - Parameter sessions: whether the neighbors come up, too.
    func start(_ text: String, sessions: Bool = true) async throws {
        try await start(StartConfiguration(text: text, fileName: "test.conf"), sessions: sessions)
    }

    func start(_ configuration: StartConfiguration, sessions: Bool = true, clock: BootClock = .kernel) async throws {
        let plane = try ControlPlane(
            options: options, configuration: configuration, group: MultiThreadedEventLoopGroup.singleton, clock: clock)
        try await plane.start()
        self.plane = plane
        up = [:]
        if sessions { try await bringUp(configuration.loaded.configuration) }
    }

    /// Brings the sessions up that the configuration asks for and that are not up.
    private func bringUp(_ configuration: Configuration) async throws {
        let plane = try #require(plane)
        var wanted: [IPAddress: String] = [:]
        let index = ConfigurationIndex(configuration)
        for neighbor in configuration.bgp?.sessions(inVRF: nil) ?? [] where !neighbor.isShutdown {
            let systems = [configuration.bgp?.autonomousSystem ?? 0, neighbor.remoteAS]
            wanted[neighbor.address] = "\(systems) \(String(describing: index.nni(towards: neighbor.address)))"
        }
        for (address, identity) in wanted.sorted(by: { $0.key < $1.key }) where up[address] != identity {
            let session = SessionParameters(
                peerIdentifier: IPv4Address(192, 0, 2, 99), families: [.vpnv4, .vpnv6],
                multipleLabels: [.vpnv4, .vpnv6])
            await plane.handle(.established(neighbor: PeerAddress(address), session))
        }
        up = wanted
    }

    /// Ends a neighbor's session.
    func lose(_ neighbor: IPAddress) async throws {
        up[neighbor] = nil
        await (try #require(plane)).handle(.down(neighbor: PeerAddress(neighbor), gracefulRestart: nil))
    }

    /// Ends the process in order and lets go of its segments, as its end would.
    func stop() async {
        await plane?.stop()
        plane = nil
    }

    func ask<Request: ControlRequest>(_ request: Request) async throws -> Request.Answer {
        try await #require(plane).ask(request)
    }

    func replace(_ text: String, sessions: Bool = true) async throws {
        _ = try await ask(ReplaceConfiguration(ConfigurationText(text: text, fileName: "new.conf", force: true)))
        guard sessions else { return }
        try await bringUp(ConfigurationParser.parse(text: text, fileName: "new.conf").configuration)
    }

    /// The tables as the data plane maps them.
    func tables() throws -> TablesMapping {
        let control = try ControlReader(directory: options.runtimeDirectory)
        let generation = control.currentGeneration
        let path = try #require(control.tablesPath(ofGeneration: generation))
        let mapping = try TablesMapping(path: path, generation: generation)
        mappings.append(mapping)
        return mapping
    }

    func explain(_ query: ExplainPacket) async throws -> ExplanationResult {
        try await ask(query)
    }

    /// A data plane that the control process has seen.
    func dataplane() async throws -> FakeDataplane {
        let dataplane = try FakeDataplane(directory: options.runtimeDirectory)
        try await eventually("the data plane is seen") {
            let status = try await ask(ShowStatus())
            return status.dataPlane.isAlive
        }
        return dataplane
    }

    /// Waits, at most a minute, until a condition holds.
    func eventually(_ what: Comment, _ condition: () async throws -> Bool) async throws {
        for _ in 0..<6000 {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record(what)
    }
}

extension ControlPlane {
    /// The answer that belongs to the request.
    nonisolated func ask<Request: ControlRequest>(_ request: Request) async throws -> Request.Answer {
        try #require(try await answer(request).get() as? Request.Answer)
    }
}

/// Two customers with the same addresses, an NNI with a unit for one of them.
enum LaboratoryConfiguration {
    static let ports = """
        hostname laboratory
        mpls label withdrawal-delay 0
        port ten1/0
         device net_null0
         mac-address 02:00:00:00:00:10
        port ten1/1
         device net_null1
         mac-address 02:00:00:00:00:11
        port ten1/2
         device net_null2
         mac-address 02:00:00:00:00:12

        """
    static let vrfs = """
        ip vrf one
         rd 42:1
         route-target both 42:1
        ip vrf two
         rd 42:2
         route-target both 42:2
         optE 192.0.2.2

        """
    static let interfaces = """
        interface ten1/0
         encap mpls optE
         ip address 192.0.2.1/30
        interface ten1/0.1
         vrf definition one
        interface ten1/1
         vrf definition one
         ip address 10.1.0.1/24
         ipv6 address 2001:db8:1::1/64
        interface ten1/2.30
         encapsulation dot1q 30
         vrf definition two
         ip address 10.1.0.1/24

        """
    static let bgp = """
        router bgp 42
         neighbor 192.0.2.2 remote-as 65001
         address-family vpnv4
          neighbor 192.0.2.2 optE
         address-family ipv4 vrf one
          redistribute connected
         address-family ipv4 vrf two
          redistribute connected

        """
    static let first = ports + vrfs + interfaces + bgp
}
