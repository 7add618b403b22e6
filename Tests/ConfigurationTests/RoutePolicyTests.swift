import Addressing
import Configuration
import Testing

/// Lines about routes in route maps, the lists that they name, and where the maps are attached.
@Suite struct RoutePolicyTests {
    private static let lists = """
        ip prefix-list p permit 10.0.0.0/8
        ipv6 prefix-list p permit 2001:db8::/32
        ip community-list standard c permit 65001:1
        ip community-list standard d permit 65001:2
        ip large-community-list standard c permit 65001:1:1
        ip as-path access-list a permit ^65001_
        ip extcommunity-list standard e permit rt 42:1

        """

    @Test(arguments: [
        ("match ip address prefix-list p", nil), ("match ipv6 address prefix-list p", nil),
        ("match community c d exact-match", nil), ("match community d\n match community c d", "match community d c"),
        ("match extcommunity e", nil),
        ("set extcommunity rt 42:2 42:1 additive", "set extcommunity rt 42:1 42:2 additive"),
        ("match large-community c", nil), ("match as-path a", nil), ("set comm-list c delete", nil),
        ("set community 65001:3 65001:2 no-export 65001:2", "set community 65001:2 65001:3 no-export"),
        ("set community 65535:65281 additive", "set community no-export additive"),
        ("set community NONE", "set community none"),
        ("set large-community 65001:2:3 65001:1:1 additive", "set large-community 65001:1:1 65001:2:3 additive"),
        ("set local-preference 0", nil), ("set metric 4294967295", nil),
        ("set as-path prepend 42 1.10 42", "set as-path prepend 42 65546 42"),
    ])
    func line(_ line: String, _ canonical: String?) throws {
        let text = try load(Self.lists + "route-map m permit 10\n \(line)").configuration.canonicalText
        #expect(text.contains("\nroute-map m permit 10\n \(canonical ?? line)\n"), "\(text)")
    }

    @Test(arguments: [
        ("match community", 17), ("match community c exact-match d", 32), ("match as-path", 15),
        ("match ip address prefix-list", 30), ("set community 65536:1", 16), ("set community", 15),
        ("set community none 1:1", 21), ("set community 1:1 additive 1:2", 29), ("set large-community 1:2", 22),
        ("set local-preference 4294967296", 23), ("set metric -1", 13), ("set as-path prepend 0", 22),
        ("set as-path prepend 1 1 1 1 1 1 1 1 1 1 1", 42), ("set comm-list c", 17),
        ("set extcommunity rt", 21), ("set extcommunity rt 42:1 additive 42:2", 36),
        ("match community c\n match community d exact-match", 2),
    ])
    func wrongLineIsRefusedInItsPlace(_ line: String, _ column: Int) {
        let found = diagnostics(of: Self.lists + "route-map m permit 10\n \(line)")
        #expect(found.map(\.location.column) == [column], "\(found.map(\.description).joined())")
    }

    @Test(arguments: [
        ("ip community-list a permit 1:2 1:1", "ip community-list standard a seq 5 permit 1:1 1:2"),
        ("ip large-community-list a seq 7 deny 1:2:3", "ip large-community-list standard a seq 7 deny 1:2:3"),
        (
            "ip extcommunity-list a permit rt 42:2 rt 42:1",
            "ip extcommunity-list standard a seq 5 permit rt 42:1 rt 42:2"
        ),
        ("ip as-path access-list a permit _1$ ", "ip as-path access-list a seq 5 permit _1$"),
        ("ip as-path access-list a permit \"^1 \"", "ip as-path access-list a seq 5 permit \"^1 \""),
        ("ip as-path access-list a deny ^1 2$", "ip as-path access-list a seq 5 deny ^1 2$"),
    ])
    func listLine(_ line: String, _ canonical: String) throws {
        #expect(try load(line).configuration.canonicalText == canonical + "\n")
    }

    @Test(arguments: [
        ("ip community-list standard a permit 1:x", 37), ("ip community-list standard a allow 1:1", 30),
        ("ip extcommunity-list a permit 42:1", 31), ("ip extcommunity-list a permit rt 42", 34),
        ("ip as-path access-list a permit ^1**", 36), ("ip as-path access-list a permit (1", 35),
        ("ip as-path access-list a permit \"1)\"", 35), ("ip as-path access-list a permit", 32),
        ("ip as-path access-list a permit AS1", 33),
    ])
    func wrongListLineIsRefusedInItsPlace(_ line: String, _ column: Int) {
        let found = diagnostics(of: line)
        #expect(found.map(\.location.column) == [column], "\(found.map(\.description).joined())")
    }

    private static let attached = """
        ip community-list standard c seq 5 permit 65001:1
        route-map in permit 10
         match community c
         set local-preference 200
        route-map out deny 10
         match community c
        interface ten1/0
         encap mpls optE
         ip address 1.2.3.5/24
        router bgp 42
         neighbor far peer-group
         neighbor 1.2.3.4 remote-as 65001
         neighbor 1.2.3.4 peer-group far
         address-family vpnv4
          neighbor far route-map in in
          neighbor 1.2.3.4 optE
          neighbor 1.2.3.4 route-map out out
        """

    @Test func mapsAreAttachedToNeighborsAndGroups() throws {
        let configuration = try load(Self.attached).configuration
        let session = try #require(configuration.bgp?.session(withNeighbor: "1.2.3.4"))
        #expect(session.families[.vpnv4]?.routeMaps == PolicyNames(imported: "in", exported: "out"))
        let canonical = configuration.canonicalText
        #expect(
            canonical.split(separator: "\n").filter { $0 != "!" } == Self.attached.split(separator: "\n"),
            "\(canonical)"
        )
    }

    @Test(arguments: [
        ("import route-map ipv4 in\n import route-map ipv6 in", "import route-map in"), ("import route-map out", nil),
        ("export route-map ipv6 out", nil), ("import route-map in\n export route-map out", nil),
        ("address-family ipv6\n exit-address-family\n import route-map in", "import route-map ipv6 in"),
    ])
    func aVRFHasMapsForOneFamilyOrBoth(_ lines: String, _ canonical: String?) throws {
        let maps = "route-map in permit 10\nroute-map out permit 10\n"
        let text = try load(maps + "ip vrf one\n rd 42:1\n \(lines)").configuration.canonicalText
        #expect(text.contains("\n \(canonical ?? lines)\n"), "\(text)")
    }

    @Test func aMapForPacketsIsNotForRoutesAndTheOtherWayRound() {
        let wrong = Self.attached.replacing("deny 10\n match community c", with: "permit 10\n set ip dscp ef")
        let found = diagnostics(of: wrong).filter { $0.code == .wrongRouteMapUse }
        #expect(found.map { [$0.location.line, $0.location.column] } == [[17, 30]])
        #expect(found.first?.message.contains("line 6") == true, "\(found.map(\.description).joined())")
        let packets =
            Self.attached + "\ninterface ten1/1\n vrf definition one\n ip address 10.0.0.1/24\n"
            + " ip policy route-map in\nip vrf one\n rd 42:1"
        let other = diagnostics(of: packets).filter { $0.code == .wrongRouteMapUse }
        #expect(other.map { [$0.location.line, $0.location.column] } == [[21, 22]])
        #expect(other.first?.message.contains("line 3") == true, "\(other.map(\.description).joined())")
    }

    @Test func aMapThatIsNotDefinedIsReportedInItsPlace() {
        let found = diagnostics(of: Self.attached.replacing("route-map out out", with: "route-map outs out"))
        #expect(
            found.filter { $0.code == .undefinedRouteMap }.map { [$0.location.line, $0.location.column] } == [[17, 30]])
    }
}
