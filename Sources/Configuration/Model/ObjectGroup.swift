import Addressing

/// An `object-group`: addresses or ports under one name, for access lists.
public struct ObjectGroup: Equatable, Sendable {
    public enum Members: Equatable, Sendable {
        /// Networks of one address family, in the order of the text; none of length 0.
        case networks(AddressFamily, [IPPrefix])
        /// TCP, UDP or SCTP ports, in the order of the text; never `.group`.
        case ports([PortMatch])
    }

    public let name: String
    public var members: Members

    public init(name: String, members: Members) {
        self.name = name
        self.members = members
    }
}

extension Configuration {
    /// The networks of an object group; none where it has none of the family.
    public func networks(inGroup name: String, family: AddressFamily) -> [IPPrefix] {
        guard case .networks(family, let networks)? = objectGroups[name]?.members else { return [] }
        return networks
    }

    /// The ports of an object group; none where it has none.
    public func ports(inGroup name: String) -> [PortMatch] {
        guard case .ports(let ports)? = objectGroups[name]?.members else { return [] }
        return ports
    }
}
