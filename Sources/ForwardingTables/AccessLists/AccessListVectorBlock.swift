import CTableLayout

/// Up to 64 rules of an access list as bit vectors, the first rule in the lowest bit.
struct AccessListVectorBlock {
    private static let wordsPerUnit = Int(STILE_ACCESS_VECTOR_UNIT) / 8
    private static let unitsPerTable = Int(STILE_ACCESS_VECTOR_TABLE_BYTES / STILE_ACCESS_VECTOR_UNIT)

    private let rules: ArraySlice<stile_access_rule>
    /// Each rule with its bit.
    private var bits: [(rule: stile_access_rule, bit: UInt64)] {
        rules.enumerated().map { ($0.element, 1 << UInt64($0.offset)) }
    }
    private var record = stile_access_vectors()
    private var vectors: [UInt64] = []
    private var numberOfVector: [UInt64: UInt16] = [:]
    private var tables: [[UInt16]] = []
    /// The place of each field whose tables are there, by how many tables stand before it.
    private var places: [(field: WritableKeyPath<stile_access_vectors, UInt16>, tablesBefore: Int)] = []

    init(_ rules: ArraySlice<stile_access_rule>, isIPv6: Bool) {
        self.rules = rules
        record.rules = rules.count == 64 ? .max : (1 << UInt64(rules.count)) - 1
        addAddress(\.source, \.source_octets, isIPv6: isIPv6, value: \.source, mask: \.source_mask)
        addAddress(\.destination, \.destination_octets, isIPv6: isIPv6, value: \.destination, mask: \.destination_mask)
        record.any_address = bits.reduce(0) { all, entry in
            Self.looksAtAddress(entry.rule) ? all : all | entry.bit
        }
        addOctet(\.protocol) { ($0.protocol, $0.protocol_mask) }
        addOctet(\.traffic_class) { ($0.traffic_class, $0.traffic_class_mask) }
        addOctet(\.fragment) { ($0.fragment, $0.fragment_mask) }
        addFlags()
        addPort(\.source_port) { ($0.source_port_low, $0.source_port_high) }
        addPort(\.destination_port) { ($0.destination_port_low, $0.destination_port_high) }
    }

    /// The block as it is written into the tables.
    var units: [stile_access_vectors] {
        let vectorUnits = (vectors.count + Self.wordsPerUnit - 1) / Self.wordsPerUnit
        var record = record
        record.unit_count = UInt32(1 + vectorUnits + tables.count * Self.unitsPerTable)
        for place in places {
            record[keyPath: place.field] = UInt16(1 + vectorUnits + place.tablesBefore * Self.unitsPerTable)
        }
        var units = [stile_access_vectors](repeating: stile_access_vectors(), count: Int(record.unit_count))
        units[0] = record
        units.withUnsafeMutableBytes { octets in
            for (number, vector) in vectors.enumerated() {
                octets.storeBytes(
                    of: vector.littleEndian, toByteOffset: Int(STILE_ACCESS_VECTOR_UNIT) + number * 8, as: UInt64.self)
            }
            for (table, place) in zip(
                tables, stride(from: 1 + vectorUnits, to: Int(record.unit_count), by: Self.unitsPerTable))
            {
                for (value, number) in table.enumerated() {
                    octets.storeBytes(
                        of: number.littleEndian, toByteOffset: place * Int(STILE_ACCESS_VECTOR_UNIT) + value * 2,
                        as: UInt16.self)
                }
            }
        }
        return units
    }

    private typealias Octets = (
        UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8
    )

    private mutating func addAddress(
        _ field: WritableKeyPath<stile_access_vectors, UInt16>,
        _ octets: WritableKeyPath<stile_access_vectors, UInt16>, isIPv6: Bool,
        value: KeyPath<stile_access_rule, Octets>, mask: KeyPath<stile_access_rule, Octets>
    ) {
        let values = rules.map { withUnsafeBytes(of: $0[keyPath: value]) { Array($0) } }
        let masks = rules.map { withUnsafeBytes(of: $0[keyPath: mask]) { Array($0) } }
        let lookedAt = (0..<(isIPv6 ? 16 : 4)).filter { octet in masks.contains { $0[octet] != 0 } }
        guard !lookedAt.isEmpty else { return }
        places.append((field, tables.count))
        for octet in isIPv6 ? lookedAt : [0, 1, 2, 3] {
            record[keyPath: octets] |= 1 << UInt16(octet)
            tables.append(table(rulesByValue(zip(values, masks).map { ($0[octet], $1[octet]) })))
        }
    }

    private mutating func addOctet(
        _ field: WritableKeyPath<stile_access_vectors, UInt16>,
        _ valueAndMask: (stile_access_rule) -> (value: UInt8, mask: UInt8)
    ) {
        let wanted = rules.map(valueAndMask)
        guard wanted.contains(where: { $0.mask != 0 }) else { return }
        places.append((field, tables.count))
        tables.append(table(rulesByValue(wanted)))
    }

    private static func looksAtAddress(_ rule: stile_access_rule) -> Bool {
        [rule.source_mask, rule.destination_mask].contains { mask in
            withUnsafeBytes(of: mask) { $0.contains { $0 != 0 } }
        }
    }

    /// Any of a rule's flags will do.
    private mutating func addFlags() {
        guard rules.contains(where: { $0.tcp_flags != 0 }) else { return }
        places.append((\.tcp_flags, tables.count))
        tables.append(
            table(
                (0..<256).map { flags in
                    bits.reduce(0) { met, entry in
                        let wanted = Int(entry.rule.tcp_flags)
                        return wanted == 0 || wanted & flags != 0 ? met | entry.bit : met
                    }
                }))
    }

    /// For each high octet which rules take all of its ports, and a table where some take a part of them. High octets
    /// that are alike share a table.
    private mutating func addPort(
        _ field: WritableKeyPath<stile_access_vectors, UInt16>,
        _ range: (stile_access_rule) -> (low: UInt16, high: UInt16)
    ) {
        let ranges = bits.map { (range: range($0.rule), bit: $0.bit) }
        guard ranges.contains(where: { $0.range != (0, .max) }) else { return }
        places.append((field, tables.count))
        let first = tables.count
        tables.append([])
        var numberOfTable: [[UInt64]: UInt16] = [:]
        for high in UInt16(0)...255 {
            let ports = high << 8...high << 8 | 255
            var whole: UInt64 = 0
            var parts: [UInt64] = []
            for (range, bit) in ranges where range.low <= ports.upperBound && range.high >= ports.lowerBound {
                if range.low <= ports.lowerBound, range.high >= ports.upperBound {
                    whole |= bit
                } else if range.low <= range.high {
                    if parts.isEmpty { parts = [UInt64](repeating: 0, count: 256) }
                    for port in max(range.low, ports.lowerBound)...min(range.high, ports.upperBound) {
                        parts[Int(port & 255)] |= bit
                    }
                }
            }
            // One vector stands for 256 that are alike.
            let rules = parts.isEmpty ? [whole] : parts.map { $0 | whole }
            let number = numberOfTable[rules] ?? UInt16(tables.count - first)
            if numberOfTable.updateValue(number, forKey: rules) == nil {
                tables.append(table(parts.isEmpty ? Array(repeating: whole, count: 256) : rules))
            }
            tables[first].append(number)
        }
    }

    /// The rules that each value of an octet meets.
    private func rulesByValue(_ wanted: [(value: UInt8, mask: UInt8)]) -> [UInt64] {
        var rules = [UInt64](repeating: 0, count: 256)
        for (position, (value, mask)) in wanted.enumerated() {
            // All values of the bits that are not compared, 0 first and last.
            var rest: UInt8 = 0
            repeat {
                rules[Int(value & mask | rest)] |= 1 << UInt64(position)
                rest = (rest &- ~mask) & ~mask
            } while rest != 0
        }
        return rules
    }

    /// A table of vectors by their numbers.
    private mutating func table(_ rules: [UInt64]) -> [UInt16] {
        rules.map { vector in
            if let number = numberOfVector[vector] { return number }
            let number = UInt16(vectors.count)
            vectors.append(vector)
            numberOfVector[vector] = number
            return number
        }
    }
}
