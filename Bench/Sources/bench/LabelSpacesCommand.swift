import Addressing
import BGP
import CReference
import Foundation
import Routing

/// `bench label-spaces`: what labels of tunnels cost the control process of a PE that hears of 1,001 PEs with 1,000 VPNs each (RFC 9573 §1),
/// from the octets of their UPDATEs to the tables of received labels: labels that each PE has given from its own space, against common
/// ones.
struct LabelSpacesCommand {
    let options: Options

    struct Case: Codable {
        var labels: TunnelUpdates.Labels
        var routes: Int
        /// Tables of received labels, and what is in all of them.
        var tables: Int
        var entries: Int
        /// Of the thread's processor time, for all routes.
        var seconds: Double
        /// In use on the heap, for routes and labels together.
        var heapOctets: Int
        /// Beyond what the same routes take without a label in any table.
        var labelOctets: Int
        /// Likewise of time.
        var labelSeconds: Double
    }

    struct Report: Codable {
        var schema = "stile.bench.label_spaces/1"
        var environment: EnvironmentReport
        var providers: Int
        var vpnsEach: Int
        var cases: [Case]
    }

    private static let providers: UInt32 = 1001
    private static let vpns: UInt32 = 1000

    func run() throws {
        var cases: [Case] = []
        for labels in TunnelUpdates.Labels.allCases {
            let without = try measure(labels, isPlaced: false)
            var result = try measure(labels, isPlaced: true)
            result.labelOctets = result.heapOctets - without.heapOctets
            result.labelSeconds = rounded(result.seconds - without.seconds)
            cases.append(result)
        }
        let report = Report(
            environment: .current(tablePages: "none", cyclesPerSecond: EnvironmentReport.measureCyclesPerSecond()),
            providers: Int(Self.providers), vpnsEach: Int(Self.vpns), cases: cases)
        guard !options.json else { return try printJSON(report) }
        print("\(report.providers) PEs with \(report.vpnsEach) VPNs each, a route and a label for each VPN of each")
        for result in cases {
            print(
                """
                \(result.labels.rawValue): \(result.entries) labels in \(result.tables) tables, \
                \(rounded(result.seconds)) s and \(result.heapOctets >> 20) MiB in all, \
                \(result.labelSeconds) s and \(result.labelOctets >> 10) KiB of them for the labels
                """)
        }
    }

    private func measure(_ labels: TunnelUpdates.Labels, isPlaced: Bool) throws -> Case {
        let before = Int(heap_octets_in_use())
        let began = ThreadTime.seconds
        let table = RoutingTable()
        let (reflector, inputs) = Self.inputs()
        let now = Instant(millisecondsSince1970: 0)
        _ = table.handle(.configure(inputs), now: now)
        _ = table.handle(
            .established(
                neighbor: reflector,
                SessionParameters(peerIdentifier: IPv4Address(10, 255, 0, 2), families: [.ipv4MVPN])),
            now: now)
        let context = UpdateContext(
            fourOctetAutonomousSystems: true, isExternal: false, families: [SessionFamily.ipv4MVPN.identifier])
        var routes = 0
        for provider in 0..<Self.providers {
            for vpn in 0..<Self.vpns {
                let body = TunnelUpdates(provider: provider, vpn: vpn, labels: labels, isPlaced: isPlaced).body
                let decoded = DecodedUpdate(body: body[...], context: context)
                guard decoded.faults.isEmpty else {
                    throw Options.Refusal(description: "an UPDATE is malformed: \(decoded.faults)")
                }
                _ = table.handle(.update(neighbor: reflector, decoded.update), now: now)
                routes += decoded.update.announced.count
            }
        }
        let seconds = ThreadTime.seconds - began
        let octets = Int(heap_octets_in_use()) - before
        let spaces = table.receivedLabelSpaces
        return Case(
            labels: labels, routes: routes, tables: spaces.count,
            entries: spaces.reduce(0) { $0 + $1.counts.values.reduce(0, +) }, seconds: rounded(seconds),
            heapOctets: octets, labelOctets: 0, labelSeconds: 0)
    }

    /// A PE with one session, to a reflector.
    private static func inputs() -> (PeerAddress, RoutingInputs) {
        let reflector = PeerAddress(.ipv4(IPv4Address(10, 255, 0, 2)))
        var neighbor = NeighborInputs(
            peer: reflector, remoteAutonomousSystem: 42, nni: NeighborIdentity.core,
            localAddress: .ipv4(IPv4Address(10, 255, 0, 1)))
        neighbor.families = [.ipv4MVPN: .init(.internal)]
        var inputs = RoutingInputs(autonomousSystem: 42)
        inputs.commonBlock = TunnelUpdates.block
        inputs.neighbors[reflector] = neighbor
        return (reflector, inputs)
    }
}
