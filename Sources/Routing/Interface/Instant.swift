/// A moment, in milliseconds since 1970-01-01 00:00 UTC.
///
/// It is given to the state machine and never read by it. The owner's clock must not go backwards while the process
/// runs and should agree with UTC when it starts, since the ends of quarantines are kept on disk.
public struct Instant: Hashable, Sendable, Comparable {
    public let millisecondsSince1970: UInt64

    public init(millisecondsSince1970: UInt64) { self.millisecondsSince1970 = millisecondsSince1970 }

    /// No moment is later.
    public static let distantFuture = Instant(millisecondsSince1970: .max)

    /// The moment `seconds` later; the last representable one if there is none so late.
    public func advanced(bySeconds seconds: UInt32) -> Instant {
        let (sum, overflow) = millisecondsSince1970.addingReportingOverflow(UInt64(seconds) * 1000)
        return Instant(millisecondsSince1970: overflow ? .max : sum)
    }

    public static func < (a: Self, b: Self) -> Bool { a.millisecondsSince1970 < b.millisecondsSince1970 }
}
