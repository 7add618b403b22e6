import Configuration
import Testing

@Suite struct InterfaceNameTests {
    @Test(arguments: [
        ("ten1/0", "ten1/0"), ("TenGigabitEthernet1/0", "ten1/0"), ("tengig1/0", "ten1/0"), ("Te1/0/3", "ten1/0/3"),
        ("ten1/0.2", "ten1/0.2"), ("gig0", "gig0"), ("GigabitEthernet0/1", "gig0/1"), ("gi0/1", "gig0/1"),
        ("FortyGigE1/0", "forty1/0"), ("HundredGigE1/0", "hun1/0"), ("hun1/0.4000", "hun1/0.4000"),
        ("TwentyFiveGigE1/0", "twentyfive1/0"), ("Ethernet3", "eth3"), ("eth3", "eth3"),
        ("FourHundredGigE0/0/0", "fourhun0/0/0"),
    ])
    func spellingsHaveOneCanonicalForm(_ spelling: String, _ canonical: String) {
        #expect(InterfaceName(spelling)?.description == canonical)
    }

    @Test(arguments: [
        "", "ten", "1/0", "ten1/", "ten/1", "ten1//0", "ten1/0.", "ten1/0.0", "ten1/0.02", "ten01/0", "ten1/0.x",
        "t1/0",
        "tenx1/0", "ten1/2/3/4", "ten65536", "ten1/0.4294967296", "vlan3", "ten1/-1",
    ])
    func anythingElseIsRefused(_ text: String) {
        #expect(InterfaceName(text) == nil)
    }

    @Test func orderIsNumeric() {
        let names = ["ten1/10", "ten1/2.3", "ten1/2", "gig3", "ten1/2.20"].compactMap { InterfaceName($0) }
        #expect(names.sorted().map(\.description) == ["gig3", "ten1/2", "ten1/2.3", "ten1/2.20", "ten1/10"])
    }
}
