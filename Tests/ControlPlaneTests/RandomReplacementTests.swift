import ControlPlane
import ControlProtocol
import ForwardingTables
import SeededRandom
import Testing

/// `config replace` from anything to anything, again and again.
@Suite struct RandomReplacementTests {
    /// After each of a row of configurations the box is as if it had been started with it.
    @Test(arguments: UInt64(1)...6)
    func aBoxThatWasChangedOftenIsLikeAFreshOne(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let changed = try Laboratory()
        try await changed.start(RandomBox.text(&generator))
        for step in 1...12 {
            let text = RandomBox.text(&generator)
            try await changed.replace(text)
            let fresh = try Laboratory()
            try await fresh.start(text)
            let expected = try await fresh.content()
            #expect(expected.violations == 0, "seed \(seed), step \(step)\n\(text)")
            try await changed.content(expecting: expected).expectEqual(expected, "seed \(seed), step \(step)\n\(text)")
            await fresh.stop()
        }
        await changed.stop()
    }

    /// Going round the same configurations uses no more records than the first rounds did.
    @Test func nothingIsLeftBehind() async throws {
        var generator = SeededGenerator(seed: 99)
        let texts = (0..<5).map { _ in RandomBox.text(&generator) }
        let laboratory = try Laboratory()
        try await laboratory.start(texts[0])
        var highest: [UInt32] = []
        var highestOfServices: [UInt32] = []
        for _ in 0..<45 {
            var found: UInt32 = 0
            var ofServices: UInt32 = 0
            for text in texts {
                try await laboratory.replace(text)
                let reader = try laboratory.tables().reader
                found = max(found, Self.highestRecord(of: reader))
                ofServices = max(ofServices, Self.highestServices(of: reader))
            }
            highest.append(found)
            highestOfServices.append(ofServices)
        }
        for numbers in [highest, highestOfServices] {
            // What one configuration gave up is free again only a little after the next one is there, so a round
            // can need as many numbers again as another did. One number lost in each round would be 42 more.
            let first = try #require(numbers.prefix(3).max())
            #expect(first > 0)
            #expect(try #require(numbers.suffix(3).max()) <= first * 2, "\(numbers)")
        }
        await laboratory.stop()
    }

    /// The highest number of a services record, an access list or a class that a circuit leads to.
    private static func highestServices(of reader: TablesReader) -> UInt32 {
        var found: UInt32 = 0
        for port: UInt16 in 0..<4 {
            let tags: [UInt16] = [30, 40, 100, 200, 300]
            for index in [reader.interface(untaggedOn: port)] + tags.map({ reader.interface(port: port, vid: $0) }) {
                let services = reader.interfaces[Int(index)].services
                let record = reader.services[Int(services)]
                found = [
                    services, record.access_list_in_ipv4, record.access_list_in_ipv6, record.access_list_out_ipv4,
                    record.access_list_out_ipv6, record.classes_in_first, record.classes_out_first,
                ].reduce(found, max)
            }
        }
        return found
    }

    /// The highest number of an interface record or a next hop that is reachable.
    private static func highestRecord(of reader: TablesReader) -> UInt32 {
        var found: [UInt32] = []
        for port: UInt16 in 0..<4 {
            found.append(reader.interface(untaggedOn: port))
            for tag: UInt16 in [30, 40, 100, 200, 300] { found.append(reader.interface(port: port, vid: tag)) }
        }
        for vrf: UInt16 in 1..<8 {
            let root = reader.ipv4Root(ofVRF: vrf)
            for network: UInt32 in 1...3 {
                for subnet: UInt32 in 0..<8 {
                    let own = 10 << 24 | network << 16 | subnet << 8 | 1
                    found += [own, own + 1].map { reader.fib.lookup(ipv4: $0, root: root) }
                }
            }
        }
        return found.max() ?? 0
    }
}
