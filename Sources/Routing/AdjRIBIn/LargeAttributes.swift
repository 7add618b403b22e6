import BGP

/// The large attributes of the routes that a neighbor sent, or was sent: each set once in memory, however many UPDATEs it came in, and how much
/// they take together. Small ones, which are as good as all, cost nothing here.
struct LargeAttributes {
    /// How many routes have each.
    private var uses: [PathAttributes: Int] = [:]
    private(set) var octets = 0

    /// The same attributes as they are held, or `attributes`.
    func held(_ attributes: PathAttributes) -> PathAttributes {
        guard attributes.isLarge, let index = uses.index(forKey: attributes) else { return attributes }
        return uses.keys[index]
    }

    /// Whether one more route may have `attributes`.
    func admits(_ attributes: PathAttributes, limit: Int) -> Bool {
        !attributes.isLarge || uses[attributes] != nil || octets + attributes.memoryOctets <= limit
    }

    mutating func add(_ attributes: PathAttributes) {
        guard attributes.isLarge else { return }
        if uses[attributes] == nil { octets += attributes.memoryOctets }
        uses[attributes, default: 0] += 1
    }

    mutating func remove(_ attributes: PathAttributes) {
        guard attributes.isLarge, let count = uses[attributes] else { return }
        if count > 1 {
            uses[attributes] = count - 1
        } else {
            uses[attributes] = nil
            octets -= attributes.memoryOctets
        }
    }
}
