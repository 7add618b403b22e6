import Addressing
import BGP
import CTableLayout
import ControlPlane
import ControlProtocol
import ForwardingTables
import Routing
import Testing

/// Option C in the tables: from lists and routes of a far end and of a PE to entries with their depth, and to whom reflectors' labels
/// are open.
@Suite struct LabelledWayTests {
    private static let ports = (0..<4).map { port in
        "port ten1/\(port)\n device net_null\(port)\n mac-address 02:00:00:00:00:1\(port)\n"
    }.joined()
    private static let bgp = """
        interface loopback0
         ip address 10.0.0.1/32
        interface ten1/0
         encap mpls optC
         ip address 192.0.2.1/29
        interface ten1/3
         encap mpls core
         ip address 10.98.0.2/24
        mpls static binding ipv4 10.0.0.7/32 output 10.98.0.1 label 16007
        mpls static binding ipv4 10.0.0.9/32 output 10.98.0.1 label 16009
        ip prefix-list pes permit 10.0.0.0/24 ge 32
        ip prefix-list reflectors permit 10.0.0.9/32
        ip prefix-list theirs permit 10.97.0.0/24 ge 32
        ip prefix-list their-reflectors permit 10.97.0.9/32
        router bgp 42
         neighbor 192.0.2.2 remote-as 65001
         neighbor 10.98.0.1 remote-as 42
         address-family ipv4 labeled-unicast
          neighbor 192.0.2.2 optC
          neighbor 192.0.2.2 prefix-list theirs in
          neighbor 192.0.2.2 prefix-list pes out
          neighbor 192.0.2.2 prefix-list reflectors out depth 1
          neighbor 192.0.2.2 prefix-list their-reflectors in depth 1
          neighbor 10.98.0.1 activate

        """
    private static let asbr = PeerAddress(.ipv4(IPv4Address(192, 0, 2, 2)))

    private static func laboratory() async throws -> (Laboratory, FakeDataplane) {
        let laboratory = try Laboratory()
        try await laboratory.start(ports + bgp, sessions: false)
        let dataplane = try await laboratory.dataplane()
        dataplane.bringUp(port: 3, address: try #require(MACAddress("02:00:00:00:00:13")))
        let reader = try laboratory.tables().reader
        let counter = reader.interfaces[Int(reader.interface(untaggedOn: 3))].counter
        var answer = PuntTests.arpReply(from: IPv4Address(10, 98, 0, 1), to: IPv4Address(10, 98, 0, 2))
        answer[5] = 0x13
        answer[37] = 0x13
        try await laboratory.eventually("the router is known") {
            dataplane.punt(STILE_PUNT_ARP, counter: counter, isFrame: true, answer)
            return try await laboratory.ask(ShowNeighbors()).neighbors.contains { $0.macAddress != nil }
        }
        let plane = try #require(laboratory.plane)
        for address in [asbr.address, .ipv4(IPv4Address(10, 98, 0, 1))] {
            await plane.handle(
                .established(
                    neighbor: PeerAddress(address),
                    SessionParameters(peerIdentifier: IPv4Address(9, 9, 9, 9), families: [.ipv4LabeledUnicast])))
        }
        return (laboratory, dataplane)
    }

    @Test func entriesSayWhatMayStandUnderTheLabels() async throws {
        let (laboratory, dataplane) = try await Self.laboratory()
        defer { withExtendedLifetime(dataplane) {} }
        let plane = try #require(laboratory.plane)
        let contents = PathAttributes.Contents(
            origin: .igp, asPath: ASPath(sequence: [65001]), nextHop: BGPNextHop(Self.asbr.address))
        for (place, number) in [("10.97.0.7/32", UInt32(7007)), ("10.97.0.9/32", 7009)] {
            let label = try #require(MPLSLabel(rawValue: number))
            let route = AnnouncedRoute(
                labeledUnicast: try #require(IPPrefix(place)), labels: try #require(LabelStack([label])))
            await plane.handle(
                .update(
                    neighbor: Self.asbr, Update(announcing: [route], attributes: PathAttributes(contents))))
        }
        var swaps: [LabelSwapDoor] = []
        try await laboratory.eventually("there are four labels") {
            swaps = try await laboratory.ask(ShowIsolation()).swaps
            return swaps.count == 4
        }
        let onNNI = swaps.filter { $0.nni == "ten1/0" }
        // Both of our own PEs, which the bindings name, by their transports.
        #expect(Set(onNNI.map(\.nextHop)) == [IPAddress("10.0.0.7"), IPAddress("10.0.0.9")])
        #expect(onNNI.allSatisfy { $0.egress == "core" && $0.egressLabel == nil })
        let pe = try #require(onNNI.first { $0.nextHop == IPAddress("10.0.0.7") })
        #expect(pe.labelsBelow == 1 && pe.payload == .ip && !pe.allowsEntropyLabel)
        let reflector = try #require(onNNI.first { $0.nextHop == IPAddress("10.0.0.9") })
        #expect(reflector.labelsBelow == 0 && reflector.payload == .sessions)
        let inCore = swaps.filter { $0.nni == "core" }
        #expect(Set(inCore.map(\.egressLabel?.rawValue)) == [7007, 7009])
        #expect(inCore.first { $0.egressLabel?.rawValue == 7009 }?.payload == .sessions)
        #expect(try await laboratory.ask(ShowIsolation()).isIsolated)
    }

    @Test func reflectorsAreListedWhereTheirPacketsComeIn() async throws {
        let (laboratory, dataplane) = try await Self.laboratory()
        defer { withExtendedLifetime(dataplane) {} }
        let reader = try laboratory.tables().reader
        #expect(reader.listedSessions(onPort: 0) == ["to 10.0.0.9", "from 10.97.0.9"])
        #expect(reader.listedSessions(onPort: 3) == ["to 10.97.0.9", "from 10.0.0.9"])
    }
}

extension TablesReader {
    /// Between whom reflectors' labels carry sessions that come in by a port as a whole.
    fileprivate func listedSessions(onPort port: UInt16) -> Set<String> {
        let interface = interfaces[Int(interface(untaggedOn: port))]
        var found: Set<String> = []
        for position in 0..<Int(interface.local_count) {
            let service = localServices[Int(interface.local_first) + position]
            let use = UInt32(service.use)
            guard use == STILE_SERVICE_SESSIONS_TO.rawValue || use == STILE_SERVICE_SESSIONS_FROM.rawValue else {
                continue
            }
            let octets = withUnsafeBytes(of: service.remote) { Array($0.prefix(4)) }
            found.insert(
                (use == STILE_SERVICE_SESSIONS_TO.rawValue ? "to " : "from ")
                    + octets.map { String($0) }.joined(separator: "."))
        }
        return found
    }
}
