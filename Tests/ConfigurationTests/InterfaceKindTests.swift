import Addressing
import Configuration
import Testing

/// What `.N` on a port is.
@Suite struct InterfaceKindTests {
    private static let vrf = "ip vrf one\n rd 42:1\n"
    private static let wholePort = "interface ten1/0\n encap mpls optE\n ip address 1.2.3.5/31\n"
    private static let vlan100 =
        "interface ten1/0.100\n encapsulation dot1q 100\n encapsulation mpls optE\n ip address 1.2.4.5/31\n"

    private func kind(_ name: String, in text: String) throws -> InterfaceKind? {
        let configuration = try load(Self.vrf + text).configuration
        return InterfaceName(name).flatMap { configuration.interfaces[$0] }?.kind
    }

    private func unit(on nni: String) throws -> InterfaceKind {
        .unit(OptionEUnit(nni: try #require(InterfaceName(nni)), vrf: "one"))
    }

    @Test func withoutTagOnAnNNIItIsAUnit() throws {
        let text = Self.wholePort + "interface ten1/0.2\n vrf forwarding one"
        #expect(try kind("ten1/0.2", in: text) == unit(on: "ten1/0"))
    }

    @Test func withATagItIsAVLANInterfaceAlsoOnAnNNI() throws {
        let text = Self.wholePort + "interface ten1/0.2\n encapsulation dot1q 2\n vrf definition one"
        #expect(
            try kind("ten1/0.2", in: text)
                == .attachmentCircuit(AttachmentCircuit(encapsulation: .dot1q(2), vrf: "one", addresses: [])))
    }

    @Test func withTwoTagsItIsQinQ() throws {
        let text = "interface ten1/1.2\n encapsulation dot1q 2 second-dot1q 3\n ip vrf forwarding one"
        #expect(
            try kind("ten1/1.2", in: text)
                == .attachmentCircuit(
                    AttachmentCircuit(encapsulation: .qinq(outer: 2, inner: 3), vrf: "one", addresses: [])))
    }

    @Test func withTagAndOptionEItIsAnNNI() throws {
        let address = try #require(InterfaceAddress("1.2.4.5/31"))
        #expect(try kind("ten1/0.100", in: Self.vlan100) == .nni(NNI(encapsulation: .dot1q(100), addresses: [address])))
    }

    @Test func unitIsBoundToTheOnlyNNIOfThePort() throws {
        let text = Self.vlan100 + "interface ten1/0.2\n vrf definition one"
        #expect(try kind("ten1/0.2", in: text) == unit(on: "ten1/0.100"))
    }

    @Test func unitSaysItsNNIWhereThereAreSeveral() throws {
        let text = Self.wholePort + Self.vlan100 + "interface ten1/0.2\n vrf definition one\n optE bind ten1/0.100"
        #expect(try kind("ten1/0.2", in: text) == unit(on: "ten1/0.100"))
    }

    @Test func hintSaysHowToBind() throws {
        let text = Self.vrf + Self.wholePort + Self.vlan100 + "interface ten1/0.2\n vrf definition one"
        let found = diagnostics(of: text)
        #expect(found.map(\.code) == [.ambiguousUnit])
        #expect(found.first?.hint == "add 'optE bind ten1/0' or 'optE bind ten1/0.100'")
    }

    @Test func portWithoutRoleIsACarrier() throws {
        #expect(try kind("ten1/1", in: "interface ten1/1\n mtu 9000\n shutdown") == .carrier)
    }

    @Test func primaryAddressComesFirstWhateverTheOrder() throws {
        let text = """
            interface ten1/1
             vrf definition one
             ipv6 address 2001:db8::1/64
             ip address 10.0.1.1 255.255.255.0 secondary
             ip address 10.0.0.1 255.255.255.0
            """
        let configuration = try load(Self.vrf + text).configuration
        let interface = try #require(configuration.interfacesInOrder.first)
        #expect(interface.addresses.map(\.description) == ["10.0.0.1/24", "10.0.1.1/24", "2001:db8::1/64"])
        #expect(interface.vrf == "one")
    }
}
