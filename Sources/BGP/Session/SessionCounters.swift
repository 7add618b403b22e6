/// What a session has counted since it was configured.
public struct SessionCounters: Hashable, Sendable {
    public internal(set) var messagesReceived: [MessageType: UInt64] = [:]
    public internal(set) var messagesSent: [MessageType: UInt64] = [:]
    /// Times that the session came to Established.
    public internal(set) var establishedTransitions: UInt64 = 0
    /// UPDATEs whose announced routes were treated as withdrawn (RFC 7606).
    public internal(set) var updatesTreatedAsWithdrawn: UInt64 = 0
    /// Attributes that were discarded (RFC 7606).
    public internal(set) var attributesDiscarded: UInt64 = 0
    /// Routes that were treated as withdrawn by themselves: their octets are wrong behind what identifies them.
    public internal(set) var routesTreatedAsWithdrawn: UInt64 = 0
    /// Routes that were passed over: they must not be advertised (RFC 6514 §4.5).
    public internal(set) var routesDiscarded: UInt64 = 0
    /// Routes that were passed over: nobody here knows their type (RFC 7606 §5.4).
    public internal(set) var routesOfUnknownType: UInt64 = 0
    /// Families disabled for errors in their routes (RFC 7606).
    public internal(set) var familiesDisabled: UInt64 = 0
    /// UPDATEs with routes of a family that the session does not carry.
    public internal(set) var updatesOfOtherFamilies: UInt64 = 0
    /// Collisions of connections that were resolved (RFC 4271 §6.8).
    public internal(set) var collisions: UInt64 = 0

    public init() {}

    mutating func count(_ fault: UpdateFault) {
        switch fault.damage {
        case .attributeDiscard: attributesDiscarded += 1
        case .familyDisable: familiesDisabled += 1
        case .routeWithdraw, .treatAsWithdraw, .sessionReset: break
        }
    }
}
