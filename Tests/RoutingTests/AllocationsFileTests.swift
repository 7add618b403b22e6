import Addressing
import BGP
import Routing
import Testing

/// That it is a VRF, VRF, route distinguisher 0:1, AS 1, neighbor, NNI "n".
private func ownerOctets(_ vrf: UInt8, address: String = "1.2.3.4") -> [UInt8] {
    [0, 0, 1, vrf, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 7] + Array(address.utf8) + [0, 1, 0x6E]
}

@Suite struct AllocationsFileTests {
    private func sample() throws -> Allocations {
        var allocations = Allocations()
        allocations.labels = try #require(
            LabelAllocations(
                labels: [
                    try owner("one"): try label(1000), try owner("zwölf"): try label(1_048_575),
                    LabelOwner(.vrfOnCircuit(try vrf("one")), neighbor: try neighbor()): try label(
                        1013),
                    try relay(.neighbor(try neighbor()), [16]): try label(1003),
                    try relay(.provider(try address("10.0.0.7")), [17, 18]): try label(1004),
                    try relay(.provider(try address("10.0.0.7")), []): try label(1005),
                    LabelOwner(.relayedPrefix(try vpnPrefix()), neighbor: try neighbor()): try label(1006),
                    try ofVRF { .prefix($0, try prefix("2001:db8::/32")) }: try label(1007),
                    try ofVRF { .nextHop($0, .ipv4, .gateway(circuit: "ten1/1", try address("fe80::1"))) }:
                        try label(1008),
                    try ofVRF { .nextHop($0, .ipv6, .labelled(try target(.neighbor(try neighbor()), [16]))) }:
                        try label(1009),
                    try ofVRF { .nextHop($0, .ipv4, .marked(try target(.provider(try address("10.0.0.7")), [17]))) }:
                        try label(1010),
                    LabelOwner(.labelledPrefix(try prefix("10.0.0.7/32")), neighbor: try neighbor()): try label(1011),
                    LabelOwner(.labelledPrefix(try prefix("2001:db8::/48")), neighbor: try neighbor()): try label(1012),
                    try common(1020): try label(1020), try common(1020, at: "core"): try label(1020),
                    try common(1000, context: 1021): try label(1000), try service([16], under: .frame): try label(1014),
                    try service([16], under: .packet): try label(1015),
                    LabelOwner(.segment(try SignallingBorder.selective(of: 42)), neighbor: try neighbor()):
                        try label(1016),
                ],
                quarantine: [
                    try label(1001): .init(owner: try owner("gone"), until: seconds(300)),
                    try label(1002): .init(owner: nil, until: seconds(301)),
                ], commonQuarantine: [try common(1022): seconds(302), try common(1022, at: "core"): seconds(303)]))
        _ = allocations.vrfNumbers.allocate(for: "one", from: 1..<10)
        _ = allocations.interfaceCounters.allocate(for: "ten1/0", from: 0..<10)
        _ = allocations.interfaceCounters.allocate(for: "ten1/0.2", from: 0..<10)
        _ = allocations.classInstances.allocate(for: "ten1/0.2 input gold", from: 1..<10)
        _ = allocations.accessHits.allocate(for: ["ipv4 web permit any", "ipv4 web"], from: 1..<10)
        return allocations
    }

    private func owner(_ vrf: String) throws -> LabelOwner {
        LabelOwner(vrf: try self.vrf(vrf), neighbor: try neighbor())
    }

    /// Of VRF one, under the label of its space if it is of one.
    private func common(_ number: UInt32, context: UInt32? = nil, at nni: String = "ten1/0") throws -> LabelOwner {
        LabelOwner(
            .common(try vrf("one"), CommonLabel(try label(number), context: try context.map { try label($0) })),
            neighbor: NeighborIdentity(address: try address("2001:db8::1"), autonomousSystem: 65001, nni: nni))
    }

    private func vrf(_ name: String) throws -> VRFIdentity {
        VRFIdentity(name: name, routeDistinguisher: try #require(RouteDistinguisher("42:1")))
    }

    private func neighbor() throws -> NeighborIdentity {
        NeighborIdentity(address: try address("2001:db8::1"), autonomousSystem: 65001, nni: "ten1/0")
    }

    private func relay(_ way: SwapTarget.Way, _ labels: [UInt32]) throws -> LabelOwner {
        LabelOwner(.relayed(try target(way, labels)), neighbor: try neighbor())
    }

    private func service(_ labels: [UInt32], under stack: SwappedStack) throws -> LabelOwner {
        let way = SwapTarget.Way.provider(try address("10.0.0.7"))
        return LabelOwner(
            .relayedService(SwapTarget(way: way, labels: try labels.map(label), under: stack)), neighbor: try neighbor()
        )
    }

    private func target(_ way: SwapTarget.Way, _ labels: [UInt32]) throws -> SwapTarget {
        SwapTarget(way: way, labels: try labels.map(label))
    }

    private func ofVRF(_ subject: (VRFIdentity) throws -> LabelSubject) throws -> LabelOwner {
        LabelOwner(try subject(try #require(try owner("one").vrf)), neighbor: try neighbor())
    }

    private func vpnPrefix() throws -> VPNPrefix {
        VPNPrefix(
            routeDistinguisher: try #require(RouteDistinguisher("42:1")),
            prefix: try #require(IPPrefix("2001:db8::/32")))
    }

    @Test func `what is written is read`() throws {
        for allocations in [Allocations(), try sample()] {
            #expect(try AllocationsFile.decode(AllocationsFile.encode(allocations)) == allocations)
        }
    }

    @Test func `the octets of empty allocations`() {
        let octets = AllocationsFile.encode(Allocations())
        #expect(octets.prefix(10) == [0x53, 0x54, 0x49, 0x4C, 0x45, 0x41, 0x4C, 0x43, 0, 4])
        #expect(octets.dropFirst(10).prefix(24).allSatisfy { $0 == 0 })
        #expect(octets.count == 54)
    }

    @Test func `what has no owner of a newer kind is a file of version 4, and such a file has none`() throws {
        var allocations = try sample()
        #expect(AllocationsFile.encode(allocations)[9] == 6)
        let isOfVersion5: (LabelOwner) -> Bool = { if case .segment = $0.subject { false } else { true } }
        for version in [UInt8(5), 4] {
            var octets = AllocationsFile.encode(allocations)
            octets[9] = version
            #expect(throws: AllocationsFileError.self) { try AllocationsFile.decode(sealed(Array(octets.dropLast(4)))) }
            allocations.labels = try #require(
                LabelAllocations(
                    labels: allocations.labels.labels.filter { isOfVersion5($0.key) },
                    quarantine: allocations.labels.quarantine))
            #expect(AllocationsFile.encode(allocations)[9] == 5)
        }
        let isOld: (LabelOwner) -> Bool = {
            switch $0.subject {
            case .vrf, .relayed, .relayedPrefix: true
            default: false
            }
        }
        allocations.labels = try #require(
            LabelAllocations(
                labels: allocations.labels.labels.filter { isOld($0.key) }, quarantine: allocations.labels.quarantine))
        #expect(AllocationsFile.encode(allocations)[9] == 4)
        #expect(try AllocationsFile.decode(AllocationsFile.encode(allocations)) == allocations)
    }

    @Test func `in version 3 all owners are VRFs`() throws {
        let labels: [UInt8] = [0, 0, 0, 1] + ownerOctets(0x61).dropFirst() + [0, 0, 0, 16]
        let nothing = [UInt8](repeating: 0, count: 20)
        let octets = sealed(Array("STILEALC".utf8) + [0, 3] + [UInt8](repeating: 0, count: 16) + labels + nothing)
        let owner = try #require(try AllocationsFile.decode(octets).labels.holder(of: try label(16)))
        #expect(owner.vrf?.name == "a")
        #expect(owner.neighbor.nni == "n")
    }

    @Test func `labels of versions 1 and 2, which belong to names, are in quarantine, and nothing else is kept`() throws
    {
        let labels: [UInt8] =
            [0, 0, 0, 1, 0, 1, 0x61, 0, 0, 0, 16] + [0, 0, 0, 1, 0, 1, 0x62, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0, 0, 1]
        let numbers: [UInt8] = [0, 0, 0, 1, 0, 1, 0x61, 0, 0, 0, 1, 0, 0, 0, 0]
        for (version, rest) in [(1, []), (2, [UInt8](repeating: 0, count: 8))] as [(UInt8, [UInt8])] {
            let octets = sealed(Array("STILEALC".utf8) + [0, version] + labels + numbers + rest)
            let found = try AllocationsFile.decode(octets)
            let nobodys = LabelAllocations.Quarantined(owner: nil, until: .distantFuture)
            #expect(found.labels.quarantine == [try label(16): nobodys, try label(17): nobodys])
            #expect(found.labels.labels.isEmpty)
            #expect(found.vrfNumbers == NumberAllocations())
        }
    }

    @Test func `every octet that is changed and every one that is missing is noticed`() throws {
        let octets = AllocationsFile.encode(try sample())
        for index in octets.indices {
            var damaged = octets
            damaged[index] ^= 0x10
            #expect(throws: AllocationsFileError.self, "octet \(index)") { try AllocationsFile.decode(damaged) }
            #expect(throws: AllocationsFileError.self, "cut at \(index)") {
                try AllocationsFile.decode(Array(octets[..<index]))
            }
        }
    }

    /// The contents with a checksum that fits: found by trying what the error says it should be.
    private func sealed(_ contents: [UInt8]) -> [UInt8] {
        func octets(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }
        do throws(AllocationsFileError) {
            _ = try AllocationsFile.decode(contents + [0, 0, 0, 0])
        } catch {
            if case .checksumMismatch(_, let computed) = error { return contents + octets(computed) }
        }
        return contents
    }

    @Test(
        arguments: [
            ([], .notAnAllocationsFile),
            (Array("STILEALX".utf8), .notAnAllocationsFile),
            (Array("STILEALC".utf8) + [0], .truncated(atOctet: 9)),
            (Array("STILEALC".utf8) + [0, 0], .unsupportedVersion(0)),
            (Array("STILEALC".utf8) + [0, 7], .unsupportedVersion(7)),
            (Array("STILEALC".utf8) + [0, 1, 0, 0], .truncated(atOctet: 12)),
        ] as [([UInt8], AllocationsFileError)])
    func `the error says what is wrong with the head`(octets: [UInt8], error: AllocationsFileError) {
        #expect(throws: error) { try AllocationsFile.decode(octets) }
    }

    @Test(
        arguments: [
            ([UInt8](repeating: 0, count: 24) + [7], .octetsLeftOver(atOctet: 50)),
            ([0, 0, 0, 1], .truncated(atOctet: 30)),
            ([0xFF, 0xFF, 0xFF, 0xFF], .truncated(atOctet: 30)),
            ([0, 0, 0, 1, 0, 0xFF, 0xFF, 0x61], .truncated(atOctet: 34)),
            ([0, 0, 0, 1, 0, 0, 1, 0xFF, 0, 0, 0, 16], .nameNotUTF8(atOctet: 31)),
            ([0, 0, 0, 1] + ownerOctets(0x61, address: "1.2.3.x") + [0, 0, 0, 16], .notAnAddress(atOctet: 46)),
            ([0, 0, 0, 1, 99], .unknownOwner(99, atOctet: 30)),
            ([0, 0, 0, 1, 3] + [UInt8](repeating: 0, count: 8) + [0, 1, 0x78], .notAPrefix(atOctet: 39)),
            ([0, 0, 0, 1] + ownerOctets(0x61) + [0, 0, 0, 15], .notALabelOfAVRF(15)),
            ([0, 0, 0, 1] + ownerOctets(0x61) + [0, 0x10, 0, 0], .notALabelOfAVRF(0x10_0000)),
            (
                [0, 0, 0, 2] + ownerOctets(0x61) + [0, 0, 0, 16] + ownerOctets(0x62) + [0, 0, 0, 16, 0, 0, 0, 0],
                .duplicate("one label of several owners")
            ),
            (
                [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0x61, 0, 0, 0, 1, 0, 1, 0x62, 0, 0, 0, 1],
                .duplicate("one number of several names")
            ),
        ] as [([UInt8], AllocationsFileError)])
    func `the error says what is wrong with the contents`(contents: [UInt8], error: AllocationsFileError) {
        let octets = sealed(Array("STILEALC".utf8) + [0, 5] + [UInt8](repeating: 0, count: 16) + contents)
        #expect(throws: error) { try AllocationsFile.decode(octets) }
    }

    @Test func `numbers are the lowest that are free and stay`() {
        var numbers = NumberAllocations()
        #expect(numbers.allocate(for: "a", from: 1..<3) == 1)
        #expect(numbers.allocate(for: "b", from: 1..<3) == 2)
        #expect(numbers.allocate(for: "c", from: 1..<3) == nil)
        numbers.release("a")
        #expect(numbers.allocate(for: "c", from: 1..<3) == 1)
        #expect(numbers.allocate(for: "b", from: 1..<3) == 2)
        #expect(NumberAllocations(numbers: ["a": 1, "b": 1]) == nil)
    }

    @Test func `many names get numbers, or none does`() throws {
        var numbers = try #require(NumberAllocations(numbers: ["a": 2, "outside": 9]))
        let first = numbers.allocate(for: ["b", "a", "outside", "b"], from: 1..<5)
        #expect(first)
        #expect(numbers.numbers == ["a": 2, "b": 1, "outside": 3])
        let before = numbers
        let tooMany = numbers.allocate(for: ["c", "d"], from: 1..<5)
        #expect(!tooMany)
        #expect(numbers == before)
        let fourth = numbers.allocate(for: ["d"], from: 1..<5)
        #expect(fourth)
        #expect(numbers.numbers["d"] == 4)
    }

    @Test func `what is read back is what was given out`() {
        var numbers = NumberAllocations()
        _ = numbers.allocate(for: "a", from: 1..<3)
        #expect(NumberAllocations(numbers: numbers.numbers) == numbers)
    }
}
