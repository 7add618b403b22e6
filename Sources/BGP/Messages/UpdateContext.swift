/// What the meaning of an UPDATE's octets depends on besides the octets: the outcome of the OPEN exchange.
public struct UpdateContext: Hashable, Sendable {
    /// RFC 6793: whether both speakers carry AS numbers of four octets in AS_PATH and AGGREGATOR.
    public var fourOctetAutonomousSystems: Bool
    /// Whether the peer is in another AS: LOCAL_PREF and the route reflection attributes are not for it.
    public var isExternal: Bool
    /// The families that the session carries; routes of others are passed over.
    public var families: Set<AddressFamilyIdentifier>
    /// Those of IPv4 routes whose next hop may be an IPv6 address (RFC 8950).
    public var extendedNextHops: Set<AddressFamilyIdentifier>
    /// Those whose routes may have more than one label, the last of which is told by its S bit (RFC 8277 §2.3).
    public var multipleLabels: Set<AddressFamilyIdentifier>

    public init(
        fourOctetAutonomousSystems: Bool, isExternal: Bool, families: Set<AddressFamilyIdentifier>,
        extendedNextHops: Set<AddressFamilyIdentifier> = [], multipleLabels: Set<AddressFamilyIdentifier> = []
    ) {
        self.fourOctetAutonomousSystems = fourOctetAutonomousSystems
        self.isExternal = isExternal
        self.families = families
        self.extendedNextHops = extendedNextHops
        self.multipleLabels = multipleLabels
    }
}
