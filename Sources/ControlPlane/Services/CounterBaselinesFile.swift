import ForwardingTables

/// The baselines as lines of text: `hits NUMBER COUNT`; for `class` and `account` the number, three counts of packets and
/// three of octets; for `flows` the worker and the counters of its cache.
extension CounterBaselines {
    var fileText: String {
        var lines = hits.sorted { $0.key < $1.key }.map { "hits \($0.key) \($0.value)" }
        for (word, baselines) in [("class", classes), ("account", accounts)] {
            lines += baselines.sorted { $0.key < $1.key }.map { number, counters in
                "\(word) \(number) \((counters.packets + counters.octets).map(String.init).joined(separator: " "))"
            }
        }
        lines += flowCaches.sorted { $0.key < $1.key }.map { worker, counters in
            "flows \(worker) \(counters.numbers.map(String.init).joined(separator: " "))"
        }
        return lines.map { $0 + "\n" }.joined()
    }

    /// Adds what one line of a file says; `false` if it says nothing.
    mutating func add(_ line: Substring) -> Bool {
        let words = line.split(separator: " ")
        let values = words.dropFirst(2).compactMap { UInt64($0) }
        guard words.count > 2, values.count == words.count - 2, let number = UInt32(words[1]) else { return false }
        switch (words[0], values.count) {
        case ("hits", 1): hits[number] = values[0]
        case ("class", 6): classes[number] = Self.counters(values)
        case ("account", 6): accounts[number] = Self.counters(values)
        case ("flows", 5): flowCaches[number] = FlowCacheCounters(values)
        default: return false
        }
        return true
    }

    private static func counters(_ values: [UInt64]) -> ClassCounters {
        var counters = ClassCounters()
        counters.packets = Array(values.prefix(3))
        counters.octets = Array(values.suffix(3))
        return counters
    }
}
