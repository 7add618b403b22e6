import Addressing

/// What a received label stands for.
public enum LabelPurpose: UInt32, Hashable, Sendable, CaseIterable {
    /// A VPN, a broadcast domain, or one tunnel's packets of it: the label of PMSI_TUNNEL.
    case tunnel = 0
    /// An Ethernet segment: an ESI Label (RFC 7432 §7.5).
    case segment = 1
    /// A PE whose packets come by a shared tunnel (RFC 6514 §8, RFC 7582).
    case provider = 2
    /// A label space: a label of the common block, in the default table.
    case space = 3
}

/// A table of received labels: what each stands for, and by how many tunnels and segments PEs say so.
struct SpaceTable {
    /// A label with what it stands for.
    struct Key: Hashable, Comparable {
        let rawValue: UInt32

        init(rawValue: UInt32) { self.rawValue = rawValue }

        init(_ label: MPLSLabel, _ purpose: LabelPurpose) { rawValue = label.rawValue << 2 | purpose.rawValue }

        var label: UInt32 { rawValue >> 2 }
        var purpose: LabelPurpose { LabelPurpose(rawValue: rawValue & 3) ?? .tunnel }

        static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
    }

    private(set) var uses: [Key: UInt32] = [:]
    /// How many labels stand for something of each kind.
    private var counts = (tunnel: 0, segment: 0, provider: 0, space: 0)

    var isEmpty: Bool { uses.isEmpty }

    func count(_ purpose: LabelPurpose) -> Int {
        switch purpose {
        case .tunnel: counts.tunnel
        case .segment: counts.segment
        case .provider: counts.provider
        case .space: counts.space
        }
    }

    mutating func add(_ key: Key) {
        uses[key, default: 0] += 1
        if uses[key] == 1 { count(key.purpose, by: 1) }
    }

    mutating func remove(_ key: Key) {
        guard let count = uses[key] else { return }
        uses[key] = count > 1 ? count - 1 : nil
        if count == 1 { self.count(key.purpose, by: -1) }
    }

    /// Whether the label stands for something else, too.
    func isContradicted(_ key: Key) -> Bool {
        for code: UInt32 in 0...3 where code != key.rawValue & 3 {
            if uses[Key(rawValue: key.rawValue & ~3 | code)] != nil { return true }
        }
        return false
    }

    private mutating func count(_ purpose: LabelPurpose, by difference: Int) {
        switch purpose {
        case .tunnel: counts.tunnel += difference
        case .segment: counts.segment += difference
        case .provider: counts.provider += difference
        case .space: counts.space += difference
        }
    }
}
