import Addressing
import Configuration
import Testing

/// Lines of prefix lists, where they are attached, and what they say.
@Suite struct PrefixListTests {
    @Test(arguments: [
        ("ip prefix-list a permit 10.0.0.0/8", "ip prefix-list a seq 5 permit 10.0.0.0/8", 8...8),
        ("ip prefix-list a seq 7 deny 10.0.0.0/8 le 24", "ip prefix-list a seq 7 deny 10.0.0.0/8 le 24", 8...24),
        ("ip prefix-list a permit 0.0.0.0/0 ge 25", "ip prefix-list a seq 5 permit 0.0.0.0/0 ge 25", 25...32),
        (
            "ipv6 prefix-list a permit 2001:DB8::/32 ge 48 le 64",
            "ipv6 prefix-list a seq 5 permit 2001:db8::/32 ge 48 le 64", 48...64
        ),
        ("ipv6 prefix-list a permit ::/0 ge 1", "ipv6 prefix-list a seq 5 permit ::/0 ge 1", 1...128),
    ])
    func line(_ line: String, _ canonical: String, _ lengths: ClosedRange<UInt8>) throws {
        let configuration = try load(line).configuration
        #expect(configuration.canonicalText == canonical + "\n")
        let entries = configuration.prefixLists.values.flatMap(\.values).flatMap(\.entries)
        #expect(entries.map(\.lengths) == [lengths])
    }

    @Test(arguments: [
        ("ip prefix-list a permit 10.0.0.1/8", 25), ("ip prefix-list a permit 10.0.0.0/8 ge 7", 39),
        ("ip prefix-list a permit 10.0.0.0/8 ge 24 le 23", 45), ("ip prefix-list a permit 10.0.0.0/8 le 33", 39),
        ("ip prefix-list a permit 2001:db8::/32", 25), ("ip prefix-list a allow 10.0.0.0/8", 18),
        ("ip prefix-list a seq 0 permit 10.0.0.0/8", 22), ("ip prefix-list a permit 10.0.0.0/8 eq 9", 36),
    ])
    func wrongLineIsRefusedInItsPlace(_ line: String, _ column: Int) {
        let found = diagnostics(of: line)
        #expect(found.map(\.location.column) == [column], "\(found.map(\.description).joined())")
    }

    @Test func entriesAreInTheOrderOfTheirNumbers() throws {
        let list = try load(
            "ip prefix-list a seq 20 permit 10.0.0.0/8\nip prefix-list a deny 11.0.0.0/8\n"
                + "ip prefix-list a seq 3 deny 12.0.0.0/8\n"
        ).configuration.prefixLists[.ipv4]?["a"]
        #expect(list?.entries.map(\.sequence) == [3, 20, 25])
        let found = diagnostics(of: "ip prefix-list a seq 5 permit 10.0.0.0/8\nip prefix-list a seq 5 deny 1.0.0.0/8")
        #expect(found.map(\.code) == [.duplicateSequence])
        #expect(found.first?.location.line == 2)
    }

    private static let attached = """
        ip prefix-list a seq 5 permit 10.0.0.0/8 le 32
        ipv6 prefix-list a seq 5 permit ::/0 le 64
        ip vrf one
         rd 42:1
         import prefix-list ipv4 a
         export prefix-list ipv4 a
         import prefix-list ipv6 a
        interface ten1/0
         encap mpls optE
         ip address 1.2.3.5/24
        router bgp 42
         neighbor far peer-group
         neighbor 1.2.3.4 remote-as 65001
         neighbor 1.2.3.4 peer-group far
         address-family vpnv4
          neighbor far prefix-list a in
          neighbor 1.2.3.4 optE
          neighbor 1.2.3.4 prefix-list a out
        """

    @Test func listsAreAttachedToNeighborsAndVRFs() throws {
        let configuration = try load(Self.attached).configuration
        #expect(
            configuration.vrfs["one"]?.prefixLists == [
                .ipv4: PolicyNames(imported: "a", exported: "a"), .ipv6: PolicyNames(imported: "a"),
            ])
        let session = try #require(configuration.bgp?.session(withNeighbor: "1.2.3.4"))
        #expect(session.families[.vpnv4]?.prefixLists == PolicyNames(imported: "a", exported: "a"))
        #expect(
            configuration.canonicalText.split(separator: "\n").filter { $0 != "!" }
                == Self.attached.split(separator: "\n"))
    }

    @Test func aListThatIsNotDefinedIsReportedInItsPlace() {
        let text = Self.attached.split(separator: "\n").dropFirst(2).joined(separator: "\n")
        let found = diagnostics(of: text)
        #expect(found.allSatisfy { $0.code == .undefinedPrefixList })
        #expect(
            found.map { [$0.location.line, $0.location.column] } == [
                [3, 26], [4, 26], [5, 26], [14, 28], [16, 32],
            ])
        let other = diagnostics(
            of: "ip prefix-list abc permit 1.0.0.0/8\nip vrf one\n rd 42:1\n import prefix-list ipv4 abd")
        #expect(other.first?.hint?.hasPrefix("did you mean 'abc'?") == true)
    }

    @Test func aVRFThatDoesNotCarryTheFamilyHasNoListOfIt() {
        let found = diagnostics(
            of: "ipv6 prefix-list a permit ::/0\nip vrf one\n rd 42:1\n address-family ipv4\n exit-address-family\n"
                + " import prefix-list ipv6 a")
        #expect(found.map(\.code) == [.familyNotCarried])
    }
}
