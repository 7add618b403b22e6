/// Why octets are not what a forwarding plane manager is sent: nothing behind them can be trusted, and the connection ends.
public enum FPMMalformation: Error, Hashable, Sendable {
    /// The header's version; 1 is the only one.
    case version(UInt8)
    /// The header's type: 1 is netlink.
    case messageType(UInt8)
    /// A length that does not hold its own header, or more than there is around it.
    case length(Int)
    /// An attribute's length.
    case attributeLength(Int)
    /// Something of fixed size has another one: octets, and of what.
    case size(Int, Field)
    case addressFamily(UInt16)
    /// A prefix's length in bits.
    case prefixLength(UInt8)
    /// What a message cannot do without.
    case missing(Field)

    public enum Field: String, Sendable {
        case header, identifier, group, gateway, interface, destination, label, table, encapsulation
    }
}

extension FPMMalformation: CustomStringConvertible {
    public var description: String {
        switch self {
        case .version(let version): "version \(version) of the protocol"
        case .messageType(let type): "message type \(type), which is not netlink"
        case .length(let length): "a message of \(length) octets where that cannot be"
        case .attributeLength(let length): "an attribute of \(length) octets where that cannot be"
        case .size(let octets, let field): "\(octets) octets of \(field.rawValue)"
        case .addressFamily(let family): "address family \(family)"
        case .prefixLength(let bits): "a prefix of \(bits) bits"
        case .missing(let field): "no \(field.rawValue)"
        }
    }
}
