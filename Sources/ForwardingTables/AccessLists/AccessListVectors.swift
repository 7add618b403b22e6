import CTableLayout

/// A short access list compiled to bit vectors (layout: stile_access_vectors.h).
public enum AccessListVectors {
    /// Rules that a block stands for.
    public static let rulesPerBlock = 64
    /// Longer lists are not compiled.
    public static let mostRules = 8 * rulesPerBlock

    /// The blocks of a list (address family 4 or 6) whose last rule takes what no other has; empty: it is not compiled.
    public static func blocks(of rules: [stile_access_rule], family: UInt8) -> [stile_access_vectors] {
        guard (2...mostRules + 1).contains(rules.count) else { return [] }
        var blocks: [stile_access_vectors] = []
        for first in stride(from: 0, to: rules.count - 1, by: rulesPerBlock) {
            let end = min(first + rulesPerBlock, rules.count - 1)
            blocks += AccessListVectorBlock(rules[first..<end], isIPv6: family == 6).units
        }
        return blocks
    }
}
