import CTableLayout

/// What has been counted of one class of one attached policy, by the colour that its policer gave.
public struct ClassCounters: Hashable, Sendable {
    /// Green, yellow, red. A class without a policer counts as green.
    public var packets: [UInt64] = [0, 0, 0]
    /// Octets as the policer measures them: of the IP packets, with the configured account for each.
    public var octets: [UInt64] = [0, 0, 0]

    public init() {}

    mutating func add(_ counters: UnsafePointer<stile_class_counters>) {
        let words = UnsafeRawPointer(counters).assumingMemoryBound(to: UInt64.self)
        for colour in 0..<Int(STILE_COLOURS.rawValue) {
            packets[colour] &+= stile_load_relaxed_u64(words + colour)
            octets[colour] &+= stile_load_relaxed_u64(words + (Int(STILE_COLOURS.rawValue) + colour))
        }
    }
}
