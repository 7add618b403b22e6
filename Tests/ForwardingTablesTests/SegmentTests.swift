import CTableLayout
import ForwardingTables
import Foundation
import SeededRandom
import Testing

/// The control and data plane segments: who may use them, and what is refused.
@Suite struct SegmentTests {
    @Test func `a second owner is refused while the first lives`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path
        var control: ControlSegment? = try ControlSegment(directory: path)
        #expect(control?.wasTakenOver == false)
        #expect(throws: SegmentError.inUse(path: "\(path)/control")) { try ControlSegment(directory: path) }
        let reader = try ControlReader(directory: path)
        #expect(reader.isWriterAlive)
        try control?.publish(generation: 5, tablesPath: "\(path)/tables.5")
        #expect(control?.advanceEpoch() == 2)
        control = nil
        #expect(!reader.isWriterAlive)
        let next = try ControlSegment(directory: path)
        #expect(next.wasTakenOver)
        #expect(next.currentGeneration == 5)
        #expect(next.currentTablesPath == "\(path)/tables.5")
        #expect(next.header.pointee.writer_instance == 2)
        #expect(reader.isCurrent && reader.currentGeneration == 5)
        #expect(reader.tablesPath(ofGeneration: 5) == "\(path)/tables.5")
        #expect(reader.tablesPath(ofGeneration: 4) == nil)
        #expect(reader.writerEpochWord.pointee == 2)
    }

    @Test func `a path that does not fit is refused`() throws {
        let directory = try TemporaryDirectory()
        let control = try ControlSegment(directory: directory.path)
        let path = String(repeating: "a", count: 256)
        #expect(throws: SegmentError.pathTooLong(path: path)) { try control.publish(generation: 1, tablesPath: path) }
        #expect(control.currentGeneration == 0)
    }

    @Test func `counters go on in the next data plane and sum over workers`() throws {
        let directory = try TemporaryDirectory()
        func open(_ workers: Int) throws -> DataplaneSegment {
            try DataplaneSegment(directory: directory.path, workerCount: workers, counterCount: 16, startedSeconds: 1)
        }
        var segment: DataplaneSegment? = try open(2)
        #expect(segment?.wasTakenOver == false)
        #expect(throws: SegmentError.inUse(path: "\(directory.path)/dataplane")) { try open(2) }
        segment?.counters(ofWorker: 0)[3].rx_packets = 40
        segment?.counters(ofWorker: 1)[3].rx_packets = 2
        segment?.drops(ofWorker: 1)[3].packets.59 = 7
        segment?.worker(0).pointee.epoch.value = 9
        segment?.worker(1).pointee.epoch.value = 8
        let reader = try DataplaneReader(directory: directory.path)
        #expect(reader.counters(3).rxPackets == 42)
        #expect(reader.counters(3).drops[59] == 7)
        #expect(reader.counters(16) == InterfaceCounters())
        #expect(reader.isAlive && reader.oldestEpoch == 8)
        segment = nil
        #expect(!reader.isAlive && reader.oldestEpoch == .max)
        segment = try open(2)
        #expect(segment?.wasTakenOver == true)
        #expect(reader.counters(3).rxPackets == 42)
        #expect(reader.instance == 2)
        #expect(reader.oldestEpoch == .max)
        segment = nil
        segment = try open(3)
        #expect(segment?.wasTakenOver == false)
        #expect(!reader.isCurrent)
        #expect(try DataplaneReader(directory: directory.path).workerCount == 3)
    }

    @Test func `a port's status is what was set`() throws {
        let directory = try TemporaryDirectory()
        let segment = try DataplaneSegment(
            directory: directory.path, workerCount: 1, counterCount: 4, startedSeconds: 1)
        let reader = try DataplaneReader(directory: directory.path)
        var status = stile_port_status()
        status.state = STILE_PORT_UP.rawValue
        status.speed_mbps = 10_000
        segment.setPortStatus(63, to: status)
        #expect(reader.portStatus(63)?.state == STILE_PORT_UP.rawValue)
        #expect(reader.portStatus(63)?.speed_mbps == 10_000)
        #expect(reader.portStatus(0)?.state == STILE_PORT_ABSENT.rawValue)
        #expect(reader.portStatus(64) == nil)
    }

    /// Octet offsets and values that must make each kind of file unusable.
    @Test(arguments: ["control", "dataplane", "tables.1"])
    func `another version, a short file and garbage are refused`(name: String) throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/\(name)"
        func make() throws {
            switch name {
            case "control": _ = try ControlSegment(directory: directory.path)
            case "dataplane":
                _ = try DataplaneSegment(directory: directory.path, workerCount: 1, counterCount: 4, startedSeconds: 1)
            default: _ = try TablesWriter(directory: directory.path, generation: 1, capacities: .small)
            }
        }
        func open() throws {
            switch name {
            case "control": _ = try ControlReader(directory: directory.path)
            case "dataplane": _ = try DataplaneReader(directory: directory.path)
            default: _ = try TablesMapping(path: path, generation: 1)
            }
        }
        func patch(_ offset: UInt64, _ octets: [UInt8]) throws {
            let file = try #require(FileHandle(forUpdatingAtPath: path))
            try file.seek(toOffset: offset)
            try file.write(contentsOf: Data(octets))
            try file.close()
        }
        try make()
        try open()
        let size = try #require(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
        let version = UInt8(STILE_LAYOUT_VERSION)
        try patch(8, [version - 1, 0, 0, 0])
        let other = SegmentError.otherVersion(path: path, found: UInt32(version - 1), expected: UInt32(version))
        #expect(throws: other) { try open() }
        #expect(other.description.contains("\(version - 1)") && other.description.contains("\(version)"))
        if name != "tables.1" {
            // Nobody holds it: the next owner makes a new one.
            try make()
            try open()
        }
        try patch(8, [version, 0, 0, 0])
        try patch(12, [1])
        #expect(throws: SegmentError.self) { try open() }
        try FileManager.default.removeItem(atPath: path)
        try make()
        #expect(truncate(path, off_t(size - 4_096)) == 0)
        #expect(throws: SegmentError.truncated(path: path, found: size - 4_096, expected: size)) { try open() }
        #expect(truncate(path, 100) == 0)
        #expect(throws: SegmentError.self) { try open() }
        #expect(truncate(path, 0) == 0)
        #expect(throws: SegmentError.truncated(path: path, found: 0, expected: 64)) { try open() }
        try Data(repeating: 0x5A, count: 200_000).write(to: URL(fileURLWithPath: path))
        #expect(throws: SegmentError.notASegment(path: path)) { try open() }
        try FileManager.default.removeItem(atPath: path)
        #expect(throws: SegmentError.system(call: "open", path: path, code: ENOENT)) { try open() }
    }

    @Test(arguments: [0, 100, 200_000])
    func `what another version left is replaced when nobody holds it`(garbageOctets: Int) throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/control"
        var control: ControlSegment? = try ControlSegment(directory: directory.path)
        #expect(control?.replacedLeftover == nil)
        try control?.publish(generation: 5, tablesPath: "tables.5")
        control = nil
        let left: SegmentError
        if garbageOctets == 0 {
            let file = try #require(FileHandle(forUpdatingAtPath: path))
            try file.seek(toOffset: 8)
            try file.write(contentsOf: Data([1, 0, 0, 0]))
            try file.close()
            left = .otherVersion(path: path, found: 1, expected: STILE_LAYOUT_VERSION)
        } else {
            try Data(repeating: 0x5A, count: garbageOctets).write(to: URL(fileURLWithPath: path))
            left = .notASegment(path: path)
        }
        #expect(!ControlReader.isWriterAlive(directory: directory.path))
        // A data plane that lives reads it.
        var dataplane: DataplaneSegment? = try DataplaneSegment(
            directory: directory.path, workerCount: 1, counterCount: 4, startedSeconds: 1)
        #expect(throws: left) { try ControlSegment(directory: directory.path) }
        #expect(throws: left) { try ControlReader(directory: directory.path) }
        withExtendedLifetime(dataplane) {}
        dataplane = nil
        let next = try ControlSegment(directory: directory.path)
        #expect(next.replacedLeftover == left && !next.wasTakenOver && next.currentGeneration == 0)
        #expect(ControlReader.isWriterAlive(directory: directory.path))
    }

    @Test func `counters of another version begin anew`() throws {
        let directory = try TemporaryDirectory()
        func open() throws -> DataplaneSegment {
            try DataplaneSegment(directory: directory.path, workerCount: 1, counterCount: 4, startedSeconds: 1)
        }
        _ = try open()
        let path = "\(directory.path)/dataplane"
        try Data(repeating: 0x5A, count: 10).write(to: URL(fileURLWithPath: path))
        #expect(try open().replacedLeftover == .truncated(path: path, found: 10, expected: 64))
        #expect(try open().wasTakenOver)
    }

    @Test func `random headers never pass as tables whose sections leave the file`() throws {
        var random = SeededGenerator(seed: 51)
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/tables.1"
        let tables = try TablesWriter(directory: directory.path, generation: 1, capacities: .small)
        let original = try Data(contentsOf: URL(fileURLWithPath: path)).prefix(192)
        var refused = 0
        for _ in 0..<300 {
            var header = original
            header[Int.random(in: 32..<192, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
            let file = try #require(FileHandle(forUpdatingAtPath: path))
            try file.write(contentsOf: header)
            try file.close()
            guard let mapping = try? TablesMapping(path: path) else {
                refused += 1
                continue
            }
            let fib = mapping.reader.header.pointee.fib
            #expect(fib.offset + UInt64(fib.count) * 8 <= mapping.reader.header.pointee.total_bytes)
        }
        #expect(refused > 100)
        #expect(tables.generation == 1)
        #expect(throws: SegmentError.self) { try TablesMapping(path: path, generation: 2) }
    }
}

extension TableCapacities {
    /// A file of a few megabytes.
    static var small: TableCapacities {
        var capacities = TableCapacities()
        capacities.interfaces = 8
        capacities.vlanMaps = 66
        capacities.labelEntries = 64
        capacities.sourceSets = 8
        capacities.localServices = 8
        capacities.vrfs = 8
        capacities.nextHops = 8
        capacities.links = 8
        capacities.adjacencies = 8
        capacities.neighbors = 8
        capacities.fibArenaBytes = 1 << 16
        return capacities
    }
}
