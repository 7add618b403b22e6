/// An UPDATE as it was read: what it says, and what was wrong with it.
public struct DecodedUpdate: Hashable, Sendable {
    /// What remains to be done after RFC 7606: routes treated as withdrawn are among the withdrawn. Empty when the
    /// session is to be reset; without routes of a family that is to be disabled.
    public var update: Update
    /// Routes of the message that have other attributes than those in ``update``, to be taken behind it: EVPN routes with other
    /// labels (RFC 7432 §7.2), and unicast IPv4 routes of the message's own field beside others in MP_REACH_NLRI, since their
    /// next hop is another.
    public var furtherUpdates: [Update]
    /// The family whose End-of-RIB marker this is (RFC 4724 §2).
    public var endOfRIB: AddressFamilyIdentifier?
    /// All errors, in the order in which they were found.
    public var faults: [UpdateFault]
    /// How many routes count as withdrawn since they were malformed behind what identifies them.
    public var malformedRoutes = 0
    /// How many routes were passed over since nobody here knows their type (RFC 7606 §5.4).
    public var routesOfUnknownType = 0
    /// How many routes were passed over since they must not be advertised (RFC 6514 §4.5).
    public var routesDiscarded = 0
    /// Families that the session does not carry, whose routes were passed over.
    public var ignoredFamilies: Set<AddressFamilyIdentifier>

    /// The error that decides what happens: the first of the greatest damage (RFC 7606 §3 h).
    public var severestFault: UpdateFault? {
        faults.reduce(nil) { worst, fault in
            worst.map { $0.damage < fault.damage ? fault : $0 } ?? fault
        }
    }
}

extension DecodedUpdate {
    /// Reads the message that follows the header. Never fails: every error is in ``faults`` with its damage.
    public init(body: ArraySlice<UInt8>, context: UpdateContext) {
        var decoder = UpdateDecoder(context: context)
        self = decoder.decode(body)
    }
}
