/// Messages that go out.
extension Session {
    /// The messages that tell the peer of `update`; nothing while the session is not established.
    ///
    /// - Throws: when the update does not fit into messages; nothing has been sent then.
    public mutating func send(_ update: Update, at now: Instant) throws(UpdateEncodingError) -> [SessionEffect] {
        guard let (identifier, connection) = established, let negotiated = connection.negotiated else { return [] }
        let encoder = UpdateEncoder(
            context: negotiated.updateContext, longestMessageOctets: negotiated.longestMessageOctets)
        for message in try encoder.messages(for: update) { send(message, .update, on: identifier) }
        connections[identifier]?.restartKeepaliveTimer(at: now)
        return takeEffects()
    }

    /// The End-of-RIB marker of a family that the session carries (RFC 4724 §2).
    public mutating func sendEndOfRIB(_ family: AddressFamilyIdentifier) -> [SessionEffect] {
        guard let (identifier, connection) = established, connection.negotiated?.families.contains(family) == true
        else { return [] }
        send(UpdateEncoder.endOfRIB(family), .update, on: identifier)
        return takeEffects()
    }

    /// A ROUTE-REFRESH, if the peer understands it: a request needs RFC 2918, the marks around a refresh RFC 7313.
    public mutating func send(_ message: RouteRefreshMessage) -> [SessionEffect] {
        guard let (identifier, connection) = established, let negotiated = connection.negotiated,
            negotiated.families.contains(message.family),
            message.subtype == .request ? negotiated.routeRefresh : negotiated.enhancedRouteRefresh
        else { return [] }
        send(message.encoded, .routeRefresh, on: identifier)
        return takeEffects()
    }

    mutating func send(_ message: [UInt8], _ type: MessageType, on identifier: ConnectionIdentifier) {
        counters.messagesSent[type, default: 0] += 1
        effects.append(.send(identifier, message))
    }
}
