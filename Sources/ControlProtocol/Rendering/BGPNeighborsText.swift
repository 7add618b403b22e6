extension BGPNeighborsResult {
    public func text(_ style: TextStyle) -> String {
        guard !neighbors.isEmpty else { return "no neighbors\n" }
        return neighbors.map { $0.text(style) }.joined(separator: "\n")
    }
}

extension BGPNeighborDetail {
    fileprivate func text(_ style: TextStyle) -> String {
        let state = style.show(summary.state.text, as: summary.state.emphasis)
        var text = "neighbor \(summary.address), AS \(summary.remoteAutonomousSystem), \(state)"
        if let since = stateSince { text += " since \(since)" }
        text += "\n"
        func dated(_ reason: String?, _ time: Timestamp?) -> String? {
            reason.map { reason in time.map { "\(reason) at \($0)" } ?? reason }
        }
        text += factLines(
            [
                ("  held down", summary.heldDown?.text), ("  description", summary.description),
                ("  peer group", peerGroup), ("  vrf", summary.vrf),
                ("  interface", interface), ("  local address", localAddress?.description),
                ("  remote identifier", remoteIdentifier?.description),
                ("  hold time", holdTimeSeconds.map { "\($0) s" }), ("  keepalive", keepaliveSeconds.map { "\($0) s" }),
                ("  capabilities", capabilities.isEmpty ? nil : capabilities.joined(separator: ", ")),
                ("  eligible vrfs", eligibleVrfs.isEmpty ? nil : eligibleVrfs.joined(separator: " ")),
                ("  maximum prefixes", maximumPrefixes.map(String.init)),
                ("  attribute memory", attributeMemory.map { "\($0.octets) of \($0.maximumOctets) octets" }),
                ("  labels", labels.map { "\($0)\(maximumLabels.map { " of \($0)" } ?? "")" }),
                ("  sessions established", String(summary.sessionsEstablished)),
                ("  messages", "\(summary.rxMessages) received, \(summary.txMessages) sent"),
                ("  last down", dated(lastDownReason, lastDownAt)), ("  last error", dated(lastError, lastErrorAt)),
                ("  next attempt", nextAttemptAt?.description), ("  obstacle", obstacle),
            ], style)
        for family in summary.families {
            text += "  \(family.family.rawValue)\(family.isOptionE ? " optE" : ""): \(family.receivedRoutes) received, "
            text += "\(family.importedRoutes) imported, \(family.notKeptRoutes) not kept, "
            text += "\(family.advertisedRoutes) advertised\n"
            if let maximum = family.maximumPrefixes, let warning = family.warningPrefixes {
                text += "    at most \(maximum), warning from \(warning) on"
                text += family.isNearMaximum ? ": \(style.show("reached", as: .warning))\n" : "\n"
            }
            if let disabled = family.disabled {
                text +=
                    "    \(style.show("disabled", as: .bad)) since \(disabled.since), until the session is reset at "
                text += "\(disabled.retryAt): \(disabled.reason.withoutControlCharacters)\n"
            } else if family.state == .notCarried, summary.state == .established {
                text += "    not carried: the neighbor does not offer it\n"
            }
        }
        for error in routeErrors {
            text += "  refused \(error.reason.withoutControlCharacters): \(error.routes) routes\n"
        }
        return text
    }
}

extension BGPHeldDown {
    fileprivate var text: String {
        "\(reason.withoutControlCharacters) since \(since), until \(until?.description ?? "it is cleared")"
    }
}
