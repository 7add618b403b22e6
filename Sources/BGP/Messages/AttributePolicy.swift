/// What of a route's attributes goes on to another operator.
///
/// A speaker that passes on what it cannot read carries one stranger's mistakes, and our own topology, to the next:
/// an attribute that the next one finds malformed costs it the route or the session, and one that names our tunnels
/// or segments belongs to nobody outside. So what is not known to be wanted stops. What is read and checked here
/// passes: communities, large communities, ATTR_SET (RFC 6368), the aggregator, and of the extended communities those
/// in ``ExtendedCommunity/isWantedByOtherOperators``. The operator can let other attributes through by type.
public struct AttributePolicy: Hashable, Sendable {
    /// Optional transitive attributes that are let through although nobody here reads them. They leave with the
    /// Partial bit (RFC 4271 §5).
    public var passedTypeCodes: Set<UInt8>
    /// Whether MVPN routes are exchanged as well: then VPN routes say by what they are joined.
    public var passesMulticastVPN: Bool

    public init(passedTypeCodes: Set<UInt8> = [], passesMulticastVPN: Bool = false) {
        self.passedTypeCodes = passedTypeCodes
        self.passesMulticastVPN = passesMulticastVPN
    }

    /// The attributes without those that nobody reads and the operator does not let through.
    public func withoutUnwanted(_ attributes: PathAttributes) -> PathAttributes {
        guard attributes.unrecognized.contains(where: { !passedTypeCodes.contains($0.typeCode) }) else {
            return attributes
        }
        var attributes = attributes
        attributes.unrecognized.removeAll { !passedTypeCodes.contains($0.typeCode) }
        return attributes
    }

    /// Leaves in `contents` what may go on. Route targets go: they are those of whoever sends the route on.
    ///
    /// - Parameter isExporter: whether the route goes on as one of a VRF here: then nobody joins it by what another VRF's PE said (RFC 6514
    ///   §7: the VRF Route Import is the exporter's).
    public func clean(_ contents: inout PathAttributes.Contents, asExporter isExporter: Bool = false) {
        contents.unrecognized.removeAll { !passedTypeCodes.contains($0.typeCode) }
        contents.extendedCommunities.removeAll {
            !$0.isWantedByOtherOperators && !(passesMulticastVPN && !isExporter && $0.isOfMulticastVPN)
        }
    }
}

extension ExtendedCommunity {
    /// Whether the community means the same to a customer's other sites behind another operator: site of origin
    /// (RFC 4360 §5), OSPF domain identifier, route type and router identifier (RFC 4577 §4.2.4, §4.2.6). All others,
    /// such as tunnel types, colors, router MACs and what is opaque, mean something inside one network only.
    public var isWantedByOtherOperators: Bool {
        switch rawValue >> 48 {
        case 0x0003, 0x0103, 0x0203: true
        case 0x0005, 0x0105, 0x0205: true
        case 0x0306, 0x0107: true
        default: false
        }
    }
}
