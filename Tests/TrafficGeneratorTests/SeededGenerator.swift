import Foundation

/// SplitMix64, with its seed printed; STILE_SEED chooses another.
struct SeededGenerator {
    private var state: UInt64

    init(file: String = #fileID) {
        let seed = ProcessInfo.processInfo.environment["STILE_SEED"].flatMap { UInt64($0) } ?? 0x571E
        state = seed
        print("\(file): STILE_SEED=\(seed)")
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }

    /// 0 to `bound` - 1.
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(bound, 1))) }

    /// 0 to below 1.
    mutating func fraction() -> Double { Double(next() >> 11) / Double(1 << 53) }
}
