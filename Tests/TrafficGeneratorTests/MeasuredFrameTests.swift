import Addressing
import Foundation
import SeededRandom
import Testing
import TrafficGenerator

@Suite struct MeasuredFrameTests {
    struct Case: Decodable {
        var name: String
        var frameBytes: Int
        var vlans: [UInt16]
        var labels: [UInt32]
        var source: String
        var destination: String
        var number: UInt16
        var frames: [String]
    }

    @Test func framesAreThoseOfScapy() throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        for one in try decoder.decode([Case].self, from: fixture("measured-frames.json")) {
            let destination = try #require(IPAddress(one.destination))
            let source = try #require(IPAddress(one.source))
            let stream = StreamProfile(
                name: one.name, destinationMAC: MACAddress(rawValue: 0x0200_0000_0001), vlans: one.vlans,
                labels: one.labels.compactMap { MPLSLabel(rawValue: $0) }, family: destination.family,
                destinations: [IPPrefix(host: destination)], sources: [IPPrefix(host: source)])
            let frames = stream.frames(
                count: one.frames.count, frameBytes: one.frameBytes, sourceMAC: MACAddress(rawValue: 0x0200_0000_0002),
                number: one.number, trial: 7, timeStamp: 0x12_3456_789A)
            for (sequence, frame) in frames.enumerated() {
                #expect(hexadecimal(frame) == one.frames[sequence], "\(one.name)")
                #expect(
                    MeasurementPayload(frame: frame)
                        == MeasurementPayload(
                            trial: 7, timeStamp: 0x12_3456_789A, stream: one.number, sequence: UInt32(sequence)),
                    "\(one.name)")
            }
        }
    }

    @Test func anIPv6ChecksumThatComesOutAsZeroIsWrittenAsAllOnes() throws {
        // RFC 8200 §8.1. Some of 65,536 consecutive destinations give it.
        let stream = StreamProfile(
            name: "v6", family: .ipv6, destinations: [try #require(IPPrefix("2001:db8::/64"))],
            destinationHosts: .sequential, sources: [try #require(IPPrefix("2001:db8:1::1/128"))])
        let frames = stream.frames(
            count: 70_000, frameBytes: 90, sourceMAC: .broadcast, number: 0, trial: 1, timeStamp: 0)
        let checksums = frames.map { UInt16($0[60]) << 8 | UInt16($0[61]) }
        #expect(!checksums.contains(0))
        #expect(checksums.contains(0xFFFF))
    }

    @Test func damagedFramesAreNotTakenForMeasuredOnes() throws {
        var random = SeededGenerator()
        let stream = StreamProfile(
            name: "s", vlans: [30], labels: [try #require(MPLSLabel(rawValue: 1001))], family: .ipv4,
            destinations: [try #require(IPPrefix("198.18.0.0/15"))], sources: [try #require(IPPrefix("192.0.2.0/24"))])
        let frame = stream.frames(
            count: 1, frameBytes: 68, sourceMAC: .broadcast, number: 1, trial: 2, timeStamp: 3)[0]
        for length in 0..<frame.count { #expect(MeasurementPayload(frame: frame.prefix(length)) == nil) }
        for _ in 0..<20_000 {
            var copy = frame
            for _ in 0...random.below(8) { copy[random.below(copy.count)] = UInt8(truncatingIfNeeded: random.next()) }
            // Whatever it is taken for, nothing is read outside of it.
            let payload = MeasurementPayload(frame: copy.prefix(random.below(copy.count + 1)))
            #expect(payload == nil || copy.contains(0x57))
        }
    }

    @Test func hostsStayInTheirPrefixesAndAreNotItsEnds() throws {
        let prefixes = try ["10.1.0.0/24", "10.2.0.0/30", "10.3.0.7/32"].map { try #require(IPPrefix($0)) }
        for order in HostOrder.allCases {
            let stream = StreamProfile(
                name: "s", family: .ipv4, destinations: prefixes, destinationHosts: order,
                sources: [try #require(IPPrefix("192.0.2.1/32"))])
            let destinations = stream.frames(
                count: 3000, frameBytes: 64, sourceMAC: .broadcast, number: 0, trial: 0, timeStamp: 0
            ).map { frame in IPv4Address(frame[30], frame[31], frame[32], frame[33]) }
            for prefix in prefixes {
                let hosts = Set(destinations.filter { prefix.contains(IPAddress.ipv4($0)) })
                let usable = prefix.length == 24 ? 254 : prefix.length == 30 ? 2 : 1
                // A thousand random hosts need not meet all of 254.
                #expect(hosts.count == usable || (order == .random && hosts.count > usable * 9 / 10), "\(prefix)")
                if prefix.length < 31 {
                    #expect(!hosts.contains { $0.rawValue & 0xFF == 0 || $0.rawValue & 0xFF == 0xFF })
                }
            }
            #expect(destinations.allSatisfy { address in prefixes.contains { $0.contains(IPAddress.ipv4(address)) } })
        }
    }

    @Test func spoofedLabelsTakeTurns() throws {
        var stream = StreamProfile(
            name: "s", labels: [try #require(MPLSLabel(rawValue: 1001))], family: .ipv4,
            destinations: [try #require(IPPrefix("198.18.0.1/32"))], sources: [try #require(IPPrefix("192.0.2.1/32"))])
        stream.spoofedLabels = [3, 17, 0xFFFFF].compactMap { MPLSLabel(rawValue: $0) }
        let frames = stream.frames(count: 4, frameBytes: 64, sourceMAC: .broadcast, number: 0, trial: 0, timeStamp: 0)
        let entries = frames.map { $0[14..<18].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } }
        #expect(entries == [3, 17, 0xFFFFF, 3].map { $0 << 12 | 0x100 | 64 })
    }

    private func hexadecimal(_ octets: [UInt8]) -> String {
        octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
