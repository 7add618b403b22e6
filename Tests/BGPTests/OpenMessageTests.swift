import Addressing
import BGP
import Testing

@Suite struct OpenMessageTests {
    @Test func goBGPOpenIsRead() throws {
        let open = try OpenMessage(body: body(Captures.goBGPOpen))
        #expect(open.autonomousSystem == 65002)
        #expect(open.holdTimeSeconds == 90)
        #expect(try open.identifier == v4("10.99.0.1"))
        #expect(open.families == bothFamilies)
        #expect(open.capabilities.contains(.routeRefresh))
        #expect(
            open.gracefulRestart
                == GracefulRestartCapability(
                    restarted: false, restartTimeSeconds: 120,
                    forwardingPreserved: [.vpnIPv4: false, .vpnIPv6: false]))
    }

    @Test func frrOpenIsRead() throws {
        let open = try OpenMessage(body: body(Captures.frrOpen))
        #expect(open.fourOctetAutonomousSystem == 65001)
        #expect(open.holdTimeSeconds == 180)
        #expect(open.capabilities.contains(.extendedMessage))
        #expect(open.capabilities.contains(.enhancedRouteRefresh))
        // FRR says at its first start that it has restarted.
        #expect(open.gracefulRestart?.restarted == true)
        #expect(open.gracefulRestart?.restartTimeSeconds == 120)
    }

    @Test func largeASNumberComesFromTheCapability() throws {
        let open = try OpenMessage(body: body(Captures.scapyOpen))
        #expect(open.twoOctetAutonomousSystem == OpenMessage.transitionAutonomousSystem)
        #expect(open.autonomousSystem == 4_200_000_001)
        #expect(open.families == [.vpnIPv4])
    }

    @Test func encodingIsReadBack() throws {
        let restart = GracefulRestartCapability(
            restarted: true, restartTimeSeconds: 4095, forwardingPreserved: [.vpnIPv4: true, .vpnIPv6: false])
        let open = OpenMessage(
            autonomousSystem: 70000, holdTimeSeconds: 9, identifier: try v4("192.0.2.9"),
            capabilities: [
                .multiprotocol(.vpnIPv4), .multiprotocol(.vpnIPv6), .routeRefresh, .extendedMessage,
                .extendedNextHop([.ipv4Unicast, .vpnIPv4]), .gracefulRestart(restart),
                .fourOctetAutonomousSystem(70000), .enhancedRouteRefresh,
                .unrecognized(code: 73, value: [1, 2, 3]),
            ])
        #expect(try OpenMessage(body: body(open.encoded)) == open)
    }

    /// RFC 9072: more than 255 octets of optional parameters.
    @Test func longParametersUseTheExtendedForm() throws {
        let capabilities = (0..<3).map {
            Capability.unrecognized(code: 200 + $0, value: [UInt8](repeating: $0, count: 200))
        }
        let open = OpenMessage(
            autonomousSystem: 42, holdTimeSeconds: 90, identifier: try v4("192.0.2.9"), capabilities: capabilities)
        #expect(try OpenMessage(body: body(open.encoded)) == open)
        #expect(Array(body(open.encoded).dropFirst(9).prefix(2)) == [255, 255])
    }

    @Test(arguments: [
        ("05 002a 005a 0a000001 00", UInt8(1), [UInt8](arrayLiteral: 0, 4)),
        ("04 002a 0002 0a000001 00", 6, []),
        ("04 002a 005a 00000000 00", 3, []),
        ("04 002a 005a 0a000001 01", 0, []),
        ("04 002a 005a 0a000001 03 010100", 4, []),
        ("04 002a 005a 0a000001 04 02020105", 0, []),
        ("04 002a 005a 0a0000", 0, []),
    ])
    func errorsHaveTheirSubcode(hexadecimal: String, subcode: UInt8, data: [UInt8]) {
        #expect(throws: NotificationMessage(code: 2, subcode: subcode, data: data)) {
            try OpenMessage(body: octets(hexadecimal)[...])
        }
    }

    @Test func capabilityOfWrongLengthIsIgnored() throws {
        let open = try OpenMessage(body: octets("04 002a 005a 0a000001 07 0205 4103 000001")[...])
        #expect(open.fourOctetAutonomousSystem == nil)
        #expect(open.autonomousSystem == 42)
    }
}
