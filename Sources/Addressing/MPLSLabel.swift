/// An MPLS label value (RFC 3032): 20 bits.
public struct MPLSLabel: Hashable, Sendable, Comparable {
    public let rawValue: UInt32

    /// `nil` above 1,048,575.
    public init?(rawValue: UInt32) {
        guard rawValue <= 0xFFFFF else { return nil }
        self.rawValue = rawValue
    }

    /// Nothing is pushed (RFC 3032 §2.1).
    public static let implicitNull = MPLSLabel(unchecked: 3)

    /// Popped, and what is below is treated as the packet (RFC 3032 §2.1); on top of another label its class is what counts
    /// (RFC 4182).
    public static func explicitNull(_ family: AddressFamily) -> MPLSLabel {
        MPLSLabel(unchecked: family == .ipv4 ? 0 : 2)
    }

    private init(unchecked rawValue: UInt32) { self.rawValue = rawValue }

    /// Values 0 to 15 have a meaning of their own (RFC 3032 §2.1, RFC 7274) and never name a VRF.
    public var isReserved: Bool { rawValue < 16 }

    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

extension MPLSLabel: CustomStringConvertible {
    public var description: String { String(rawValue) }
}
