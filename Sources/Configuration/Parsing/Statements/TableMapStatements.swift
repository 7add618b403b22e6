/// The statements of a `table-map` block.
enum TableMapStatements {
    static let table = StatementTable<TableMapDraft>([
        .line("map", "from") { line, map throws(Finding) in
            let from: UInt8 = try line.number("a value", in: 0...63)
            try line.expect("to")
            try line.assign(&map.entries[from], line.number("a value", in: 0...63))
        },
        .line("default", "copy") { line, map throws(Finding) in try line.assign(&map.otherwise, .copy) },
        .line("default", "ignore") { line, map throws(Finding) in try line.assign(&map.otherwise, .ignore) },
        .line("default") { line, map throws(Finding) in
            try line.assign(&map.otherwise, .value(line.number("copy, ignore or a value", in: 0...63)))
        },
    ])
}
