import Addressing

/// What zebra says of one next hop, route or label binding of the default table.
public enum EngineMessage: Hashable, Sendable {
    /// A next hop that routes name by its number; `nil`: it is gone.
    case nextHop(UInt32, EngineNextHop?)
    /// `nil`: nothing leads to the prefix any more.
    case route(IPPrefix, EngineRoute?)
    /// What becomes of packets with a label of the engine's own; `nil`: the label means nothing any more.
    case binding(MPLSLabel, [EngineLeg]?)
    /// Another table's, or of a kind that says nothing about these.
    case other
}

/// One way out.
public struct EngineLeg: Hashable, Sendable {
    /// The router that packets are sent to; `nil`: the destination is on the link.
    public let gateway: IPAddress?
    /// The kernel's number of the interface that leads there.
    public let interfaceIndex: UInt32?
    /// What is pushed, the outermost first; none for implicit null, and where nobody gave a label.
    public let labels: [MPLSLabel]

    public init(gateway: IPAddress?, interfaceIndex: UInt32?, labels: [MPLSLabel] = []) {
        self.gateway = gateway
        self.interfaceIndex = interfaceIndex
        self.labels = labels
    }
}

/// What stands under the number of a next hop.
public enum EngineNextHop: Hashable, Sendable {
    case leg(EngineLeg)
    /// Others by their numbers.
    case group([UInt32])
    /// Packets are dropped.
    case nowhere
}

/// A route of the default table.
public struct EngineRoute: Hashable, Sendable {
    public enum Target: Hashable, Sendable {
        case nextHop(UInt32)
        /// None: packets are dropped.
        case legs([EngineLeg])
    }

    public let target: Target
    /// What the engine has it from, as `rtnetlink` numbers protocols: 187 is IS-IS, 188 OSPF.
    public let protocolNumber: UInt8

    public init(target: Target, protocolNumber: UInt8) {
        self.target = target
        self.protocolNumber = protocolNumber
    }
}
