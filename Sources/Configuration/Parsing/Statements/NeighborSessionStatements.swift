import Addressing

/// What `neighbor A.B.C.D` or `neighbor GROUP` says of the session as a whole.
enum NeighborSessionStatements {
    /// Whom the session is with, and its connection.
    ///
    /// - Parameter family: of the address family in whose block the lines stand; `nil` under `router bgp` itself.
    static func connection(in family: SessionFamily?) -> [Statement<PeerDraft>] {
        [
            .line(
                "remote-as", help: "its AS", example: "remote-as 65001",
                prints: .line { $0.settings.remoteAS.map { "remote-as \($0)" } }
            ) { line, peer throws(Finding) in
                try line.assign(&peer.remoteAS, line.autonomousSystem())
                peer.introduce(in: family, at: line.wordsRange)
            },
            .line(
                "peer-group", help: family == nil ? "it is a group, or a member of one" : "it is a member of a group",
                example: "peer-group far-ends", prints: .line(rank: 9) { $0.group.map { "peer-group \($0)" } }
            ) { line, peer throws(Finding) in
                try membership(&line, &peer)
                peer.introduce(in: family, at: line.wordsRange)
            },
        ] + connectionSettings
    }

    private static let connectionSettings: [Statement<PeerDraft>] = [
        .line(
            "description|desc", help: "a text for people", example: "description the far end",
            prints: .line { $0.settings.description.map { "description \(printed(freeText: $0))" } }
        ) { line, peer throws(Finding) in
            try line.assign(&peer.description, line.freeText("a description"))
        },
        .line(
            "password", help: "the key of its TCP connection (RFC 2385)", example: "password secret",
            prints: .line { $0.settings.password.map { "password \(printed(word: $0))" } }
        ) { line, peer throws(Finding) in
            let token = try line.next("a password")
            guard (1...80).contains(token.text.utf8.count), token.text.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
            else {
                // RFC 2385 §4.5: printable ASCII of up to 80 octets. The password is not repeated in the message.
                throw Finding(
                    .invalidValue, "invalid password", at: line.range(of: token),
                    expected: ["1 to 80 printable ASCII characters"])
            }
            try line.assign(&peer.password, token.text)
        },
        .line(
            "ttl-security", "hops", help: "packets from further away are ignored (RFC 5082)",
            example: "ttl-security hops 1",
            prints: .line { $0.settings.ttlSecurityHops.map { "ttl-security hops \($0)" } }
        ) { line, peer throws(Finding) in
            try line.assign(&peer.ttlSecurityHops, line.number("hops", in: 1...254))
        },
        .line(
            "timers", help: "seconds between keepalives, and the hold time", example: "timers 10 30",
            prints: .line { $0.settings.timers.map { "timers \($0.keepaliveSeconds) \($0.holdSeconds)" } }
        ) { line, peer throws(Finding) in
            let keepalive: UInt16 = try line.number("keepalive seconds", in: 0...21845)
            let hold: UInt16 = try line.number("hold seconds", in: 0...UInt16.max)
            // RFC 4271 §4.2: zero or at least three seconds; §4.4: keepalives at most at a third of the hold time.
            let isPossible = hold == 0 ? keepalive == 0 : hold >= 3 && keepalive <= hold / 3
            guard isPossible else {
                throw Finding(
                    .impossibleTimers, "a hold time of \(hold) s does not go with keepalives every \(keepalive) s",
                    at: line.wordsRange, expected: ["a hold time of 0 or at least 3 s and at least three keepalives"],
                    hint: "'timers 30 90' are the values RFC 4271 suggests")
            }
            try line.assign(&peer.timers, BGPTimers(keepaliveSeconds: keepalive, holdSeconds: hold))
        },
        .line(
            "passive", help: "it opens the connection", example: "passive",
            prints: .like("transport connection-mode passive")
        ) { line, peer throws(Finding) in
            try line.assign(&peer.connectionMode, .passive)
        },
        .line(
            "transport", "connection-mode", help: "who opens the connection",
            example: "transport connection-mode active",
            prints: .line { $0.settings.connectionMode.map { "transport connection-mode \($0.rawValue)" } }
        ) { line, peer throws(Finding) in
            let mode = try line.choose(["active": BGPConnectionMode.active, "passive": .passive, "both": .both])
            try line.assign(&peer.connectionMode, mode)
        },
        .line(
            "minimum-hold-time", help: "the shortest hold time that it may offer, in seconds",
            example: "minimum-hold-time 20",
            prints: .line { $0.settings.minimumHoldSeconds.map { "minimum-hold-time \($0)" } }
        ) { line, peer throws(Finding) in
            try line.assign(&peer.minimumHoldSeconds, line.number("seconds", in: 3...UInt16.max))
        },
        .line(
            "shutdown|shut", help: "there is no session; the text is for its operator (RFC 9003)",
            example: "shutdown message back soon", prints: .lines(rank: 8, shutdown), read: shutdown),
    ]

    static let attributeMemory: [Statement<PeerDraft>] = [
        .line(
            "maximum-attribute-memory", help: "mebibytes that large attributes of its routes may take",
            example: "maximum-attribute-memory 64",
            prints: .line { $0.settings.attributeMemoryMebibytes.map { "maximum-attribute-memory \($0)" } }
        ) { line, peer throws(Finding) in
            try line.assign(&peer.attributeMemoryMebibytes, line.number("mebibytes", in: 1...UInt16.max))
        }
    ]

    /// Which routes and attributes are let through that are not by themselves.
    static let exemptions: [Statement<PeerDraft>] = [
        .line(
            "attribute-pass", help: "types of path attributes that go on to it though they are not read here",
            example: "attribute-pass 20 99",
            prints: .line { peer in
                peer.settings.passedAttributes.map {
                    "attribute-pass " + $0.sorted().map(String.init).joined(separator: " ")
                }
            }, read: passedAttributes),
        .line(
            "accept-martians", help: "routes to martian and multicast prefixes are taken", example: "accept-martians",
            prints: .line("accept-martians") { $0.settings.acceptsMartians }
        ) { line, peer throws(Finding) in peer.acceptsMartians = line.wordsRange },
        .line(
            "accept-as-sets", help: "routes with an AS_SET in their path are taken (RFC 9774)",
            example: "accept-as-sets", prints: .line("accept-as-sets") { $0.settings.acceptsASSets }
        ) { line, peer throws(Finding) in peer.acceptsASSets = line.wordsRange },
        .line(
            "extended-messages", help: "messages of up to 65,535 octets are offered (RFC 8654)",
            example: "extended-messages", prints: .line("extended-messages") { $0.settings.offersExtendedMessages }
        ) { line, peer throws(Finding) in peer.offersExtendedMessages = line.wordsRange },
    ]

    @Sendable
    private static func shutdown(_ peer: PrintedPeer) -> [String] {
        guard peer.settings.isShutdown else { return [] }
        let message = peer.settings.shutdownMessage.map { " message \(printed(freeText: $0))" } ?? ""
        return ["shutdown\(message)"]
    }

    /// `shutdown [message TEXT]`: the text is for the neighbor's operator (RFC 9003).
    @Sendable
    private static func shutdown(_ line: inout LineReader, _ peer: inout PeerDraft) throws(Finding) {
        if line.take("message") {
            let start = line.position
            let text = try line.freeText("a text for the neighbor's operator")
            guard (1...BGPPeerSettings.longestShutdownMessageOctets).contains(text.utf8.count) else {
                throw Finding(
                    .invalidValue, "the text has \(text.utf8.count) octets", at: line.range(of: line.tokens[start]),
                    expected: ["1 to \(BGPPeerSettings.longestShutdownMessageOctets) octets of UTF-8"])
            }
            try line.assign(&peer.shutdownMessage, text)
        }
        peer.shutdown = line.wordsRange
    }

    /// Type codes of path attributes (IANA "BGP Path Attributes") that are not read here and go on all the same.
    @Sendable
    private static func passedAttributes(_ line: inout LineReader, _ peer: inout PeerDraft) throws(Finding) {
        var types: Set<UInt8> = []
        repeat {
            let type: UInt8 = try line.number("a type of path attribute", in: UnreadAttribute.typeCodes)
            if let reason = UnreadAttribute.refusal(of: type) {
                throw Finding(
                    .invalidValue, "attribute \(type) cannot be let through: \(reason)", at: line.wordsRange,
                    expected: ["the type of an attribute that is not read here and may leave"])
            }
            types.insert(type)
        } while !line.isAtEnd
        try line.assign(&peer.passedAttributes, types)
    }

    /// Without a name it defines a group, with one it makes the neighbor a member.
    @Sendable
    static func membership(_ line: inout LineReader, _ peer: inout PeerDraft) throws(Finding) {
        guard !line.isAtEnd else {
            peer.groupDefinition = peer.groupDefinition ?? line.wordsRange
            return
        }
        try line.assign(&peer.membership, line.name("a peer group"))
    }
}

extension PeerDraft {
    /// A line of the block of a VRF's family says whom the session is with.
    fileprivate mutating func introduce(in family: SessionFamily?, at range: SourceRange) {
        guard let family else { return }
        families[family, default: PeerFamilyDraft()].introduction = range
    }
}

extension LineReader {
    /// `N [THRESHOLD] [warning-only]`, of a neighbor also `restart MINUTES`.
    mutating func maximum(_ meaning: String, withRestart: Bool) throws(Finding) -> MaximumPrefixes {
        var result = MaximumPrefixes(try number(meaning, in: 1...UInt32.max))
        if !isAtEnd, tokens[position].text.first?.isNumber == true {
            result.warningPercent = try number("a threshold in percent", in: 1...100)
        }
        guard !isAtEnd else { return result }
        if withRestart, take("restart") {
            result.excess = .restarts(afterMinutes: try number("minutes", in: 1...UInt16.max))
        } else {
            try expect("warning-only")
            result.excess = .warns
        }
        return result
    }
}
