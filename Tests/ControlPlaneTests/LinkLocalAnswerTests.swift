import Addressing
import CTableLayout
import PacketFormats
import Testing

/// Link-local addresses answer on their link (RFC 4291 §2.8): a circuit's everything that its other addresses answer, an
/// NNI's pings.
@Suite struct LinkLocalAnswerTests {
    private static let text = LaboratoryConfiguration.first.replacing(
        " ip address 192.0.2.1/30\n", with: " ip address 192.0.2.1/30\n ipv6 address 2001:db8:ff::1/64\n")
    private static let host = IPv6Address("fe80::77")!

    /// RFC 4291 Appendix A.
    private static func linkLocal(of mac: MACAddress) -> IPv6Address {
        let octets = mac.octets
        return IPv6Address(
            octets: [0xFE, 0x80, 0, 0, 0, 0, 0, 0, octets[0] ^ 2] + octets[1...2] + [0xFF, 0xFE] + octets[3...5])!
    }

    private static func echo(to destination: IPv6Address, from source: IPv6Address = host, type: UInt8 = 128) -> [UInt8]
    {
        ICMPv6Message.packet(from: source, to: destination, hopLimit: 64, message: [type, 0, 0, 0, 0, 1, 0, 2, 7, 7])
    }

    private static func frame(_ packet: [UInt8], to mac: MACAddress, from source: MACAddress) -> [UInt8] {
        EthernetFrame.octets(destination: mac, source: source, etherType: EtherType.ipv6, payload: packet)
    }

    @Test func aPingOfACircuitsLinkLocalAddressIsAnsweredOnTheLink() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.text)
        let dataplane = try await laboratory.dataplane()
        let circuit = try await PuntTests.number(of: "ten1/1", in: laboratory)
        let own = Self.linkLocal(of: PuntTests.circuit)
        func punt(_ packet: [UInt8], from mac: MACAddress = Laboratory.customer) {
            dataplane.punt(
                STILE_PUNT_ICMP, counter: circuit, vrf: 1, isFrame: true,
                Self.frame(packet, to: PuntTests.circuit, from: mac))
        }
        // To another's address, from an address of another link, and what nobody answers.
        punt(Self.echo(to: IPv6Address("fe80::1")!))
        punt(Self.echo(to: own, from: IPv6Address("2001:db8:9::7")!))
        punt(Self.echo(to: own, type: 129))
        punt(Self.echo(to: own))
        punt(Self.echo(to: own, from: IPv6Address("2001:db8:1::7")!))
        var answers: [FakeDataplane.Injected] = []
        try await laboratory.eventually("two answers") {
            answers += dataplane.takeInjected().filter { $0.data.count > 54 && $0.data[54] == 129 }
            return answers.count == 2
        }
        let first = try #require(answers.first)
        #expect(first.kind == UInt16(STILE_INJECT_TRANSMIT.rawValue) && first.counter == circuit && first.port == 1)
        #expect(Array(first.data.prefix(12)) == Laboratory.customer.octets + PuntTests.circuit.octets)
        #expect(Array(first.data[22..<54]) == own.octets + Self.host.octets)
        #expect(Array(first.data[58...].prefix(6)) == [0, 1, 0, 2, 7, 7])
        await laboratory.stop()
    }

    /// The data plane takes the ping from the NNI's link alone, and the kernel's TUN device has no such address.
    @Test func anNNITakesPingsOfItsLinkLocalAddress() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.text)
        let dataplane = try await laboratory.dataplane()
        let reader = try laboratory.tables().reader
        let record = reader.interfaces[Int(reader.interface(untaggedOn: 0))]
        let mac = try #require(withUnsafeBytes(of: record.mac) { MACAddress(octets: Array($0)) })
        let own = Self.linkLocal(of: mac)
        let services = (0..<Int(record.local_count)).map { reader.localServices[Int(record.local_first) + $0] }
        let service = try #require(
            services.first { service in withUnsafeBytes(of: service.local) { Array($0) } == own.octets })
        #expect(service.icmp_type == 128 && service.remote_bits == 10)
        dataplane.punt(
            STILE_PUNT_ICMP, counter: record.counter, isFrame: true,
            Self.frame(Self.echo(to: own), to: mac, from: Laboratory.customer))
        try await laboratory.eventually("an answer") {
            dataplane.takeInjected().contains {
                $0.kind == UInt16(STILE_INJECT_TRANSMIT.rawValue) && $0.data.count > 54 && $0.data[54] == 129
            }
        }
        await laboratory.stop()
    }
}
