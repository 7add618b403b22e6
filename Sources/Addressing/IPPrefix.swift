/// An address prefix of either family, always in canonical form: the bits behind the length are zero.
public struct IPPrefix: Hashable, Sendable, Comparable {
    public let address: IPAddress
    /// The number of significant bits: 0 to 32 or 0 to 128.
    public let length: UInt8

    /// The prefix of `length` bits that covers `address`; `nil` if the length is out of range for the family.
    public init?(covering address: IPAddress, length: Int) {
        guard (0...address.family.bits).contains(length) else { return nil }
        self.length = UInt8(length)
        switch address {
        case .ipv4(let v4):
            let mask: UInt32 = length == 0 ? 0 : ~0 << UInt32(32 - length)
            self.address = .ipv4(IPv4Address(rawValue: v4.rawValue & mask))
        case .ipv6(let v6):
            let mask: UInt128 = length == 0 ? 0 : ~0 << UInt128(128 - length)
            self.address = .ipv6(IPv6Address(rawValue: v6.rawValue & mask))
        }
    }

    /// The /32 or /128 of one address.
    public init(host address: IPAddress) {
        self.address = address
        length = UInt8(address.family.bits)
    }

    /// The prefix of all addresses of a family: the default route's.
    public static func everything(_ family: AddressFamily) -> IPPrefix {
        switch family {
        case .ipv4: IPPrefix(canonical: .ipv4(IPv4Address(rawValue: 0)), length: 0)
        case .ipv6: IPPrefix(canonical: .ipv6(IPv6Address(rawValue: 0)), length: 0)
        }
    }

    private init(canonical address: IPAddress, length: UInt8) {
        self.address = address
        self.length = length
    }

    /// `address/length` as text; `nil` when malformed, out of range, or with bits set behind the length.
    public init?(_ text: some StringProtocol) {
        guard let (address, length) = addressAndLength(text),
            let prefix = IPPrefix(covering: address, length: length), prefix.address == address
        else { return nil }
        self = prefix
    }

    public var family: AddressFamily { address.family }

    public func contains(_ other: IPAddress) -> Bool {
        IPPrefix(covering: other, length: Int(length))?.address == address
    }

    public func contains(_ other: IPPrefix) -> Bool {
        other.length >= length && contains(other.address)
    }

    public static func < (a: Self, b: Self) -> Bool {
        (a.address, a.length) < (b.address, b.length)
    }
}

extension IPPrefix: CustomStringConvertible {
    public var description: String { "\(address)/\(length)" }
}

/// An interface's own address with the length of its subnet, for instance 10.1.0.1/24.
public struct InterfaceAddress: Hashable, Sendable {
    public let address: IPAddress
    public let prefixLength: UInt8

    /// `nil` if the length is out of range for the family.
    public init?(_ address: IPAddress, prefixLength: Int) {
        guard (0...address.family.bits).contains(prefixLength) else { return nil }
        self.address = address
        self.prefixLength = UInt8(prefixLength)
    }

    /// `address/length` as text, host bits allowed; `nil` when malformed or out of range.
    public init?(_ text: some StringProtocol) {
        guard let (address, length) = addressAndLength(text) else { return nil }
        self.init(address, prefixLength: length)
    }

    /// The connected subnet.
    public var subnet: IPPrefix {
        IPPrefix(covering: address, length: Int(prefixLength)) ?? IPPrefix(host: address)
    }
}

extension InterfaceAddress: CustomStringConvertible {
    public var description: String { "\(address)/\(prefixLength)" }
}

/// The parts of `address/length`; the length is not yet known to fit.
private func addressAndLength(_ text: some StringProtocol) -> (IPAddress, Int)? {
    withOctets(of: text) { octets in
        guard let (address, length) = octets.cut(at: UInt8(ascii: "/")), let length = decimalOctet(length) else {
            return nil
        }
        if let address = IPv4Address(ascii: address) { return (.ipv4(address), Int(length)) }
        return IPv6Address(String(decoding: address, as: UTF8.self)).map { (.ipv6($0), Int(length)) }
    }
}
