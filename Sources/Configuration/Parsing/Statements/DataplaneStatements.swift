/// The statements of the `dataplane` block.
enum DataplaneStatements {
    static let table = StatementTable<DataplaneDraft>([
        .line("workers") { line, dataplane throws(Finding) in
            try line.assign(&dataplane.workers, line.number("workers", in: 1...UInt16(mostWorkers)))
        },
        .line("cores") { line, dataplane throws(Finding) in
            try line.assign(&dataplane.cores, try cores(&line))
        },
        .line("polling") { line, dataplane throws(Finding) in
            let mode = try line.choose(["adaptive": PollingMode.adaptive, "busy": .busy])
            try line.assign(&dataplane.polling, mode)
        },
        .line("memory", "packets") { line, dataplane throws(Finding) in
            try line.assign(&dataplane.packetMemoryMebibytes, line.number("mebibytes", in: 8...65536))
        },
        .line("memory", "tables") { line, dataplane throws(Finding) in
            // References in the routes' memory are 32 bits of octets.
            try line.assign(&dataplane.tableMemoryMebibytes, line.number("mebibytes", in: 8...4096))
        },
    ])

    /// As many as the header of the tables names cores for.
    private static let mostWorkers = 64

    /// Numbers and ranges separated by commas or spaces: `1,3-5`.
    private static func cores(_ line: inout LineReader) throws(Finding) -> [UInt16] {
        let expected = "core numbers from 0 to 1023, such as 1,3-5"
        var cores: Set<UInt16> = []
        repeat {
            let token = try line.next(expected)
            for item in token.text.split(separator: ",", omittingEmptySubsequences: false) {
                let ends = item.split(separator: "-", omittingEmptySubsequences: false)
                    .map { canonicalNumber($0, as: UInt16.self) }
                guard (1...2).contains(ends.count), let first = ends.first ?? nil, let last = ends.last ?? nil,
                    first <= last, last < 1024
                else { throw line.invalid(token, expected: expected) }
                cores.formUnion(first...last)
                guard cores.count <= mostWorkers else {
                    throw line.invalid(token, expected: "at most \(mostWorkers) cores: each has a worker")
                }
            }
        } while !line.isAtEnd
        return cores.sorted()
    }
}
