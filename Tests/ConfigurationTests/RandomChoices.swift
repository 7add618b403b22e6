import SeededRandom

extension SeededGenerator {
    /// True once in so many calls.
    mutating func chance(_ oneIn: Int) -> Bool { Int.random(in: 0..<oneIn, using: &self) == 0 }

    mutating func number<Number: FixedWidthInteger>(_ range: ClosedRange<Number>) -> Number {
        // The ends are where mistakes are.
        switch Int.random(in: 0..<8, using: &self) {
        case 0: range.lowerBound
        case 1: range.upperBound
        default: Number.random(in: range, using: &self)
        }
    }

    /// A value now and then.
    mutating func maybe<Value>(_ make: (inout Self) -> Value) -> Value? { chance(3) ? make(&self) : nil }
}
