/// Values by small numbers, in an array: what is looked up for each route has no hash to work out.
public struct NumberedTable<Number: RawRepresentable, Value> where Number.RawValue == UInt16 {
    /// As long as the highest number that has had a value.
    @usableFromInline var values: [Value?] = []

    @inlinable public init() {}

    @inlinable public subscript(number: Number) -> Value? {
        get {
            let index = Int(number.rawValue)
            return index < values.count ? values[index] : nil
        }
        _modify {
            let index = Int(number.rawValue)
            while values.count <= index { values.append(nil) }
            yield &values[index]
        }
    }

    /// Without a value the default, which a change of it puts there.
    @inlinable public subscript(number: Number, default value: @autoclosure () -> Value) -> Value {
        get { self[number] ?? value() }
        _modify {
            var changed = self[number] ?? value()
            self[number] = nil
            defer { self[number] = changed }
            yield &changed
        }
    }
}

extension NumberedTable: Sendable where Value: Sendable {}
extension NumberedTable: Equatable where Value: Equatable {}
extension NumberedTable: Hashable where Value: Hashable {}
