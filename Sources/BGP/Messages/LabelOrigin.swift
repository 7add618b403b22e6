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
    /// Both, which no route may have (§4.2).
    case contradictory
}

extension PathAttributes.Contents {
    /// Whether the route has the DCB-flag: the Extension bit of PMSI_TUNNEL (RFC 7902 §3), and bit 47 of the flags in the community that
    /// the bit points to (RFC 9573 §4.1).
    public var hasDCBFlag: Bool {
        guard pmsiTunnel?.flags.contains(.extended) == true else { return false }
        for community in extendedCommunities {
            if let flags = community.pmsiTunnelFlags, flags & ExtendedCommunity.dcbFlag != 0 { return true }
        }
        return false
    }

    public var labelOrigin: LabelOrigin {
        let hasDCBFlag = hasDCBFlag
        var named: ExtendedCommunity.LabelSpaceIdentifier?
        for community in extendedCommunities {
            guard let identifier = community.labelSpaceIdentifier, identifier != named else { continue }
            guard !hasDCBFlag else { return .contradictory }
            guard named == nil else { return .severalSpaces }
            named = identifier
        }
        switch named {
        case .label(let label)?: return .space(label)
        case .unknown?: return .unknownSpace
        case nil: return hasDCBFlag ? .commonBlock : .assigner
        }
    }
}
