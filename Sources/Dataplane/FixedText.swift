extension String {
    /// Text from a fixed array of C characters, up to its first NUL or its end.
    init(nulTerminated characters: some Sequence<CChar>) {
        self.init(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Text from a C array that Swift imports as a tuple, up to its first NUL or its end.
    init<Characters>(fixed characters: Characters) {
        self = withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
