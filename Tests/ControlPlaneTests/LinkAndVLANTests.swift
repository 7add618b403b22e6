import Addressing
import CTableLayout
import ControlPlane
import ControlProtocol
import ForwardingTables
import Testing

/// Every way in which frames belong to an interface, as the data plane finds it in the mapped tables.
@Suite struct LinkAndVLANTests {
    static let text =
        LaboratoryConfiguration.ports + LaboratoryConfiguration.vrfs + """
            interface ten1/0.100
             encapsulation dot1q 100
             encap mpls optE
             ip address 192.0.2.1/30
            interface ten1/0.200
             encapsulation dot1q 200
             encap mpls optE
             ip address 198.51.100.1/30
            interface ten1/0.1
             vrf definition one
             optE bind ten1/0.200
            interface ten1/1
             vrf definition one
             ip address 10.1.0.1/24
            interface ten1/2.30
             encapsulation dot1q 30 second-dot1q 40
             vrf definition two
             ip address 10.1.0.1/24

            """ + LaboratoryConfiguration.bgp

    @Test func eachTagLeadsToItsInterfaceAndNoOther() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.text)
        let reader = try laboratory.tables().reader
        func kind(_ record: UInt32) -> UInt32 { UInt32(reader.interfaces[Int(record)].kind) }
        #expect(kind(reader.interface(port: 0, vid: 100)) == STILE_INTERFACE_NNI.rawValue)
        #expect(kind(reader.interface(port: 0, vid: 200)) == STILE_INTERFACE_NNI.rawValue)
        #expect(reader.interface(untaggedOn: 0) == 0)
        #expect(kind(reader.interface(untaggedOn: 1)) == STILE_INTERFACE_ATTACHMENT_CIRCUIT.rawValue)
        #expect(reader.interface(port: 1, vid: 30) == 0)
        #expect(
            kind(reader.interface(port: 2, outer: 30, inner: 40)) == STILE_INTERFACE_ATTACHMENT_CIRCUIT.rawValue)
        #expect(reader.interface(port: 2, vid: 30) == 0)
        #expect(reader.interface(port: 2, outer: 30, inner: 41) == 0)
        await laboratory.stop()
    }

    /// VRF two is eligible on the neighbor of VLAN 100 and not on VLAN 200, where there is no neighbor at all.
    @Test func aLabelIsValidOnItsNNIOnly() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.text)
        let labels = try await laboratory.ask(ShowLabels())
        #expect(labels.labels.map(\.nni) == ["ten1/0.100"])
        let label = try #require(labels.labels.first?.label)
        let reader = try laboratory.tables().reader
        func isValid(onVLAN vlan: UInt16) -> Bool {
            let nni = reader.interfaces + Int(reader.interface(port: 0, vid: vlan))
            return UInt32(reader.labelEntry(label.rawValue, on: nni).flags) & STILE_FLAG_VALID.rawValue != 0
        }
        #expect(isValid(onVLAN: 100))
        #expect(!isValid(onVLAN: 200))
        await laboratory.stop()
    }

    /// What is taken on an NNI's own address: BGP from the configured neighbor in both directions, and echo
    /// from the NNI's own subnet.
    @Test func localServicesAreThoseOfTheConfiguration() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.text)
        let reader = try laboratory.tables().reader
        func services(onVLAN vlan: UInt16) -> [String] {
            let nni = reader.interfaces[Int(reader.interface(port: 0, vid: vlan))]
            return (0..<nni.local_count).map { offset in
                let service = reader.localServices[Int(nni.local_first + offset)]
                let remote = withUnsafeBytes(of: service.remote) { $0.prefix(4).map(String.init) }
                let peer = "\(remote.joined(separator: "."))/\(service.remote_bits)"
                return "\(service.protocol) \(service.icmp_type) \(peer)"
            }.sorted()
        }
        #expect(
            services(onVLAN: 100) == [
                "1 0 192.0.2.0/30", "1 8 192.0.2.0/30", "6 0 192.0.2.2/32", "6 0 192.0.2.2/32",
            ])
        #expect(services(onVLAN: 200) == ["1 0 198.51.100.0/30", "1 8 198.51.100.0/30"])
        await laboratory.stop()
    }
}
