import Addressing

/// Where the labels that a route says for its tunnel are from, by what its attributes say of it (RFC 9573 §4).
public enum LabelOrigin: Hashable, Sendable {
    /// The DCB-flag: the domain-wide common block.
    case commonBlock
    /// A Context-Specific Label Space ID: the space that this label of the common block names.
    case space(MPLSLabel)
    /// One that names a space by something else than a label (§4.1): nobody here knows which.
    case unknownSpace
    /// Several that name spaces by different labels.
    case severalSpaces
    /// Neither: the own label space of who gave the label (RFC 5331).
    case assigner
    /// Neither, and the Extension bit says that there are flags, of which the DCB-flag may be one: the community that had them is not there.
    case missingFlags
    /// Both, which no route may have (§4.2).
    case contradictory
}

extension PathAttributes.Contents {
    /// What PMSI_TUNNEL and communities say. A route has the DCB-flag by the Extension bit of PMSI_TUNNEL (RFC 7902 §3), and bit 47 of the
    /// flags in the community that the bit points to (RFC 9573 §4.1); a flag is set that is set in any of several such communities.
    public var labelOrigin: LabelOrigin {
        let isExtended = pmsiTunnel?.flags.contains(.extended) == true
        var flags: UInt64?
        for community in extendedCommunities where isExtended {
            if let more = community.pmsiTunnelFlags { flags = (flags ?? 0) | more }
        }
        let hasDCBFlag = (flags ?? 0) & ExtendedCommunity.dcbFlag != 0
        let named = namedLabelSpace
        guard named == .assigner else { return hasDCBFlag ? .contradictory : named }
        if hasDCBFlag { return .commonBlock }
        return isExtended && flags == nil ? .missingFlags : .assigner
    }

    /// What communities alone say, as on routes to which PMSI_TUNNEL does not belong.
    public var namedLabelSpace: LabelOrigin {
        var named: ExtendedCommunity.LabelSpaceIdentifier?
        for community in extendedCommunities {
            guard let identifier = community.labelSpaceIdentifier, identifier != named else { continue }
            guard named == nil else { return .severalSpaces }
            named = identifier
        }
        switch named {
        case .label(let label)?: return .space(label)
        case .unknown?: return .unknownSpace
        case nil: return .assigner
        }
    }
}
