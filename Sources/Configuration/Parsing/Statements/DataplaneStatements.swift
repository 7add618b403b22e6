extension DataplaneDraft: StatementSubject {
    typealias Printed = DataplaneSettings
}

/// The statements of the `dataplane` block.
enum DataplaneStatements {
    static let table = StatementTable<DataplaneDraft>([
        .line(
            "workers", help: "how many threads forward", example: "workers 4",
            prints: .line { $0.workers.map { "workers \($0)" } }
        ) { line, dataplane throws(Finding) in
            try line.assign(&dataplane.workers, line.number("workers", in: 1...UInt16(mostWorkers)))
        },
        .line(
            "cores", help: "the cores that they run on", example: "cores 1,3-5",
            prints: .line { $0.cores.isEmpty ? nil : "cores \(ranges(of: $0.cores))" }
        ) { line, dataplane throws(Finding) in
            try line.assign(&dataplane.cores, try cores(&line))
        },
        .line(
            "polling", help: "whether a worker without packets rests", example: "polling busy",
            prints: .line { $0.polling == .adaptive ? nil : "polling \($0.polling.rawValue)" }
        ) { line, dataplane throws(Finding) in
            let mode = try line.choose(["adaptive": PollingMode.adaptive, "busy": .busy])
            try line.assign(&dataplane.polling, mode)
        },
        .line(
            "memory", "packets", help: "mebibytes for packets", example: "memory packets 512",
            prints: .line { $0.packetMemoryMebibytes.map { "memory packets \($0)" } }
        ) { line, dataplane throws(Finding) in
            try line.assign(&dataplane.packetMemoryMebibytes, line.number("mebibytes", in: 8...65536))
        },
        .line(
            "memory", "tables", help: "mebibytes for the tables", example: "memory tables 256",
            prints: .line { $0.tableMemoryMebibytes.map { "memory tables \($0)" } }
        ) { line, dataplane throws(Finding) in
            // References in the routes' memory are 32 bits of octets.
            try line.assign(&dataplane.tableMemoryMebibytes, line.number("mebibytes", in: 8...4096))
        },
    ])

    /// As many as the header of the tables names cores for.
    private static let mostWorkers = 64

    private static func ranges(of cores: [UInt16]) -> String {
        var ranges: [ClosedRange<UInt16>] = []
        for core in cores {
            if let last = ranges.last, last.upperBound + 1 == core {
                ranges[ranges.count - 1] = last.lowerBound...core
            } else {
                ranges.append(core...core)
            }
        }
        return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: ",")
    }

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
