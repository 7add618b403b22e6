import Addressing
import BGP
import Testing

/// RFC 8277: labels in front of VPN prefixes.
@Suite struct LabelEncodingTests {
    private func decode(reachable routes: String) -> DecodedUpdate {
        let value = octets("0001 80 0c 0000000000000000 c0000201 00" + routes)
        let attribute = "80 0e " + hexadecimal([UInt8(value.count)] + value)
        return DecodedUpdate(
            body: UpdateText.body(attribute, UpdateText.origin, UpdateText.asPath), context: externalContext)
    }

    private func hexadecimal(_ octets: [UInt8]) -> String {
        octets.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    /// RFC 8277 §2.2: without the Multiple Labels capability the S bit is set on sending and ignored on reception.
    @Test func theSBitOfAnAnnouncementIsIgnored() throws {
        let decoded = decode(reachable: "70 013880 0000fdf100000005 0a4d01 70 013881 0000fdf100000005 0a4d02")
        #expect(decoded.faults.isEmpty)
        #expect(
            try decoded.update.announced == [
                route("65009:5", "10.77.1.0/24", label: 5000), route("65009:5", "10.77.2.0/24", label: 5000),
            ])
    }

    /// RFC 8277 §2.4: the label field of a withdrawal is three octets that mean nothing.
    @Test(arguments: [
        "0000 0015 800f12000180 70 013880 0000fdf100000005 0a4d01",
        "0000 0015 800f12000180 70 013881 0000fdf100000005 0a4d01",
        "0000 0015 800f12000180 70 800000 0000fdf100000005 0a4d01",
        "0000 0015 800f12000180 70 000000 0000fdf100000005 0a4d01",
        "0000 0015 800f12000180 70 fffffe 0000fdf100000005 0a4d01",
    ])
    func theLabelOfAWithdrawalIsIgnored(message: String) throws {
        let decoded = DecodedUpdate(body: octets(message)[...], context: externalContext)
        #expect(decoded.faults.isEmpty)
        #expect(try decoded.update.withdrawn == [vpn("65009:5", "10.77.1.0/24")])
    }

    @Test func aWithdrawalHasOneLabelField() throws {
        let text = UpdateText.body("80 0f 14 0001 80 80 003e90 007d11 0000002a00000001 0a01")
        let decoded = DecodedUpdate(body: text, context: externalContext)
        #expect(decoded.severestFault?.damage == .familyDisable(.vpnIPv4))
    }

    /// Two labels are more than one label and a prefix can be.
    @Test func twoLabelsAreTwoLabels() throws {
        let decoded = decode(reachable: "80 003e90 007d11 0000002a00000001 0a01")
        let prefix = try vpnPrefix("42:1", "10.1.0.0/16")
        let labels = try [label(1001), label(2001)]
        #expect(decoded.update.announced == [AnnouncedRoute(prefix, labels: .multiple(labels))])
        #expect(decoded.update.announced.first?.labels?.onlyLabel == nil)
    }

    @Test(arguments: [("000001", UInt32(0)), ("000031", 3), ("fffff1", 1_048_575), ("003e9f", 1001), ("000000", 0)])
    func oneLabel(field: String, value: UInt32) throws {
        let decoded = decode(reachable: "68 \(field) 0000002a00000001 0a01")
        #expect(try decoded.update.announced == [route("42:1", "10.1.0.0/16", label: value)])
    }

    @Test func bitsBehindThePrefixAreCleared() throws {
        let decoded = decode(reachable: "61 003e91 0000002a00000001 0aff 58 003e91 0000002a00000001")
        #expect(
            try decoded.update.announced == [
                route("42:1", "10.128.0.0/9", label: 1001), route("42:1", "0.0.0.0/0", label: 1001),
            ])
    }

    @Test(arguments: ["800000", "000000", "003e91"])
    func withdrawalsWithAnyLabel(field: String) throws {
        let text = UpdateText.body("80 0f 11 0001 80 68 \(field) 0000002a00000001 0a02")
        let decoded = DecodedUpdate(body: text, context: externalContext)
        #expect(try decoded.update.withdrawn == [vpn("42:1", "10.2.0.0/16")])
    }

    @Test func ourWithdrawalHasTheLabelOfRFC8277() throws {
        let update = Update(withdrawing: [try vpn("42:1", "10.2.0.0/16")])
        let messages = try UpdateEncoder(context: externalContext).messages(for: update)
        #expect(messages.map { Array(body($0)) } == [Array(UpdateText.body(UpdateText.unreachable))])
    }

    @Test func labelStackThatCannotBeSaidIsRefused() throws {
        let deep = AnnouncedRoute(
            try vpnPrefix("42:1", "2001:db8::/64"), labels: .multiple(try (100..<106).map { try label($0) }))
        let update = Update(
            announcing: [deep], attributes: PathAttributes(nextHop: BGPNextHop(try address("192.0.2.1"))))
        #expect(throws: UpdateEncodingError.labelStackTooDeep(deep)) {
            try UpdateEncoder(context: externalContext).messages(for: update)
        }
    }
}
