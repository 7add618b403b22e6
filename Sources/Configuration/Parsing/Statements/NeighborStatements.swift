/// What stands behind `neighbor A.B.C.D` or `neighbor GROUP`.
enum NeighborStatements {
    /// Under `router bgp` itself.
    static let table = StatementTable<PeerDraft>([
        .line("remote-as") { line, peer throws(Finding) in
            try line.assign(&peer.remoteAS, line.autonomousSystem())
        },
        .line("peer-group", read: peerGroup),
        .line("description|desc") { line, peer throws(Finding) in
            try line.assign(&peer.description, line.freeText("a description"))
        },
        .line("password") { line, peer throws(Finding) in
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
        .line("ttl-security", "hops") { line, peer throws(Finding) in
            try line.assign(&peer.ttlSecurityHops, line.number("hops", in: 1...254))
        },
        .line("timers") { line, peer throws(Finding) in
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
        .line("passive") { line, peer throws(Finding) in
            try line.assign(&peer.connectionMode, .passive)
        },
        .line("transport", "connection-mode") { line, peer throws(Finding) in
            let mode = try line.choose(["active": BGPConnectionMode.active, "passive": .passive, "both": .both])
            try line.assign(&peer.connectionMode, mode)
        },
        .line("minimum-hold-time") { line, peer throws(Finding) in
            try line.assign(&peer.minimumHoldSeconds, line.number("seconds", in: 3...UInt16.max))
        },
        .line("shutdown|shut", read: shutdown),
        .line("maximum-prefix") { line, peer throws(Finding) in
            try line.assign(&peer.maximumPrefixes, line.maximum("prefixes", withRestart: true))
        },
        .line("maximum-attribute-memory") { line, peer throws(Finding) in
            try line.assign(&peer.attributeMemoryMebibytes, line.number("mebibytes", in: 1...UInt16.max))
        },
        .line("maximum-labels") { line, peer throws(Finding) in
            try line.assign(&peer.maximumLabels, line.number("labels", in: BGPPeerSettings.maximumLabelsRange))
        },
        .line("attribute-pass", read: passedAttributes),
        .line("accept-martians") { line, peer throws(Finding) in peer.acceptsMartians = line.wordsRange },
        .line("accept-as-sets") { line, peer throws(Finding) in peer.acceptsASSets = line.wordsRange },
        .line("extended-messages") { line, peer throws(Finding) in peer.offersExtendedMessages = line.wordsRange },
        .line("source-mac") { line, peer throws(Finding) in
            let address = try line.stationAddress()
            if !peer.sourceAddresses.contains(where: { $0.value == address.value }) {
                peer.sourceAddresses.append(address)
            }
        },
        .refused("optE", hint: "say it in 'address-family vpnv4' or 'address-family vpnv6'"),
        .refused("activate", hint: "say it in 'address-family vpnv4' or 'address-family vpnv6'"),
        .refused("prefix-list", hint: "say it in 'address-family vpnv4' or 'address-family vpnv6'"),
        .refused("route-map", hint: "on an Option E session the eligible VRFs decide what crosses"),
        .refused("ebgp-multihop", hint: "an Option E neighbor is on the NNI's own subnet"),
    ])

    /// Inside an address family of the session.
    static func familyTable(_ family: VPNFamily) -> StatementTable<PeerDraft> {
        StatementTable([
            .line("optE") { line, peer throws(Finding) in
                peer.families[family, default: PeerFamilyDraft()].optionE = line.wordsRange
            },
            .line("activate") { line, peer throws(Finding) in
                peer.families[family, default: PeerFamilyDraft()].activation = line.wordsRange
            },
            .line("peer-group", read: peerGroup),
            PrefixListStatements.ofNeighbor(family),
            .line("maximum-prefix") { line, peer throws(Finding) in
                try line.assign(
                    &peer.families[family, default: PeerFamilyDraft()].maximumPrefixes,
                    line.maximum("prefixes", withRestart: true))
            },
            .line("send-community", "extended") { line, peer throws(Finding) in
                // VPN routes always carry their extended communities: the line changes nothing and is not kept.
            },
            .refused("route-map", hint: "on an Option E session the eligible VRFs decide what crosses"),
        ])
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
    private static func peerGroup(_ line: inout LineReader, _ peer: inout PeerDraft) throws(Finding) {
        guard !line.isAtEnd else {
            peer.groupDefinition = peer.groupDefinition ?? line.wordsRange
            return
        }
        let name = try line.name("a peer group")
        if let earlier = peer.membership, earlier.value != name.value {
            throw line.contradiction(of: earlier.range)
        }
        peer.membership = peer.membership ?? name
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
