extension TableMapDraft: StatementSubject {
    typealias Printed = TableMap
}

/// The statements of a `table-map` block.
enum TableMapStatements {
    static let table = StatementTable<TableMapDraft>([
        .line(
            "map", "from", help: "what a value becomes", example: "map from 5 to 46",
            prints: .lines { $0.entries.sorted { $0.key < $1.key }.map { "map from \($0.key) to \($0.value)" } }
        ) { line, map throws(Finding) in
            let from: UInt8 = try line.number("a value", in: 0...63)
            try line.expect("to")
            try line.assign(&map.entries[from], line.number("a value", in: 0...63))
        },
        .line(
            "default", "copy", help: "all other values stay", example: "default copy",
            prints: .line("default copy") { $0.otherwise == .copy }
        ) { line, map throws(Finding) in try line.assign(&map.otherwise, .copy) },
        .line(
            "default", "ignore", help: "with all other values nothing is set", example: "default ignore",
            prints: .line("default ignore") { $0.otherwise == .ignore }
        ) { line, map throws(Finding) in try line.assign(&map.otherwise, .ignore) },
        .line(
            "default", help: "what all other values become", example: "default 3",
            prints: .line { if case .value(let value) = $0.otherwise { "default \(value)" } else { nil } }
        ) { line, map throws(Finding) in
            try line.assign(&map.otherwise, .value(line.number("copy, ignore or a value", in: 0...63)))
        },
    ])
}
