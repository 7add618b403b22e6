import Addressing
import Configuration
import Testing

/// Lines of access lists and their canonical form.
@Suite struct AccessListTests {
    @Test(arguments: [
        ("permit ip any any", "10 permit ip any any"),
        ("5 deny tcp 10.0.0.0/8 any eq www https", "5 deny tcp 10.0.0.0 0.255.255.255 any eq 80 443"),
        ("permit tcp host 10.0.0.1 gt 1023 any established", "10 permit tcp host 10.0.0.1 gt 1023 any established"),
        ("permit tcp any any syn ack", "10 permit tcp any any ack syn"),
        ("permit udp any range 1000 2000 any neq domain", "10 permit udp any range 1000 2000 any neq 53"),
        ("permit icmp any any echo", "10 permit icmp any any echo"),
        ("permit icmp any any 8", "10 permit icmp any any echo"),
        ("permit icmp any any 3 4 log", "10 permit icmp any any packet-too-big log"),
        ("permit icmp any any 200 7", "10 permit icmp any any 200 7"),
        ("permit 47 any any", "10 permit gre any any"),
        ("permit 253 any any", "10 permit 253 any any"),
        ("permit ip 10.2.3.4 0.0.0.255 any", "10 permit ip 10.2.3.0 0.0.0.255 any"),
        ("permit ip 10.2.3.4 0.0.255.0 any", "10 permit ip 10.2.0.4 0.0.255.0 any"),
        ("permit ip 0.0.0.0/0 10.0.0.1 0.0.0.0", "10 permit ip any host 10.0.0.1"),
        ("permit ip any any dscp 46", "10 permit ip any any dscp ef"),
        ("deny ip any any fragments log", "10 deny ip any any fragments log"),
        ("remark  two  spaces ! and a comment", "10 remark two  spaces"),
    ])
    func extendedLine(_ line: String, _ canonical: String) throws {
        let text = try load("ip access-list extended a\n \(line)\n permit ip any any").configuration.canonicalText
        #expect(text.split(separator: "\n").dropFirst().first == " \(canonical)")
    }

    @Test(arguments: [
        ("permit any", "10 permit any"), ("permit 10.0.0.1", "10 permit host 10.0.0.1"),
        ("deny 10.0.0.1 log", "10 deny host 10.0.0.1 log"),
        ("permit 10.0.0.0 0.0.0.255", "10 permit 10.0.0.0 0.0.0.255"),
        ("permit host 10.0.0.1", "10 permit host 10.0.0.1"),
    ])
    func standardLine(_ line: String, _ canonical: String) throws {
        let text = try load("ip access-list standard a\n \(line)").configuration.canonicalText
        #expect(text == "ip access-list standard a\n \(canonical)\n")
    }

    @Test(arguments: [
        ("permit ipv6 any 2001:db8::/32", "10 permit ipv6 any 2001:db8::/32"),
        ("permit icmp any any nd-ns", "10 permit icmp any any nd-ns"),
        ("deny tcp host 2001:DB8::1 any eq bgp", "10 deny tcp host 2001:db8::1 any eq 179"),
        ("permit 1 any any", "10 permit 1 any any"),
    ])
    func ipv6Line(_ line: String, _ canonical: String) throws {
        let text = try load("ipv6 access-list a\n \(line)").configuration.canonicalText
        #expect(text == "ipv6 access-list a\n \(canonical)\n")
    }

    @Test(arguments: [
        ("permit", 8), ("permit tcpp any any", 9), ("permit ip any", 15), ("permit ip 10.0.0.1 any", 21),
        ("permit ip any any eq 80", 20), ("permit tcp any any range 20 10", 30), ("permit tcp any any lt 0", 24),
        ("permit tcp any any eq 65536", 24), ("permit udp any any established", 21), ("permit ip any any dscp 64", 25),
        ("permit ip 2001:db8::/32 any", 12), ("permit tcp any any eq 80 fragments", 27), ("0 permit ip any any", 2),
        ("permit ip 10.0.0.1/8 any", 12), ("4294967296 permit ip any any", 2),
    ])
    func wrongLineIsRefusedInItsPlace(_ line: String, _ column: Int) {
        let found = diagnostics(of: "ip access-list extended a\n \(line)")
        #expect(found.count == 1, "\(found.map(\.description).joined())")
        #expect(found.first?.location.column == column, "\(found.map(\.description).joined())")
    }

    @Test func sequenceNumbersGoOnBehindTheHighest() throws {
        let text =
            "ip access-list extended a\n permit tcp any any\n 35 permit udp any any\n 7 deny ip any any\n permit ip any any"
        let list = try load(text).configuration.ipv4AccessLists["a"]
        #expect(list?.entries.map(\.sequence) == [7, 10, 35, 45])
    }

    @Test func listOfTenThousandLinesIsRead() throws {
        var text = "ip access-list extended a\n"
        for index in 0..<10_000 {
            text += " permit tcp 10.\(index >> 16).\(index >> 8 & 255).\(index & 255)/32 any eq 443\n"
        }
        let loaded = try load(text)
        #expect(loaded.configuration.ipv4AccessLists["a"]?.entries.count == 10_000)
        #expect(loaded.sources[.accessListEntry(.ipv4, "a", sequence: 100_000)]?.line == 10_001)
    }
}
