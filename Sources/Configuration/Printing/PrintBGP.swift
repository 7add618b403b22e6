import Addressing

extension BGPConfiguration {
    /// Peer groups come before the neighbors that are members of them.
    var section: ConfigurationSection {
        var lines: [String] = []
        if let routerID { lines.append(" bgp router-id \(routerID)") }
        switch gracefulRestart {
        case nil: lines.append(" no bgp graceful-restart")
        case GracefulRestart(): break
        case let restart?:
            let standard = GracefulRestart()
            if restart.restartTimeSeconds != standard.restartTimeSeconds {
                lines.append(" bgp graceful-restart restart-time \(restart.restartTimeSeconds)")
            }
            if restart.stalePathSeconds != standard.stalePathSeconds {
                lines.append(" bgp graceful-restart stalepath-time \(restart.stalePathSeconds)")
            }
        }
        if !endsSessionsWithLink { lines.append(" no bgp fast-external-fallover") }
        if keepsRoutesWithoutImport { lines.append(" no bgp default route-target filter") }
        let groups = peerGroups.values.sorted { $0.name < $1.name }
        let peers = neighbors.values.sorted { $0.address < $1.address }
        for group in groups {
            lines.append(" neighbor \(group.name) peer-group")
            lines += group.settings.lines(about: group.name)
        }
        for neighbor in peers {
            lines += neighbor.settings.lines(about: neighbor.address.description)
            if let group = neighbor.peerGroup { lines.append(" neighbor \(neighbor.address) peer-group \(group)") }
        }
        for family in VPNFamily.allCases {
            let familyLines =
                groups.flatMap { $0.settings.families[family]?.lines(about: $0.name) ?? [] }
                + peers.flatMap { $0.settings.families[family]?.lines(about: $0.address.description) ?? [] }
            if !familyLines.isEmpty { lines += [" address-family \(family.rawValue)"] + familyLines }
        }
        for (key, redistribution) in vrfFamilies.sorted(by: { $0.key < $1.key }) {
            lines.append(" address-family \(key.family.keyword) vrf \(key.vrf)")
            if redistribution.connected { lines.append("  redistribute connected") }
            if redistribution.staticRoutes { lines.append("  redistribute static") }
        }
        return ConfigurationSection("router bgp \(autonomousSystem)", lines)
    }
}

extension BGPPeerSettings {
    fileprivate func lines(about peer: String) -> [String] {
        var lines: [String] = []
        if let remoteAS { lines.append(" neighbor \(peer) remote-as \(remoteAS)") }
        if let description { lines.append(" neighbor \(peer) description \(printed(freeText: description))") }
        if let password { lines.append(" neighbor \(peer) password \(printed(word: password))") }
        if let ttlSecurityHops { lines.append(" neighbor \(peer) ttl-security hops \(ttlSecurityHops)") }
        if let timers {
            lines.append(" neighbor \(peer) timers \(timers.keepaliveSeconds) \(timers.holdSeconds)")
        }
        if let connectionMode {
            lines.append(" neighbor \(peer) transport connection-mode \(connectionMode.rawValue)")
        }
        if let minimumHoldSeconds { lines.append(" neighbor \(peer) minimum-hold-time \(minimumHoldSeconds)") }
        if let maximumPrefixes { lines.append(" neighbor \(peer) maximum-prefix \(maximumPrefixes.statement)") }
        if let attributeMemoryMebibytes {
            lines.append(" neighbor \(peer) maximum-attribute-memory \(attributeMemoryMebibytes)")
        }
        if let maximumLabels { lines.append(" neighbor \(peer) maximum-labels \(maximumLabels)") }
        if let passedAttributes {
            let types = passedAttributes.sorted().map(String.init).joined(separator: " ")
            lines.append(" neighbor \(peer) attribute-pass \(types)")
        }
        if acceptsMartians { lines.append(" neighbor \(peer) accept-martians") }
        if acceptsASSets { lines.append(" neighbor \(peer) accept-as-sets") }
        if offersExtendedMessages { lines.append(" neighbor \(peer) extended-messages") }
        for address in sourceAddresses.sorted(by: { $0.rawValue < $1.rawValue }) {
            lines.append(" neighbor \(peer) source-mac \(address)")
        }
        if isShutdown {
            let message = shutdownMessage.map { " message \(printed(freeText: $0))" } ?? ""
            lines.append(" neighbor \(peer) shutdown\(message)")
        }
        return lines
    }
}

extension BGPPeerFamily {
    fileprivate func lines(about peer: String) -> [String] {
        var lines: [String] = []
        if isActivated { lines.append("  neighbor \(peer) activate") }
        if isOptionE { lines.append("  neighbor \(peer) optE") }
        if let maximumPrefixes { lines.append("  neighbor \(peer) maximum-prefix \(maximumPrefixes.statement)") }
        if let name = prefixLists.imported { lines.append("  neighbor \(peer) prefix-list \(name) in") }
        if let name = prefixLists.exported { lines.append("  neighbor \(peer) prefix-list \(name) out") }
        return lines
    }
}
