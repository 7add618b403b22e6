import CTableLayout
import ForwardingTables
import Pipeline
import Testing

/// BGP with a customer: what its neighbor sends to the box's address on its circuit goes to the control process as a frame,
/// and whatever else is for the box as IP.
@Suite struct CircuitServiceTests {
    private static let own: UInt32 = 0x0A01_0001
    private static let neighbor: UInt32 = 0x0A01_0002
    private static let ownIPv6: [UInt8] = [0x20, 1, 0x0D, 0xB8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    private static let neighborIPv6 = Array(ownIPv6.dropLast()) + [2]

    /// The lab, with a neighbor of each family on the first circuit.
    private static func lab() throws -> Lab {
        let lab = try Lab()
        let services = [(4, PacketBuilder.octets(own), PacketBuilder.octets(neighbor)), (6, ownIPv6, neighborIPv6)]
            .flatMap { family, local, remote in
                [(local: UInt16(179), remote: UInt16(0)), (0, 179)].map { ports in
                    var service = stile_local_service()
                    service.family = UInt8(family)
                    service.protocol = 6
                    service.punt_class = PuntClass.bgp.rawValue
                    withUnsafeMutableBytes(of: &service.local) { $0.copyBytes(from: local) }
                    withUnsafeMutableBytes(of: &service.remote) { $0.copyBytes(from: remote) }
                    service.remote_bits = family == 4 ? 32 : 128
                    service.local_port = ports.local
                    service.remote_port = ports.remote
                    return service
                }
            }
        let former = try #require(lab.interfaces[41])
        var record = lab.writer.reader.interfaces[Int(former)]
        record.local_first = UInt16(try lab.writer.localServices.add(services))
        record.local_count = UInt16(services.count)
        try lab.writer.vlans.setInterface(lab.writer.interfaces.add(record), at: VLANPosition(port: 2))
        return lab
    }

    private static func segment(from source: UInt16, to destination: UInt16) -> [UInt8] {
        [UInt8(source >> 8), UInt8(source & 255), UInt8(destination >> 8), UInt8(destination & 255)]
            + [UInt8](repeating: 0, count: 16)
    }

    private static let ports: [(UInt16, UInt16)] = [(33000, 179), (179, 33000), (179, 179)]

    private static func ipv4(
        from source: UInt32 = neighbor, _ ports: (UInt16, UInt16) = (33000, 179), protocolNumber: UInt8 = 6,
        fragment: UInt16 = 0
    ) -> [UInt8] {
        PacketBuilder.ipv4(
            source: source, destination: own, timeToLive: 1, protocolNumber: protocolNumber, fragment: fragment,
            payload: segment(from: ports.0, to: ports.1))
    }

    private static func ipv6(from source: [UInt8] = neighborIPv6, _ ports: (UInt16, UInt16) = (33000, 179)) -> [UInt8] {
        PacketBuilder.ipv6(
            source: source, destination: ownIPv6, hopLimit: 1, nextHeader: 6,
            payload: segment(from: ports.0, to: ports.1))
    }

    private static func laterFragmentOfIPv6() -> [UInt8] {
        PacketBuilder.ipv6(
            source: neighborIPv6, destination: ownIPv6, nextHeader: 44,
            payload: [6, 0, 0, 0x08, 0, 0, 0, 1] + segment(from: 33000, to: 179))
    }

    @Test func `the neighbor's segments go as frames, whichever side has the port`() throws {
        let lab = try Self.lab()
        for ports in Self.ports {
            for packet in [Self.ipv4(ports), Self.ipv6(ports)] {
                let frame = PacketBuilder.circuitFrame(counter: 41, packet: packet)
                let outcome = try #require(lab.run([(2, frame)]).first)
                #expect(outcome.verdict == .punt(.bgp))
                #expect(outcome.punt?.octets == frame)
                #expect(outcome.punt?.port == 2 && outcome.punt?.counter == 41)
            }
        }
    }

    @Test func `another host, port or protocol and later fragments are IP for the box`() throws {
        let lab = try Self.lab()
        let others = [
            Self.ipv4(from: Self.neighbor + 1), Self.ipv4((33000, 180)), Self.ipv4((33000, 22)),
            Self.ipv4(protocolNumber: 17), Self.ipv4(fragment: 1), Self.ipv6(from: Self.neighborIPv6.dropLast() + [3]),
            Self.ipv6((33000, 22)), Self.laterFragmentOfIPv6(),
        ]
        for packet in others {
            let outcome = lab.run([(2, PacketBuilder.circuitFrame(counter: 41, packet: packet))]).first
            #expect(outcome?.verdict == .punt(.receive))
            #expect(outcome?.punt?.octets == packet && outcome?.punt?.vrf == 1)
        }
    }

    @Test func `the same by another circuit, in another VRF or from an NNI is not the neighbor's`() throws {
        let lab = try Self.lab()
        for packet in [Self.ipv4(), Self.ipv6()] {
            let frames: [(port: UInt16, octets: [UInt8], vrf: UInt16)] = [
                (3, PacketBuilder.circuitFrame(counter: 42, packet: packet), 1),
                (3, PacketBuilder.circuitFrame(counter: 43, packet: packet), 2),
                (0, PacketBuilder.labelledFrame(nni: 0, label: 1001, packet: packet), 1),
                (0, PacketBuilder.labelledFrame(nni: 0, label: 1002, packet: packet), 2),
                (5, PacketBuilder.labelledFrame(nni: 3, label: 3001, packet: packet), 1),
            ]
            for frame in frames {
                let outcome = lab.run([(frame.port, frame.octets)]).first
                #expect(outcome?.verdict == .punt(.receive))
                #expect(outcome?.punt?.vrf == frame.vrf)
            }
            let unlabelled = PacketBuilder.nniFrame(
                nni: 0, etherType: PacketBuilder.etherType(of: packet), payload: packet)
            #expect(lab.run([(0, unlabelled)]).first?.verdict == .drop(.unlabelledOnNNI))
        }
    }
}
