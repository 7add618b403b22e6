/// Messages that come in.
extension Session {
    mutating func received(_ message: [UInt8], on identifier: ConnectionIdentifier, at now: Instant) {
        guard let connection = connections[identifier] else { return }
        do throws(NotificationMessage) {
            guard let header = try MessageHeader(message[...], longestMessageOctets: connection.longestMessageOctets)
            else { return }
            let body = message[...].dropFirst(MessageHeader.octets)
            guard header.messageOctets == message.count else {
                throw .badMessageLength(UInt16(clamping: header.messageOctets))
            }
            counters.messagesReceived[header.type, default: 0] += 1
            try received(header.type, body, on: identifier, connection, at: now)
        } catch {
            fail(identifier, error, at: now)
        }
    }

    private mutating func received(
        _ type: MessageType, _ body: ArraySlice<UInt8>, on identifier: ConnectionIdentifier,
        _ connection: SessionConnection, at now: Instant
    ) throws(NotificationMessage) {
        switch (type, connection.state) {
        case (.notification, _): receivedNotification(body, on: identifier, at: now)
        case (.open, .openSent): receivedOpen(try OpenMessage(body: body), on: identifier, at: now)
        case (.keepalive, .openConfirm):
            connections[identifier]?.restartHoldTimer(at: now)
            confirmed(identifier, at: now)
        case (.update, .openConfirm) where connection.yieldDeadline != nil,
            (.routeRefresh, .openConfirm) where connection.yieldDeadline != nil:
            // The peer is Established here, so that this connection has won.
            becomeEstablished(identifier, at: now)
            if let connection = connections[identifier] {
                try received(type, body, on: identifier, connection, at: now)
            }
        case (.keepalive, .established): connections[identifier]?.restartHoldTimer(at: now)
        case (.update, .established):
            connections[identifier]?.restartHoldTimer(at: now)
            receivedUpdate(body, on: identifier, at: now)
        case (.routeRefresh, .established):
            connections[identifier]?.restartHoldTimer(at: now)
            try receivedRouteRefresh(body, connection)
        case (.open, _), (.keepalive, _), (.update, _), (.routeRefresh, _):
            throw .unexpectedMessage(in: connection.state)
        }
    }

    private mutating func receivedNotification(
        _ body: ArraySlice<UInt8>, on identifier: ConnectionIdentifier, at now: Instant
    ) {
        let notification = NotificationMessage(body: body) ?? NotificationMessage(code: 0, subcode: 0)
        close(identifier, .notificationReceived(notification), at: now)
        if notification.code == NotificationMessage.cease(.connectionRejected).code,
            notification.subcode == NotificationMessage.cease(.connectionRejected).subcode
        {
            waitForPeer(at: now)
        } else {
            holdOffIfAlone(at: now)
        }
    }

    private mutating func receivedUpdate(
        _ body: ArraySlice<UInt8>, on identifier: ConnectionIdentifier, at now: Instant
    ) {
        guard let context = connections[identifier]?.updateContext else { return }
        let decoded = DecodedUpdate(body: body, context: context)
        if !decoded.ignoredFamilies.isEmpty { counters.updatesOfOtherFamilies += 1 }
        counters.routesTreatedAsWithdrawn += UInt64(decoded.malformedRoutes)
        counters.routesOfUnknownType += UInt64(decoded.routesOfUnknownType)
        counters.routesDiscarded += UInt64(decoded.routesDiscarded)
        for fault in decoded.faults {
            counters.count(fault)
            effects.append(.fault(fault))
        }
        if let worst = decoded.severestFault {
            switch worst.damage {
            case .attributeDiscard, .routeWithdraw: break
            case .treatAsWithdraw: counters.updatesTreatedAsWithdrawn += 1
            case .familyDisable:
                guard disableFamilies(of: decoded.faults, on: identifier, context, at: now) else {
                    return fail(identifier, worst.notification, at: now)
                }
            case .sessionReset: return fail(identifier, worst.notification, at: now)
            }
        }
        if !decoded.update.withdrawn.isEmpty || !decoded.update.announced.isEmpty {
            effects.append(.update(decoded.update))
        }
        for update in decoded.furtherUpdates { effects.append(.update(update)) }
        if let family = decoded.endOfRIB, context.families.contains(family) { effects.append(.endOfRIB(family)) }
    }

    /// - Returns: whether a family is left; a session that can carry nothing any more is of no use to anyone.
    private mutating func disableFamilies(
        of faults: [UpdateFault], on identifier: ConnectionIdentifier, _ context: UpdateContext, at now: Instant
    ) -> Bool {
        var usable = context.families
        for fault in faults {
            guard case .familyDisable(let family) = fault.damage, usable.remove(family) != nil else { continue }
            let retryAt = now.advanced(by: .seconds(familyRetrySeconds))
            connections[identifier]?.disabledFamilies[family] = DisabledFamily(
                fault: fault, since: now, retryAt: retryAt)
            effects.append(.familyDisabled(family))
        }
        familyRetrySeconds = min(familyRetrySeconds * 2, DisabledFamily.longestRetrySeconds)
        return !usable.isEmpty
    }

    private mutating func receivedRouteRefresh(
        _ body: ArraySlice<UInt8>, _ connection: SessionConnection
    ) throws(NotificationMessage) {
        guard let message = try RouteRefreshMessage(body: body),
            connection.negotiated?.families.contains(message.family) == true
        else { return }
        effects.append(.routeRefresh(message))
    }
}
