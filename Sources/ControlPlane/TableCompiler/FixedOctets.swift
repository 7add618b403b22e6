/// Writes octets into a fixed-size C array, which Swift imports as a tuple; what does not fit is cut off.
func setOctets<Array>(_ octets: some Collection<UInt8>, in array: inout Array) {
    withUnsafeMutableBytes(of: &array) { $0.copyBytes(from: octets.prefix($0.count)) }
}

/// Writes text into a fixed-size C array, always with a NUL at the end.
func setText<Array>(_ text: String, in array: inout Array) {
    withUnsafeMutableBytes(of: &array) { field in
        field.copyBytes(from: text.utf8.prefix(field.count - 1))
        for index in min(text.utf8.count, field.count - 1)..<field.count { field[index] = 0 }
    }
}

/// The text up to the first NUL in a fixed-size C array that another process wrote.
func terminatedText<Array>(in array: Array) -> String {
    withUnsafeBytes(of: array) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
}

/// The octets of a fixed-size C array or of a record without padding.
func octets<Record>(of record: Record) -> [UInt8] {
    withUnsafeBytes(of: record) { Array($0) }
}
