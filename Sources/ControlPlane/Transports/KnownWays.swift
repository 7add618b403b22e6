import Addressing

/// The ways to PEs by prefix, found by the longest that holds an address: with one look for each length in use, however many
/// prefixes there are.
struct KnownWays {
    /// A way as a source has it.
    struct Entry {
        let source: TransportSource
        let way: KnownWay
    }

    /// Those of a prefix in the order of their sources, and of one source as it prefers them.
    private var entries: [IPPrefix: [Entry]] = [:]
    /// How many prefixes have a length.
    private var counts: [AddressFamily: [UInt8: Int]] = [:]
    /// Those that have any, the longest first.
    private var lengths: [AddressFamily: [UInt8]] = [:]

    /// What a source has for a prefix, the best first; `false`: it had that before.
    mutating func set(_ source: TransportSource, _ prefix: IPPrefix, _ new: [KnownWay]) -> Bool {
        var ways = entries[prefix] ?? []
        guard ways.filter({ $0.source == source }).map(\.way) != new else { return false }
        let isNew = ways.isEmpty
        ways.removeAll { $0.source == source }
        let place = ways.firstIndex { source < $0.source } ?? ways.endIndex
        ways.insert(contentsOf: new.map { Entry(source: source, way: $0) }, at: place)
        entries[prefix] = ways.isEmpty ? nil : ways
        if isNew || ways.isEmpty { count(prefix, by: isNew ? 1 : -1) }
        return true
    }

    /// Those of all prefixes that hold an address, the longest prefix and the first source first, until one will do.
    func first<Found>(to address: IPAddress, where take: (Entry) -> Found?) -> Found? {
        for length in lengths[address.family] ?? [] {
            guard let prefix = IPPrefix(covering: address, length: Int(length)) else { continue }
            for entry in entries[prefix] ?? [] {
                if let found = take(entry) { return found }
            }
        }
        return nil
    }

    /// All of them, in the order of the prefixes.
    var all: [(prefix: IPPrefix, entry: Entry)] {
        entries.sorted { $0.key < $1.key }.flatMap { prefix, ways in ways.map { (prefix, $0) } }
    }

    private mutating func count(_ prefix: IPPrefix, by change: Int) {
        let former = counts[prefix.family]?[prefix.length] ?? 0
        let count = former + change
        counts[prefix.family, default: [:]][prefix.length] = count == 0 ? nil : count
        if former == 0 || count == 0 { lengths[prefix.family] = counts[prefix.family]?.keys.sorted(by: >) }
    }
}

/// How the PEs of a prefix are reached.
enum KnownWay: Hashable {
    /// By labels, from a router on.
    case labelled(LearntWay)
    /// By MPLS over UDP from this address, with or without a checksum, wherever the box's own packets go; perhaps only if the
    /// PE's routes say that it takes that.
    case udp(from: IPAddress, hasChecksum: Bool, isByCommunity: Bool)
}
