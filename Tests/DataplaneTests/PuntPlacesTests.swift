import CTableLayout
import Dataplane
import ForwardingTables
import Foundation
import Testing

/// A punt ring that the control process reads only when a test says so.
private final class SlowRing {
    let ring: PuntRing
    var places: PuntPlaces
    private let control: ControlSegment
    private let segment: DataplaneSegment
    private let reader: DataplaneReader
    private let controlReader: ControlReader
    private let directory: String

    init() throws {
        directory = NSTemporaryDirectory() + "stile-punt-places-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        control = try ControlSegment(directory: directory)
        segment = try DataplaneSegment(directory: directory, workerCount: 1, counterCount: 16, startedSeconds: 1)
        reader = try DataplaneReader(directory: directory)
        controlReader = try ControlReader(directory: directory)
        ring = segment.puntRing(ofWorker: 0, control: controlReader.header)
        places = PuntPlaces(ring: ring, counterCount: 16)
    }

    deinit {
        places.deallocate()
        try? FileManager.default.removeItem(atPath: directory)
    }

    func punt(_ counter: UInt16, isNeighbors: Bool = false) -> Bool {
        guard let slot = places.reserve(for: counter, isNeighbors: isNeighbors, in: ring) else { return false }
        slot.pointee.length = 1
        slot.pointee.counter = counter
        ring.commit()
        return true
    }

    /// Punts until it is refused; how often it was not.
    func flood(_ counter: UInt16, isNeighbors: Bool = false) -> Int {
        var count = 0
        while punt(counter, isNeighbors: isNeighbors) { count += 1 }
        return count
    }

    func drain(limit: Int = .max) -> Int {
        var count = 0
        _ = reader.drainPunts(into: control, limitPerWorker: limit) { _ in count += 1 }
        return count
    }
}

/// The ring has 512 places, a quarter of which strangers leave to neighbors.
@Suite struct PuntPlacesTests {
    @Test func `a flood on one interface leaves places to every other`() throws {
        let ring = try SlowRing()
        #expect(ring.flood(1) == 128)
        #expect(ring.flood(2) == 85)
        #expect((3...15).allSatisfy { ring.punt($0) })
    }

    @Test func `a known neighbor is heard behind strangers of its own interface and of all others`() throws {
        let ring = try SlowRing()
        for counter: UInt16 in 1...15 { _ = ring.flood(counter) }
        #expect((1...15).allSatisfy { ring.punt($0, isNeighbors: true) })
    }

    @Test func `a neighbor that floods leaves places to other neighbors and to strangers`() throws {
        let ring = try SlowRing()
        #expect(ring.flood(1, isNeighbors: true) == 256)
        #expect(ring.punt(2, isNeighbors: true))
        #expect(ring.punt(3))
    }

    @Test func `what has been read is given back to those who held it`() throws {
        let ring = try SlowRing()
        for _ in 0..<20 {
            #expect(ring.flood(1) == 128)
            #expect(ring.punt(2))
            #expect(ring.drain() == 129)
        }
        #expect(ring.flood(1) == 128)
        #expect(ring.drain(limit: 28) == 28)
        #expect(ring.flood(1) == 28)
    }

    @Test func `interfaces without a counter of their own share one part`() throws {
        let ring = try SlowRing()
        #expect(ring.flood(16) == 128)
        #expect(!ring.punt(40_000))
        #expect(ring.punt(1))
    }
}
