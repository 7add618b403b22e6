import Addressing

/// What of the communities of EVPN routes means the same to another operator, and in which form.
extension ExtendedCommunity {
    /// The highest sequence number that MAC mobility of another operator's has here. Whoever says the highest of all has a MAC address
    /// for ever, since nobody can say a higher one: the own network has the last word.
    static let mostForeignMoves: UInt64 = 0x7fff_ffff

    private static let sticky: UInt64 = 1 << 40

    /// How an EVPN route's community goes over a border: layer 2 attributes (RFC 8214 §3.1) and multicast flags (RFC 9251 §9.4) as they
    /// are, the ESI Label without its label, under which nobody across the border has anything to send, and MAC mobility.
    /// All others, the default gateway (RFC 7432 §7.8) among them, stay: `nil`.
    ///
    /// - Parameter isForeign: whether another operator said it: then nothing is sticky, and the number is bounded.
    public func overBorder(isForeign: Bool) -> ExtendedCommunity? {
        switch rawValue >> 48 {
        case 0x0600:
            guard isForeign else { return self }
            let moves = min(rawValue & 0xffff_ffff, Self.mostForeignMoves)
            return ExtendedCommunity(rawValue: 0x0600 << 48 | moves)
        // RFC 7432 §7.5: flags, two reserved octets and the label.
        case 0x0601: return ExtendedCommunity(rawValue: rawValue & ~0xff_ffff)
        case 0x0604, 0x0609: return self
        default: return nil
        }
    }

    /// By what the newest place of a MAC address is known (RFC 7432 §15, §15.2): a higher one counts, and a sticky one before all; `nil` if
    /// it is no MAC mobility.
    public var mobilityRank: UInt64? {
        guard rawValue >> 48 == 0x0600 else { return nil }
        return rawValue & (Self.sticky | 0xffff_ffff)
    }

    /// RFC 8317 §5.1: who has it is a leaf of an E-Tree, or says the label of leaves.
    public var isETree: Bool { rawValue >> 48 == 0x0605 }
}

extension EVPNRoute {
    /// Whether a MAC address may move from one route's place to another's (RFC 7432 §15).
    public var isOfMobileAddress: Bool { kind == .macIPAdvertisement }
}
