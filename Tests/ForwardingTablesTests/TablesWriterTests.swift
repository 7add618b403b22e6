import CTableLayout
import ForwardingTables
import Testing

/// The records of a generation, as a worker sees them.
@Suite struct TablesWriterTests {
    private let directory: TemporaryDirectory
    private let tables: TablesWriter
    private let mapping: TablesMapping
    private var reader: TablesReader { mapping.reader }

    init() throws {
        directory = try TemporaryDirectory()
        tables = try TablesWriter(directory: directory.path, generation: 3, capacities: .small)
        mapping = try TablesMapping(path: tables.path, generation: 3)
    }

    private func interface(counter: UInt16) throws -> UInt32 {
        var record = stile_interface()
        record.counter = counter
        return try tables.interfaces.add(record)
    }

    @Test func `interfaces are found untagged, tagged and double-tagged`() throws {
        let untagged = try interface(counter: 1)
        let tagged = try interface(counter: 2)
        let inner = try interface(counter: 3)
        try tables.vlans.setInterface(untagged, at: VLANPosition(port: 2))
        try tables.vlans.setInterface(tagged, at: VLANPosition(port: 2, outer: 100))
        #expect(reader.interface(untaggedOn: 2) == untagged)
        #expect(reader.interface(port: 2, vid: 0) == untagged)
        #expect(reader.interface(port: 2, vid: 100) == tagged)
        #expect(reader.interface(port: 2, vid: 101) == 0)
        #expect(reader.interface(untaggedOn: 1) == 0)
        #expect(!reader.vlanSlot(port: 2, vid: 100).hasSecondLevel)
        #expect(reader.interfaces[Int(tagged)].counter == 2)

        try tables.vlans.setInterface(inner, at: VLANPosition(port: 2, outer: 100, inner: 4_094))
        #expect(reader.vlanSlot(port: 2, vid: 100).hasSecondLevel)
        #expect(reader.interface(port: 2, vid: 100) == tagged)
        #expect(reader.interface(port: 2, outer: 100, inner: 4_094) == inner)
        #expect(reader.interface(port: 2, outer: 100, inner: 7) == 0)
        #expect(reader.interface(port: 2, outer: 101, inner: 4_094) == 0)

        try tables.vlans.setInterface(0, at: VLANPosition(port: 2, outer: 100))
        #expect(reader.interface(port: 2, vid: 100) == 0)
        #expect(reader.interface(port: 2, outer: 100, inner: 4_094) == inner)
        try tables.vlans.setInterface(0, at: VLANPosition(port: 2, outer: 100, inner: 4_094))
        #expect(!reader.vlanSlot(port: 2, vid: 100).hasSecondLevel)
    }

    @Test func `positions that no frame can have are refused`() throws {
        for position in [
            VLANPosition(port: 64), VLANPosition(port: 0, outer: 0), VLANPosition(port: 0, outer: 4_095),
            VLANPosition(port: 0, outer: 1, inner: 4_095), VLANPosition(port: 0, inner: 5),
        ] {
            #expect(throws: TablesError.outOfRange(.vlanMaps)) { try tables.vlans.setInterface(1, at: position) }
        }
        #expect(throws: TablesError.outOfRange(.interfaces)) {
            try tables.vlans.setInterface(8, at: VLANPosition(port: 0))
        }
    }

    @Test func `a label is valid only on its own NNI and in its range`() throws {
        let first = try tables.labels.addTable(count: 10)
        let second = try tables.labels.addTable(count: 10)
        var entry = stile_label_entry()
        entry.vrf = 4
        entry.flags = UInt8(STILE_FLAG_VALID.rawValue)
        try tables.labels.setEntry(first + 3, to: entry)
        func nni(_ first: UInt32) throws -> UnsafePointer<stile_interface> {
            var record = stile_interface()
            record.label_base = 1_000
            record.label_count = 10
            record.label_first = first
            return reader.interfaces + Int(try tables.interfaces.add(record))
        }
        let one = try nni(first)
        let two = try nni(second)
        #expect(reader.labelEntry(1_003, on: one).vrf == 4)
        for label: UInt32 in [0, 15, 999, 1_000, 1_004, 1_010, 0xFFFFF] {
            #expect(reader.labelEntry(label, on: one).flags == 0)
        }
        #expect(reader.labelEntry(1_003, on: two).flags == 0)
        #expect(throws: TablesError.outOfRange(.labelEntries)) { try tables.labels.setEntry(64, to: entry) }
        tables.labels.retireTable(first: first, count: 10)
        let again = try tables.labels.addTable(count: 10)
        #expect(again == first)
        #expect(reader.labelEntry(1_003, on: one).flags == 0)
    }

    @Test func `a label of one neighbor is valid from its addresses alone`() throws {
        let first = try tables.labels.addTable(count: 10)
        var record = stile_interface()
        record.label_base = 1_000
        record.label_count = 10
        record.label_first = first
        let nni = reader.interfaces + Int(try tables.interfaces.add(record))
        let one = try tables.sourceSets.add()
        let other = try tables.sourceSets.add()
        try tables.sourceSets.set(one, to: [[2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2]])
        try tables.sourceSets.set(other, to: [[2, 0, 0, 0, 0, 3]])
        var entry = stile_label_entry()
        entry.vrf = 4
        entry.flags = UInt8(STILE_FLAG_BY_SOURCE.rawValue)
        try tables.labels.setEntry(first + 3, to: entry, sources: one)
        // What lies behind the address in the frame does not count.
        func senders() -> [UInt64] {
            (0...8).filter { reader.labelEntryWord(1_003, on: nni, from: $0 << 40 | 2 | 0xABCD << 48) != nil }
        }
        #expect(senders() == [1, 2])
        try tables.sourceSets.set(one, to: [[2, 0, 0, 0, 0, 2], [2, 0, 0, 0, 0, 5]])
        #expect(senders() == [2, 5])
        #expect(reader.labelEntryWord(1_003, on: nni, from: 0) == nil)
        entry.vrf = 5
        try tables.labels.setEntry(first + 3, to: entry, sources: other)
        #expect(senders() == [3])
        #expect(
            reader.labelEntryWord(1_003, on: nni, from: 3 << 40 | 2) == reader.labelEntryWord(1_003, on: nni))
        try tables.sourceSets.set(other, to: [])
        #expect(senders() == [])
        let nine = (0..<9).map { [2, 0, 0, 0, 1, UInt8($0)] }
        #expect(throws: TablesError.outOfRange(.sourceSets)) { try tables.sourceSets.set(other, to: nine) }
        // A label without a set is valid from nowhere.
        try tables.labels.setEntry(first + 4, to: entry)
        #expect(reader.labelEntryWord(1_004, on: nni, from: 3 << 40 | 2) == nil)
    }

    @Test func `a neighbor's new address is one store for all next hops that lead there`() throws {
        var record = stile_adjacency()
        record.rewrite_bytes = 14
        let link = try tables.links.add(STILE_ADJACENCY_INCOMPLETE)
        let hops = try (1...5).map { try tables.nextHops.add(.labelled(3, link: link, label: $0)) }
        #expect(reader.nextHop(0) == .none)
        #expect(hops.allSatisfy { !reader.isResolved(reader.nextHop($0)) })
        let words = hops.map { reader.nextHop($0) }
        tables.markPublished()
        for port in UInt16(1)...40 {
            let before = reader.adjacency(of: words[0])
            record.port = port
            try tables.links.set(link, to: record)
            for hop in hops {
                let index = reader.adjacency(of: reader.nextHop(hop))
                #expect(index >= STILE_ADJACENCY_FIRST.rawValue && index != before)
                #expect(reader.adjacencies[Int(index)].port == port)
            }
            #expect(hops.map { reader.nextHop($0) } == words)
            tables.closeEpoch(UInt64(port))
            #expect((tables.retiredCount > 0) == (port > 1))
            tables.reclaim(passed: UInt64(port))
            #expect(tables.retiredCount == 0)
        }
        try tables.links.set(link, to: STILE_ADJACENCY_FAILED)
        #expect(words.allSatisfy { reader.adjacency(of: $0) == STILE_ADJACENCY_FAILED.rawValue })
    }

    @Test func `what stands behind an adjacency is taken and comes free with it`() throws {
        var capacities = TableCapacities.small
        capacities.adjacencies = 16
        let directory = try TemporaryDirectory()
        let tables = try TablesWriter(directory: directory.path, generation: 1, capacities: capacities)
        let reader = tables.reader
        let record = stile_adjacency(port: 3, header: [UInt8](repeating: 1, count: 18))
        var transport = stile_transport()
        transport.label_count = 2
        var encapsulation = stile_encapsulation()
        encapsulation.header_bytes = 48
        encapsulation.has_checksum = 1
        let link = try tables.links.add(STILE_ADJACENCY_FAILED)
        let hop = try tables.nextHops.add(.labelled(3, link: link, label: 7))
        tables.markPublished()
        // Far more often than there is room for without what comes free.
        for round in UInt64(1)...3_000 {
            let kind = round % 3
            try tables.links.set(
                link, to: record, kind == 0 ? nil : transport, kind == 2 ? encapsulation : nil)
            let adjacency = reader.adjacencies + Int(reader.adjacency(of: reader.nextHop(hop)))
            let bytes = [18, 18 + 8, 18 + 8 + 48][Int(kind)]
            #expect(
                Int(adjacency.pointee.rewrite_bytes) == bytes && adjacency.pointee.has_transport == (kind == 0 ? 0 : 1))
            if kind == 2 {
                let behind = UnsafeRawPointer(adjacency + 1).load(as: stile_transport.self)
                #expect(behind.is_encapsulated == 1 && behind.label_count == 2)
                #expect(UnsafeRawPointer(adjacency + 2).load(as: stile_encapsulation.self).has_checksum == 1)
            }
            tables.closeEpoch(round)
            tables.reclaim(passed: round)
            #expect(tables.retiredCount == 0)
        }
    }

    @Test func `a next hop says what it was made from`() throws {
        let link = try tables.links.add(STILE_ADJACENCY_FAILED)
        let labelled = NextHop.labelled(65_535, link: link, label: 0xF_FFFF)
        #expect(labelled.kind == STILE_NEXT_HOP_LABELLED.rawValue)
        #expect(labelled.link == link && labelled.label == 0xF_FFFF && labelled.interface == 65_535)
        #expect(labelled.leadsToNeighbor && labelled.hasInterface && labelled.isLabelled)
        let circuit = NextHop.circuit(7, link: 0xF_FFFF)
        #expect(circuit.link == 0xF_FFFF && circuit.label == 0 && circuit.interface == 7)
        #expect(circuit.leadsToNeighbor && !circuit.isLabelled)
        let others = [NextHop.none, .receive(vrf: 9), .discard(vrf: 9), .unreachable(vrf: 9)]
        #expect(others.allSatisfy { !$0.leadsToNeighbor && !$0.hasInterface && !$0.isLabelled && $0.link == 0 })
        #expect(NextHop.subnet(4).hasInterface && !NextHop.subnet(4).leadsToNeighbor)
        #expect(throws: TablesError.outOfRange(.links)) { try tables.nextHops.add(circuit) }
        // A kind that does not lead to a neighbor, with a link.
        let wrong = NextHop(rawValue: UInt64(STILE_NEXT_HOP_SUBNET.rawValue) << 40 | UInt64(link) << 20)
        #expect(throws: TablesError.outOfRange(.links)) { try tables.nextHops.add(wrong) }
        let number = try tables.nextHops.add(labelled)
        #expect(throws: TablesError.outOfRange(.links)) { try tables.nextHops.set(number, to: circuit) }
        #expect(reader.nextHop(number) == labelled)
    }

    @Test func `next hop and link stay what they are until the workers have passed, and are nothing then`() throws {
        let link = try tables.links.add(STILE_ADJACENCY_FAILED)
        let nextHop = NextHop.circuit(7, link: link)
        let number = try tables.nextHops.add(nextHop)
        tables.markPublished()
        tables.nextHops.retire(number)
        tables.links.retire(link)
        tables.closeEpoch(10)
        tables.reclaim(passed: 9)
        #expect(reader.nextHop(number) == nextHop)
        #expect(reader.adjacency(of: nextHop) == STILE_ADJACENCY_FAILED.rawValue)
        tables.reclaim(passed: 10)
        #expect(reader.nextHop(number) == .none)
        #expect(reader.adjacency(of: nextHop) == STILE_ADJACENCY_NONE.rawValue)
        #expect(try tables.links.add(STILE_ADJACENCY_FAILED) == link)
        #expect(try tables.nextHops.add(nextHop) == number)
    }

    @Test func `a retired record is not used again before the workers have passed`() throws {
        tables.markPublished()
        let record = try interface(counter: 1)
        tables.interfaces.retire(record)
        for _ in 0..<6 { #expect(try interface(counter: 2) != record) }
        #expect(throws: TablesError.sectionFull(.interfaces)) { try interface(counter: 3) }
        tables.closeEpoch(10)
        tables.reclaim(passed: 9)
        #expect(throws: TablesError.sectionFull(.interfaces)) { try interface(counter: 3) }
        tables.reclaim(passed: 10)
        #expect(try interface(counter: 3) == record)
    }

    @Test func `ports are read as a whole and their sequence rises`() throws {
        let before = try #require(reader.readPorts())
        var port = stile_port()
        port.mtu = 9_000
        try tables.ports.set(63, to: port)
        let after = try #require(reader.readPorts())
        #expect(after.sequence > before.sequence)
        #expect(after.ports[63].mtu == 9_000 && after.ports.count == 64)
        #expect(throws: TablesError.outOfRange(.ports)) { try tables.ports.set(64, to: port) }
        try tables.vlans.setCounter(7, ofPort: 63)
        #expect((62...63).map { tables.reader.counter(ofPort: $0) } == [0, 7])
        #expect(throws: TablesError.outOfRange(.ports)) { try tables.vlans.setCounter(7, ofPort: 64) }
        try tables.setWorkers(cores: [2, nil], polling: STILE_POLLING_BUSY)
        #expect(reader.header.pointee.worker_cores.0 == 2 && reader.header.pointee.worker_cores.1 == 0xFFFF)
    }

    @Test func `local services and neighbors are kept in their order`() throws {
        var services = [stile_local_service(), stile_local_service()]
        services[1].protocol = 6
        let first = try tables.localServices.add(services)
        #expect(first > 0 && reader.localServices[Int(first) + 1].protocol == 6)
        var neighbor = stile_neighbor()
        neighbor.family = 4
        let index = try tables.neighbors.add(neighbor)
        #expect(reader.neighbors[Int(index)].family == 4)
        tables.neighbors.remove(index)
        #expect(reader.neighbors[Int(index)].family == 0)
    }

    /// Lists that grow and shrink by an entry at a time, the new always beside the old, for as long as one likes.
    @Test func `lists of ever other lengths do not use the rules up`() throws {
        var capacities = TableCapacities.small
        capacities.accessRules = 128
        capacities.accessLists = 8
        let tables = try TablesWriter(directory: directory.path, generation: 4, capacities: capacities)
        var old: UInt32 = 0
        for length in Array(2...30) + (2...30).reversed() + stride(from: 2, through: 30, by: 3) {
            let rules = (0..<length).map { position in
                var rule = stile_access_rule()
                rule.sequence = UInt32(position)
                return rule
            }
            let list = try tables.accessLists.add(family: 4, rules: rules)
            let record = tables.reader.accessLists[Int(list)]
            let last = tables.reader.accessRules[Int(record.first_rule + record.rule_count) - 1]
            #expect(last.sequence == UInt32(length - 1))
            tables.accessLists.retire(old)
            old = list
        }
        // The whole section in one piece is there again.
        tables.accessLists.retire(old)
        _ = try tables.accessLists.add(family: 4, rules: Array(repeating: stile_access_rule(), count: 127))
    }
}
