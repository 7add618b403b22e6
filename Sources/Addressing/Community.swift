/// A community (RFC 1997): the AS number in the upper 16 bits, its own value in the lower.
public struct Community: Hashable, Sendable, RawRepresentable, CustomStringConvertible {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// GRACEFUL_SHUTDOWN (RFC 8326 §4.1).
    public static let gracefulShutdown = Community(rawValue: 0xFFFF_0000)
    /// LLGR_STALE (RFC 9494 §4.6): somebody has kept the route for long without a session to whom it came from.
    public static let longLivedStale = Community(rawValue: 0xFFFF_0006)
    /// NO_EXPORT, NO_ADVERTISE and NO_EXPORT_SUBCONFED (RFC 1997).
    public static let noExport = Community(rawValue: 0xFFFF_FF01)
    public static let noAdvertise = Community(rawValue: 0xFFFF_FF02)
    public static let noExportSubconfederation = Community(rawValue: 0xFFFF_FF03)

    public var description: String { "\(rawValue >> 16):\(rawValue & 0xFFFF)" }
}

extension Community {
    /// `AS:value`, both in 16 bits.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let high = decimal(parts[0].utf8, upTo: UInt64(UInt16.max)),
            let low = decimal(parts[1].utf8, upTo: UInt64(UInt16.max))
        else { return nil }
        self.init(rawValue: UInt32(high) << 16 | UInt32(low))
    }
}

/// A large community (RFC 8092): three numbers of four octets.
public struct LargeCommunity: Hashable, Sendable, CustomStringConvertible {
    public let globalAdministrator: UInt32
    public let localData1: UInt32
    public let localData2: UInt32

    public init(_ globalAdministrator: UInt32, _ localData1: UInt32, _ localData2: UInt32) {
        self.globalAdministrator = globalAdministrator
        self.localData1 = localData1
        self.localData2 = localData2
    }

    public var description: String { "\(globalAdministrator):\(localData1):\(localData2)" }
}

extension LargeCommunity: Comparable {
    /// `AS:value:value`, each in 32 bits.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { decimal($0.utf8, upTo: UInt64(UInt32.max)).map { UInt32($0) } }
        guard parts.count == 3, numbers.count == 3 else { return nil }
        self.init(numbers[0], numbers[1], numbers[2])
    }

    public static func < (a: Self, b: Self) -> Bool {
        (a.globalAdministrator, a.localData1, a.localData2) < (b.globalAdministrator, b.localData1, b.localData2)
    }
}
