import Addressing
import BGP
import Testing

/// PMSI_TUNNEL (RFC 6514 §5) and PE Distinguisher Labels (§8) by the diagrams of their RFCs, and what the communities of MCAST-VPN
/// and EVPN say.
@Suite struct PMSITunnelTests {

    private static func decode(_ attribute: String) -> DecodedUpdate {
        DecodedUpdate(
            body: UpdateText.body(
                "80 0e 17 000105 04 c0000201 00 01 0c 0000002a00000001 0a00000b", UpdateText.origin, UpdateText.asPath,
                attribute), context: internalContext.withEveryFamily)
    }

    private static func contents(_ attribute: String) throws -> PathAttributes.Contents {
        let decoded = decode(attribute)
        #expect(decoded.faults.isEmpty)
        return decoded.update.attributes.contents
    }

    /// RFC 4271 §5: the flags octet with the Partial bit, as it came in.
    @Test(arguments: [
        "e0 16 09 00 06 03e871 0a00000b", "c0 16 09 00 06 03e871 0a00000b", "e0 1b 07 0a000015 003fd1",
        "c0 1b 07 0a000015 003fd1",
    ]) func `the Partial bit is handed on, and set by nobody here`(attribute: String) throws {
        let contents = try Self.contents(attribute)
        let route = try required(MulticastVPNRoute(.ipv4, .intraASIPMSI, octets("0000002a00000001 0a00000b")[...]))
        let update = Update(announcing: [AnnouncedRoute(route)], attributes: PathAttributes(contents))
        let message = try required(
            UpdateEncoder(context: internalContext.withEveryFamily).messages(for: update).first)
        #expect(message.suffixContains(octets(attribute)))
    }

    @Test(arguments: [
        // Each type with an identifier of its RFC, and what the label in the middle is.
        ("c0 16 05 01 00 000000", PMSITunnel.Kind.none, "none leaf-information"),
        (
            "c0 16 11 00 01 03e871 0a00000b 0000 0007 00000009", .rsvpPointToMultipoint,
            "rsvp-te-p2mp label 16007 0a00000b0000000700000009"
        ),
        (
            "c0 16 16 00 02 000000 06 0001 04 0a00000b 0007 01 0004 00000001", .mldpPointToMultipoint,
            "mldp-p2mp 060001040a00000b000701000400000001"
        ),
        ("c0 16 0d 00 03 000000 0a00000b e8000001", .pimSourceSpecific, "pim-ssm 0a00000be8000001"),
        ("c0 16 0d 00 04 000000 0a00000b ef000001", .pimSparse, "pim-sm 0a00000bef000001"),
        ("c0 16 0d 00 05 000000 0a00000b ef000001", .pimBidirectional, "pim-bidir 0a00000bef000001"),
        ("c0 16 09 00 06 03e871 0a00000b", .ingressReplication, "ingress-replication label 16007 10.0.0.11"),
        (
            "c0 16 12 00 07 000000 08 0001 04 0a00000b 0003 010000", .mldpMultipointToMultipoint,
            "mldp-mp2mp 080001040a00000b0003010000"
        ),
        ("c0 16 0b 00 08 000000 0a00000b 0001", .transport, "transport 0a00000b0001"),
        ("c0 16 09 08 0a 03e871 0a00000b", .assistedReplication, "assisted-replication label 16007 0a00000b"),
        ("c0 16 0c 40 0b 03e871 00 000b 0a00000b", .bier, "bier label 16007 00000b0a00000b"),
        ("c0 16 0d 00 0c 03e871 00000001 0a00000b", .segmentRoutingTree, "sr-mpls-p2mp label 16007 000000010a00000b"),
        ("c0 16 0d 00 0d 000000 00000001 0a00000b", .segmentRoutingIPv6Tree, "srv6-p2mp 000000010a00000b"),
    ]) func `tunnels of every type`(attribute: String, kind: PMSITunnel.Kind, text: String) throws {
        let contents = try Self.contents(attribute)
        let tunnel = try required(contents.pmsiTunnel)
        #expect(tunnel.kind == kind && tunnel.description == text && !tunnel.isComposite)
        let update = Update(
            announcing: [
                AnnouncedRoute(
                    try required(MulticastVPNRoute(.ipv4, .interASIPMSI, octets("0000002a00000001 0000002a")[...])))
            ],
            attributes: PathAttributes(contents))
        let message = try required(
            UpdateEncoder(context: internalContext.withEveryFamily).messages(for: update).first)
        #expect(message.suffixContains(octets(attribute)))
    }

    /// RFC 8317 §6.2: the label for the leaves that send stands in front of the tree's identifier.
    @Test func `a composite tunnel is the tree that it has`() throws {
        let tunnel = try required(
            Self.contents("c0 16 19 00 82 03e871 003e91 06 0001 04 0a00000b 0007 01 0004 00000001").pmsiTunnel)
        #expect(tunnel.isComposite && tunnel.kind == .mldpPointToMultipoint)
        #expect(tunnel.description.hasPrefix("mldp-p2mp composite 1001 label 16007"))
    }

    /// RFC 8317 §8.1: for experiments, of which nothing is known; it goes on as it came.
    @Test func `a type for experiments is kept as it is`() throws {
        let tunnel = try required(Self.contents("c0 16 06 00 fb 03e871 77").pmsiTunnel)
        #expect(tunnel.kind == nil && !tunnel.isComposite)
        #expect(tunnel.description == "type 251 label 16007 77")
    }

    @Test func `PE distinguisher labels`() throws {
        let labels = try required(Self.contents("c0 1b 0e 0a00000b 003e91 0a00000c 003ea1").peDistinguisherLabels)
            .labels
        #expect(try labels.map(\.provider) == [address("10.0.0.11"), address("10.0.0.12")])
        #expect(labels.map(\.label.rawValue) == [1001, 1002])
    }

    /// RFC 6514 §5 and §8, RFC 8317 §6.2.
    @Test(arguments: [
        ("PMSI_TUNNEL of 4 octets", "c0 16 04 00060003"), ("PMSI_TUNNEL not transitive", "80 16 05 0000000000"),
        ("an undefined type", "c0 16 09 0009003e91 0a00000b"), ("a reserved type", "c0 16 09 00ff003e91 0a00000b"),
        ("no address of a PE", "c0 16 08 0006003e91 0a0000"),
        ("a FEC that is longer than the attribute", "c0 16 11 0002003e91 06 0001 04 0a00000b 0007 0100"),
        ("a composite tunnel without a tree", "c0 16 08 00 80 03e871 003e91"),
        ("a composite tunnel of ingress replication", "c0 16 0c 00 86 03e871 003e91 0a00000b"),
        ("PE Distinguisher Labels empty", "c0 1b 00"), ("of 8 octets", "c0 1b 08 0a00000b003e9100"),
        ("of a group", "c0 1b 07 e0000001 003e91"),
        // §8: the originator is of IPv4.
        ("of the other family", "c0 1b 13 20010db8000000000000000000000011 003e91"),
    ]) func `what is malformed withdraws the routes`(name: String, attribute: String) {
        let decoded = Self.decode(attribute)
        #expect(decoded.faults.map(\.damage) == [.treatAsWithdraw])
        #expect(decoded.update.announced.isEmpty && decoded.update.withdrawn.count == 1)
    }

    /// RFC 7307 §3.1: a FEC of a topology is nothing that the box has to understand, and no harm.
    @Test func `a FEC of a topology is kept`() throws {
        let tunnel = try required(
            Self.contents("c0 16 16 00 02 000000 06 001d 08 0a00000b 00000007 0003 010000").pmsiTunnel)
        #expect(tunnel.kind == .mldpPointToMultipoint)
    }

    /// RFC 8365 §5.1.3.
    @Test func `a VNI is said as one`() throws {
        let tunnel = try required(Self.contents("c0 16 09 00 06 0003ef 0a00000b").pmsiTunnel)
        #expect(tunnel.text(hasVNIs: true) == "ingress-replication vni 1007 10.0.0.11")
        for (type, word) in [(8, "vxlan"), (9, "nvgre"), (12, "vxlan-gpe"), (19, "geneve")] as [(UInt64, String)] {
            let community = ExtendedCommunity(rawValue: 0x030c_0000_0000_0000 | type)
            #expect(community.saysVNIs && community.description == "encapsulation \(word)")
        }
        #expect(!ExtendedCommunity.mplsInUDP.saysVNIs)
    }

    // MARK: Communities

    @Test(arguments: [
        // RFC 7432 §7.5 to §7.8, RFC 9135 §8.1, RFC 8214 §3.1, RFC 8317 §5, RFC 8584 §2.2.
        (UInt64(0x0601_0100_0000_3e91), "esi-label 1001 single-active"), (0x0601_0000_0000_3e91, "esi-label 1001"),
        (0x0600_0100_0000_0004, "mac-mobility 4 sticky"), (0x0600_0000_0000_0004, "mac-mobility 4"),
        (0x0602_aabb_ccdd_ee0f, "es-import aa:bb:cc:dd:ee:0f"), (0x0603_aabb_ccdd_ee0f, "router-mac aa:bb:cc:dd:ee:0f"),
        (0x0604_0002_05dc_0000, "l2-attributes 0x2 mtu 1500"), (0x0605_0100_0000_0000, "e-tree leaf"),
        (0x0605_0000_0000_3e91, "e-tree label 1001"), (0x0606_0100_0000_0000, "df-election 1"),
        (0x030d_0000_0000_0000, "default-gateway"), (0x030c_0000_0000_0008, "encapsulation vxlan"),
        // RFC 6514 §6 and §7, RFC 7524 §4.
        (0x0009_002a_0000_0000, "source-as 42"), (0x0209_0001_0000_0000, "source-as 65536"),
        (0x010b_0a00_000b_0007, "vrf-import 10.0.0.11:7"), (0x0112_0a00_000b_0000, "segmented-next-hop 10.0.0.11"),
        // RFC 7902 §3, RFC 9573 §4.1.
        (0x0307_0000_0000_0001, "pmsi-flags dcb"), (0x0307_0000_0000_0002, "pmsi-flags 0x2"),
        (0x0308_0000_003e_9000, "label-space 1001"), (0x4308_0000_003e_9000, "label-space 1001"),
        (0x0308_0001_003e_9000, "label-space type 1"),
    ]) func `communities in words`(rawValue: UInt64, text: String) {
        #expect(ExtendedCommunity(rawValue: rawValue).description == text)
    }

    @Test func `what communities say of labels`() throws {
        let segment = try required(ExtendedCommunity(rawValue: 0x0601_0000_0000_3e91).segmentLabel)
        #expect(try segment.label == label(1001) && !segment.isSingleActive)
        #expect(try required(ExtendedCommunity(rawValue: 0x0601_0100_0000_0000).segmentLabel).label == nil)
        #expect(try ExtendedCommunity(rawValue: 0x0308_0000_003e_9000).labelSpaceIdentifier == .label(label(1001)))
        let provider = try required(ExtendedCommunity(rawValue: 0x010b_0a00_000b_0007).vrfRouteImport)
        #expect(try provider.provider == v4("10.0.0.11") && provider.number == 7)
    }
}
