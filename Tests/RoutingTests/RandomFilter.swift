import Addressing
import Routing
import SeededRandom

/// Some prefix lists, and beside each what it lets through of the prefixes that the random network knows, written down
/// by hand: the model must not share the code that it is compared with.
enum RandomFilter {
    private static let all: [(filter: PrefixFilter, permitted: Set<String>)] = [
        (list(("permit", "10.0.0.0/8", 8...24)), ["10.2.0.0/16", "10.1.0.0/24"]),
        (
            list(("deny", "10.1.0.0/24", 24...24), ("permit", "0.0.0.0/0", 0...24)),
            ["10.2.0.0/16", "0.0.0.0/0"]
        ),
        (list(("permit", "10.0.0.0/8", 17...32)), ["10.1.0.0/24", "10.1.0.2/32", "10.3.0.1/32"]),
        (list(("permit", "0.0.0.0/0", 0...0), ("permit", "::/0", 0...0)), ["0.0.0.0/0", "::/0"]),
        (list(("permit", "2001:db8::/32", 48...48)), ["2001:db8:1::/48"]),
        (list(), []),
    ]

    private typealias Entry = (action: String, prefix: String, lengths: ClosedRange<UInt8>)

    private static func list(_ entries: Entry...) -> PrefixFilter {
        PrefixFilter(
            entries.compactMap { entry in
                IPPrefix(entry.prefix).map {
                    PrefixFilter.Entry(permits: entry.action == "permit", prefix: $0, lengths: entry.lengths)
                }
            })
    }

    static func make(_ generator: inout SeededGenerator) -> PrefixFilter? {
        Bool.random(using: &generator) ? nil : all.randomElement(using: &generator)?.filter
    }

    static func permitted(by filter: PrefixFilter) -> Set<IPPrefix> {
        Set((all.first { $0.filter == filter }?.permitted ?? []).compactMap { IPPrefix($0) })
    }
}
