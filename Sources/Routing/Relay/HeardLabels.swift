import Addressing

/// By how many routes each next hop with its label is heard of, whether they are relayed or not. When there is none any more
/// the label means nothing that is known, and may mean another VPN from then on.
struct HeardLabels {
    private var counts: [RelaySourceKey: Int] = [:]

    /// Whether a route says so.
    func has(_ key: RelaySourceKey) -> Bool { counts[key] != nil }

    mutating func count(_ key: RelaySourceKey, _ change: Int) {
        let count = (counts[key] ?? 0) + change
        counts[key] = count > 0 ? count : nil
    }
}
