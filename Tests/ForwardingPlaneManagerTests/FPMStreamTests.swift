import Addressing
import ForwardingPlaneManager
import SeededRandom
import Testing

@Suite struct FPMStreamTests {
    private static func messages(_ octets: [UInt8]) throws(FPMMalformation) -> [EngineMessage] {
        var stream = FPMStream()
        stream.append(octets)
        var messages: [EngineMessage] = []
        while let next = try stream.next() { messages += next }
        return messages
    }

    private static func leg(_ gateway: String, _ labels: UInt32...) -> EngineLeg {
        EngineLeg(gateway: IPAddress(gateway), interfaceIndex: 2, labels: labels.compactMap(MPLSLabel.init(rawValue:)))
    }

    private static func route(_ prefix: String, _ number: UInt32, _ protocolNumber: UInt8) throws -> EngineMessage {
        let prefix = try #require(IPPrefix(prefix))
        return .route(prefix, EngineRoute(target: .nextHop(number), protocolNumber: protocolNumber))
    }

    /// A header of FPM and one of netlink around a body.
    private static func message(_ type: UInt8, _ body: [UInt8]) -> [UInt8] {
        let length = UInt8(16 + body.count)
        return [1, 1, 0, length + 4, length, 0, 0, 0, type, 0, 1, 5, 0, 0, 0, 0, 0, 0, 0, 0] + body
    }

    @Test func `what FRR said of segment routing is read as it was meant`() throws {
        let swapped = try #require(MPLSLabel(rawValue: 16002))
        let popped = try #require(MPLSLabel(rawValue: 16003))
        let ipv6 = try #require(MPLSLabel(rawValue: 16102))
        let expected: [EngineMessage] = try [
            .binding(swapped, [Self.leg("10.1.1.3", 16002)]), .binding(ipv6, [Self.leg("fe80::ff:fe00:3", 16102)]),
            .binding(popped, [Self.leg("10.1.1.3")]), .nextHop(16, .leg(Self.leg("10.1.1.3", 16002))),
            .nextHop(17, .leg(Self.leg("10.1.1.3"))), .nextHop(20, .leg(Self.leg("fe80::ff:fe00:3", 16102))),
            .nextHop(6, .leg(EngineLeg(gateway: nil, interfaceIndex: 2))), Self.route("10.0.0.1/32", 5, 2),
            Self.route("10.0.0.2/32", 16, 187), Self.route("10.0.0.3/32", 17, 187), Self.route("10.1.2.0/24", 18, 187),
            Self.route("2001:db8:f::2/128", 20, 187),
        ]
        #expect(try Self.messages(CapturedOctets.isis.flatMap(\.self)) == expected)
    }

    @Test func `a replacement is a removal and an addition behind one header`() throws {
        let prefix = try #require(IPPrefix("10.0.0.2/32"))
        var stream = FPMStream()
        stream.append(CapturedOctets.replacement)
        #expect(try stream.next() == [.route(prefix, nil), Self.route("10.0.0.2/32", 16, 188)])
        #expect(try stream.next() == nil)
    }

    @Test func `octets may come one by one`() throws {
        let octets = CapturedOctets.isis.flatMap(\.self)
        var stream = FPMStream()
        var messages: [EngineMessage] = []
        for octet in octets {
            stream.append([octet])
            while let next = try stream.next() { messages += next }
        }
        #expect(try messages == Self.messages(octets))
    }

    /// `ip route add 10.0.0.0/24 nexthop via 10.1.1.3 dev 2 encap mpls 100/200 nexthop via inet6 fe80::3 dev 4`, as the kernel's
    /// headers lay it out.
    @Test func `several ways in one route, labels on top of each other, a router of the other family`() throws {
        let header: [UInt8] = [2, 24, 0, 0, 254, 188, 0, 1, 0, 0, 0, 0]
        let destination: [UInt8] = [8, 0, 1, 0, 10, 0, 0, 0]
        let encapsulation: [UInt8] = [
            6, 0, 21, 0, 1, 0, 0, 0, 16, 0, 22, 0x80, 12, 0, 1, 0, 0, 6, 0x40, 0, 0, 12, 0x81, 0,
        ]
        let first: [UInt8] = [40, 0, 0, 0, 2, 0, 0, 0, 8, 0, 5, 0, 10, 1, 1, 3] + encapsulation
        let via: [UInt8] = [22, 0, 18, 0, 10, 0, 0xFE, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0]
        let second: [UInt8] = [32, 0, 0, 0, 4, 0, 0, 0] + via
        let multipath: [UInt8] = [76, 0, 9, 0] + first + second
        let legs = [
            Self.leg("10.1.1.3", 100, 200), EngineLeg(gateway: IPAddress("fe80::3"), interfaceIndex: 4),
        ]
        let prefix = try #require(IPPrefix("10.0.0.0/24"))
        let expected: [EngineMessage] = [.route(prefix, EngineRoute(target: .legs(legs), protocolNumber: 188))]
        #expect(try Self.messages(Self.message(24, header + destination + multipath)) == expected)
    }

    @Test func `groups, what is dropped, other tables and unknown kinds`() throws {
        let group: [UInt8] = [2, 0, 11, 0, 0, 0, 0, 0, 8, 0, 1, 0, 9, 0, 0, 0, 20, 0, 2, 0]
        let members: [UInt8] = [16, 0, 0, 0, 0, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0, 0]
        #expect(try Self.messages(Self.message(104, group + members)) == [.nextHop(9, .group([16, 17]))])
        let blackhole: [UInt8] = [2, 0, 11, 0, 0, 0, 0, 0, 8, 0, 1, 0, 9, 0, 0, 0, 4, 0, 4, 0]
        #expect(try Self.messages(Self.message(104, blackhole)) == [.nextHop(9, .nowhere)])
        #expect(try Self.messages(Self.message(105, Array(group.prefix(16)))) == [.nextHop(9, nil)])
        let discarded: [UInt8] = [2, 8, 0, 0, 254, 4, 0, 6, 0, 0, 0, 0, 8, 0, 1, 0, 10, 0, 0, 0]
        let prefix = try #require(IPPrefix("10.0.0.0/8"))
        let expected: [EngineMessage] = [.route(prefix, EngineRoute(target: .legs([]), protocolNumber: 4))]
        #expect(try Self.messages(Self.message(24, discarded)) == expected)
        let otherTable: [UInt8] = [8, 0, 15, 0, 100, 0, 0, 0]
        #expect(try Self.messages(Self.message(24, discarded + otherTable)) == [.other])
        #expect(try Self.messages(Self.message(28, [1, 2, 3, 4])) == [.other])
    }

    @Test func `an explicit null is pushed, an implicit one is not`() throws {
        let header: [UInt8] = [2, 0, 11, 0, 0, 0, 0, 0, 8, 0, 1, 0, 9, 0, 0, 0, 8, 0, 6, 0, 10, 1, 1, 3]
        for (entry, labels) in [([0, 0, 1, 0], [UInt32(0)]), ([0, 0, 0x31, 0], [])] as [([UInt8], [UInt32])] {
            let encapsulation: [UInt8] = [6, 0, 7, 0, 1, 0, 0, 0, 12, 0, 8, 0x80, 8, 0, 1, 0] + entry
            let leg = EngineLeg(
                gateway: IPAddress("10.1.1.3"), interfaceIndex: nil,
                labels: labels.compactMap(MPLSLabel.init(rawValue:)))
            #expect(try Self.messages(Self.message(104, header + encapsulation)) == [.nextHop(9, .leg(leg))])
        }
    }

    private static let malformed: [(String, FPMMalformation)] = [
        ("0201002c", .version(2)), ("0102002c", .messageType(2)), ("01010003", .length(3)),
        ("01010008ffffffff", .length(4)), ("010100140f000000180001050000000000000000", .length(15)),
        ("0101001411000000180001050000000000000000", .length(17)),
        ("010100181400000018000105000000000000000002180000", .size(4, .header)),
    ]

    @Test(arguments: malformed)
    func `what is none is said to be none`(_ text: String, _ expected: FPMMalformation) {
        #expect(throws: expected) { try Self.messages(CapturedOctets.octets(text)) }
    }

    @Test func `bodies that are none`() throws {
        let route: [UInt8] = [2, 24, 0, 0, 254, 188, 0, 1, 0, 0, 0, 0]
        let destination: [UInt8] = [8, 0, 1, 0, 10, 0, 0, 0]
        let cases: [([UInt8], FPMMalformation)] = [
            ([], .missing(.destination)), ([7, 0, 1, 0, 10, 0, 0, 0], .size(3, .destination)),
            ([3, 0, 1, 0], .attributeLength(3)), ([9, 0, 1, 0, 10, 0, 0, 0], .attributeLength(9)),
            ([8, 0], .attributeLength(2)),
            (destination + [12, 0, 9, 0, 7, 0, 0, 0, 1, 0, 0, 0], .attributeLength(7)),
            (destination + [6, 0, 30, 0, 1, 0, 0, 0], .size(2, .identifier)),
        ]
        for (attributes, expected) in cases {
            #expect(throws: expected) { try Self.messages(Self.message(24, route + attributes)) }
        }
        var body = route + destination
        body[1] = 33
        #expect(throws: FPMMalformation.prefixLength(33)) { try Self.messages(Self.message(24, body)) }
        // The kernel has tables for more than IP.
        (body[0], body[1]) = (128, 32)
        #expect(try Self.messages(Self.message(24, body)) == [.other])
    }

    /// Whatever comes is read or refused, and a table takes what was read.
    @Test func `mutated octets end in messages or an error`() {
        var generator = SeededGenerator()
        let originals = CapturedOctets.isis + [CapturedOctets.replacement]
        var (read, refused) = (0, 0)
        var table = EngineTable()
        for _ in 0..<20_000 {
            var octets = generator.pick(originals)
            for _ in 0...generator.below(4) {
                switch generator.below(4) {
                case 0: octets.removeLast(min(octets.count, generator.below(8)))
                case 1: octets.insert(generator.octet(), at: generator.below(octets.count + 1))
                default: if !octets.isEmpty { octets[generator.below(octets.count)] = generator.octet() }
                }
            }
            // The lengths of both headers are put right in most, so that what is inside is met.
            if octets.count >= 24, !generator.once(in: 4) {
                let length = octets.count
                octets.replaceSubrange(0..<8, with: [1, 1, 0, UInt8(length), UInt8(length - 4), 0, 0, 0])
            }
            do {
                for message in try Self.messages(octets) { table.apply(message) }
                read += 1
            } catch {
                refused += 1
            }
            for prefix in table.takeChanges() { _ = table.legs(to: prefix) }
        }
        #expect(read > 1000 && refused > 1000, "read \(read), refused \(refused)")
    }
}
