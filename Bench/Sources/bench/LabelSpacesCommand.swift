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
        /// Beyond what the same routes take when nobody looks at their labels.
        var labelOctets: Int
        /// Likewise of time.
        var labelSeconds: Double
        /// The thread's time for one route of a PE that comes to disagree with the others of its tunnel, and goes again.
        var flipSeconds: Double
        /// Likewise for all routes of a PE to be withdrawn.
        var withdrawSeconds: Double
    }

    struct Report: Codable {
        var schema = "stile.bench.label_spaces/2"
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
            let without = try measure(labels, isFollowed: false)
            var result = try measure(labels, isFollowed: true)
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
                \(result.labelSeconds) s and \(result.labelOctets >> 10) KiB of them for the labels; \
                \(result.flipSeconds) s for a tunnel that disagrees and agrees, \(result.withdrawSeconds) s for a PE that goes
                """)
        }
    }

    private func measure(_ labels: TunnelUpdates.Labels, isFollowed: Bool) throws -> Case {
        let before = Int(heap_octets_in_use())
        let began = ThreadTime.seconds
        let table = RoutingTable(receivedLabelLimits: isFollowed ? ReceivedLabelLimits() : nil)
        let (reflector, inputs) = Self.inputs()
        let now = Instant(millisecondsSince1970: 0)
        _ = table.handle(.configure(inputs), now: now)
        _ = table.handle(
            .established(
                neighbor: reflector,
                SessionParameters(peerIdentifier: IPv4Address(10, 255, 0, 2), families: [.ipv4MVPN])),
            now: now)
        func hear(_ update: Update) { _ = table.handle(.update(neighbor: reflector, update), now: now) }
        var routes = 0
        for provider in 0..<Self.providers {
            for vpn in 0..<Self.vpns {
                let update = try Self.update(TunnelUpdates(provider: provider, vpn: vpn, labels: labels))
                hear(update)
                routes += update.announced.count
            }
        }
        let seconds = ThreadTime.seconds - began
        let octets = Int(heap_octets_in_use()) - before
        let spaces = table.receivedLabelSpaces
        let result = Case(
            labels: labels, routes: routes, tables: spaces.count, entries: Self.entries(of: spaces),
            seconds: rounded(seconds), heapOctets: octets, labelOctets: 0, labelSeconds: 0,
            flipSeconds: try Self.time {
                let other: TunnelUpdates.Labels = labels == .assigned ? .common : .assigned
                hear(try Self.update(TunnelUpdates(provider: 0, vpn: Self.vpns, labels: other)))
                hear(Update(withdrawing: try Self.identifiers(provider: 0, vpns: Self.vpns...Self.vpns)))
            },
            withdrawSeconds: try Self.time {
                hear(Update(withdrawing: try Self.identifiers(provider: 0, vpns: 0...Self.vpns - 1)))
            })
        guard isFollowed else { return result }
        let wanted = Self.expectedEntries(labels)
        guard result.entries == wanted.all, Self.entries(of: table.receivedLabelSpaces) == wanted.afterwards else {
            throw Options.Refusal(description: "\(result.entries) labels are in the tables, and not \(wanted.all)")
        }
        return result
    }

    /// How many labels the tables have to have, and how many without one of the PEs.
    private static func expectedEntries(_ labels: TunnelUpdates.Labels) -> (all: Int, afterwards: Int) {
        switch labels {
        case .assigned: (Int(providers * vpns), Int((providers - 1) * vpns))
        case .common: (Int(vpns), Int(vpns))
        // With the label that names the space.
        case .space: (Int(vpns) + 1, Int(vpns) + 1)
        }
    }

    private static func entries(of spaces: [ReceivedLabelSpace]) -> Int {
        spaces.reduce(0) { $0 + $1.counts.values.reduce(0, +) }
    }

    private static func update(_ octets: TunnelUpdates) throws -> Update {
        let context = UpdateContext(
            fourOctetAutonomousSystems: true, isExternal: false, families: [SessionFamily.ipv4MVPN.identifier])
        let decoded = DecodedUpdate(body: octets.body[...], context: context)
        guard decoded.faults.isEmpty else {
            throw Options.Refusal(description: "an UPDATE is malformed: \(decoded.faults)")
        }
        return decoded.update
    }

    private static func identifiers(provider: UInt32, vpns: ClosedRange<UInt32>) throws -> [NLRI] {
        var identifiers: [NLRI] = []
        for vpn in vpns {
            let update = try update(TunnelUpdates(provider: provider, vpn: vpn, labels: .assigned))
            for route in update.announced { identifiers.append(route.nlri) }
        }
        return identifiers
    }

    private static func time(_ work: () throws -> Void) rethrows -> Double {
        let began = ThreadTime.seconds
        try work()
        return ((ThreadTime.seconds - began) * 1_000_000).rounded() / 1_000_000
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
