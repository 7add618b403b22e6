import BGP
import Testing

@Suite struct NotificationMessageTests {
    @Test func shutdownCommunicationOfGoBGPIsShown() throws {
        let message = try #require(NotificationMessage(body: body(Captures.goBGPShutdown)))
        #expect(message.ceaseSubcode == .administrativeShutdown)
        #expect(message.shutdownCommunication == "moving")
        #expect(message.description == "cease: administrative shutdown \"moving\"")
        #expect(message.encoded == Captures.goBGPShutdown)
        #expect(NotificationMessage.cease(.administrativeShutdown, communication: "moving") == message)
    }

    @Test func longCommunicationIsCutBetweenCharacters() throws {
        let message = NotificationMessage.cease(
            .administrativeReset, communication: String(repeating: "é", count: 200))
        // RFC 9003 §2: up to 255 octets.
        #expect(message.shutdownCommunication == String(repeating: "é", count: 127))
        #expect(message.data.first == 254)
    }

    @Test func controlCharactersAreNotShown() {
        let message = NotificationMessage(code: 6, subcode: 2, data: [4] + Array("a\u{1B}[b".utf8))
        #expect(message.shutdownCommunication == "a\u{FFFD}[b")
        #expect(NotificationMessage(code: 6, subcode: 2, data: [9, 65]).shutdownCommunication == nil)
    }

    @Test(arguments: [
        (NotificationMessage(code: 3, subcode: 11), "UPDATE message error: malformed AS_PATH"),
        (.holdTimerExpired, "hold timer expired"),
        (.cease(.connectionCollisionResolution), "cease: connection collision resolution"),
        (NotificationMessage(code: 2, subcode: 99), "OPEN message error: subcode 99"),
        (NotificationMessage(code: 77, subcode: 1), "error 77/1"),
    ])
    func everyNotificationHasAText(message: NotificationMessage, text: String) {
        #expect(message.description == text)
    }

    @Test func maximumPrefixesCarriesFamilyAndLimit() {
        let message = NotificationMessage.maximumPrefixesReached(family: .vpnIPv6, limit: 1000)
        #expect(message.encoded.dropFirst(19) == [6, 1, 0, 2, 128, 0, 0, 3, 232])
    }

    /// RFC 8538 §3: code 6, subcode 9, then the code, subcode and data of what it stands for.
    @Test func aHardResetCarriesItsReason() throws {
        let reason = NotificationMessage.cease(.administrativeShutdown, communication: "bye")
        let octets: [UInt8] = [6, 9, 6, 2, 3, 0x62, 0x79, 0x65]
        let message = try #require(NotificationMessage(body: octets[...]))
        #expect(message.resetReason == reason)
        #expect(message.description == "cease: hard reset (cease: administrative shutdown \"bye\")")
        #expect(Array(message.encoded.dropFirst(MessageHeader.octets)) == octets)
        #expect(NotificationMessage.cease(.hardReset).resetReason == nil)
        #expect(NotificationMessage.cease(.hardReset).description == "cease: hard reset")
        #expect(NotificationMessage(code: 6, subcode: 9, data: [6, 9, 6, 9, 6, 2]).resetReason == nil)
        #expect(reason.resetReason == nil)
    }

    @Test func tooShortBodyIsNone() {
        #expect(NotificationMessage(body: [6]) == nil)
    }
}

@Suite struct MessageHeaderTests {
    static let marker = [UInt8](repeating: 0xFF, count: 16)

    @Test(
        arguments: [
            ([0, 18, 4], NotificationMessage(code: 1, subcode: 2, data: [0, 18])),
            ([0, 20, 4], NotificationMessage(code: 1, subcode: 2, data: [0, 20])),
            ([16, 1, 2], NotificationMessage(code: 1, subcode: 2, data: [16, 1])),
            ([0, 22, 2], NotificationMessage(code: 1, subcode: 2, data: [0, 22])),
            ([0, 28, 1], NotificationMessage(code: 1, subcode: 2, data: [0, 28])),
            ([0, 20, 3], NotificationMessage(code: 1, subcode: 2, data: [0, 20])),
            ([0, 19, 0], NotificationMessage(code: 1, subcode: 3, data: [0])),
            ([0, 19, 6], NotificationMessage(code: 1, subcode: 3, data: [6])),
        ] as [([UInt8], NotificationMessage)])
    func impossibleHeadersAreRefused(lengthAndType: [UInt8], expected: NotificationMessage) {
        #expect(throws: expected) {
            try MessageHeader((Self.marker + lengthAndType)[...], longestMessageOctets: 4096)
        }
    }

    @Test func brokenMarkerIsRefused() {
        var octets = KeepaliveMessage.encoded
        octets[3] = 0
        #expect(throws: NotificationMessage.connectionNotSynchronized) {
            try MessageHeader(octets[...], longestMessageOctets: 4096)
        }
    }

    @Test func extendedMessagesAreNoKeepalivesOrOpens() throws {
        let update = try MessageHeader((Self.marker + [0xFF, 0xFF, 2])[...], longestMessageOctets: 65535)
        #expect(update?.messageOctets == 65535)
        #expect(throws: NotificationMessage(code: 1, subcode: 2, data: [0xFF, 0xFF])) {
            try MessageHeader((Self.marker + [0xFF, 0xFF, 1])[...], longestMessageOctets: 65535)
        }
    }

    @Test func unfinishedHeaderIsAwaited() throws {
        #expect(try MessageHeader(KeepaliveMessage.encoded[..<18], longestMessageOctets: 4096) == nil)
        #expect(try MessageHeader(KeepaliveMessage.encoded[...], longestMessageOctets: 4096)?.type == .keepalive)
    }
}

@Suite struct RouteRefreshMessageTests {
    @Test func bytesAreThoseOfScapy() throws {
        let request = RouteRefreshMessage(family: .vpnIPv4)
        #expect(request.encoded == octets("ffffffffffffffffffffffffffffffff00170500010080"))
        for subtype in RouteRefreshMessage.Subtype.allCases {
            let message = RouteRefreshMessage(family: .vpnIPv6, subtype: subtype)
            #expect(try RouteRefreshMessage(body: body(message.encoded)) == message)
        }
    }

    @Test func unknownSubtypeIsIgnoredAndWrongLengthIsNot() throws {
        #expect(try RouteRefreshMessage(body: [0, 1, 9, 128]) == nil)
        let message = RouteRefreshMessage(family: .vpnIPv4, subtype: .end)
        var long = message.encoded + [0]
        long[17] += 1
        #expect(throws: NotificationMessage(code: 7, subcode: 1, data: long)) {
            try RouteRefreshMessage(body: body(long))
        }
    }
}
