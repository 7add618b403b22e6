import Addressing
import BGP

/// What a neighbor is to us in one family: what its routes have to be, what it is given, and what becomes of next hop and
/// attributes on the way. Without a role nothing goes in or out (RFC 8212 §2).
///
/// Each role has its rules in a file of its own; a new one is a case here, and the compiler names what it has to answer.
public enum NeighborRole: Hashable, Sendable {
    /// Another operator's border router, with labels that are checked: `optE`.
    case optionE
}

/// A route that a neighbor is to have.
struct Export {
    let vrf: VRFState
    let label: MPLSLabel
    /// The path it was learnt by; `nil` for a route of the VRF's own.
    let path: Path?
    /// What the neighbor's route map made of the route's attributes; `nil` without one.
    var changedAttributes: PathAttributes?

    /// What the attributes on the way out are made of; `nil` for those that a VRF's own routes always have.
    var basis: PathAttributes? { changedAttributes ?? path?.attributes }
}

extension Export {
    /// Redistributed routes are learned by other means than BGP and an IGP (RFC 4271 §4.3 a).
    static let ownAttributes = PathAttributes(origin: .incomplete)

    /// The same behind the neighbor's route map, which may refuse it.
    func applying(_ policy: AppliedRoutePolicy?, to prefix: IPPrefix) -> Export? {
        guard let policy else { return self }
        let attributes = path?.attributes ?? Self.ownAttributes
        guard case .permitted(let changed) = policy.verdict(on: prefix, attributes) else { return nil }
        var export = self
        export.changedAttributes = changed
        return export
    }
}

extension NeighborRole {
    /// What is wrong with the attributes of routes that the neighbor sent; `nil` if nothing.
    func rejection(
        of attributes: PathAttributes, from neighbor: NeighborInputs, autonomousSystem: UInt32
    ) -> RouteRejection? {
        switch self {
        case .optionE: OptionERole.rejection(of: attributes, from: neighbor, autonomousSystem: autonomousSystem)
        }
    }

    /// What is wrong with a route beside its attributes; `nil` if nothing.
    func rejection(of nlri: NLRI, _ labels: LabelStack?, from neighbor: NeighborInputs) -> RouteRejection? {
        switch self {
        case .optionE: OptionERole.rejection(of: nlri, labels, from: neighbor)
        }
    }

    /// What the neighbor is to have for a route that `vrf` exports; `nil` if nothing.
    func export(_ prefix: IPPrefix, of vrf: VRFState, to neighbor: NeighborState) -> Export? {
        switch self {
        case .optionE: OptionERole.export(prefix, of: vrf, to: neighbor)
        }
    }

    /// The attributes that a route has on its way to the neighbor.
    func attributes(
        of export: Export, _ family: AddressFamily, to neighbor: NeighborState, autonomousSystem: UInt32
    ) -> PathAttributes {
        switch self {
        case .optionE:
            OptionERole.attributes(of: export, family, to: neighbor, autonomousSystem: autonomousSystem)
        }
    }
}
