import Addressing
import Foundation
import Testing
import TrafficGenerator

@Suite struct TrafficProfileTests {
    @Test func theExampleIsValidAndComesBackTheSame() throws {
        let example = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../deploy/examples/traffic.json")
        let profile = try TrafficProfile(json: Data(contentsOf: example))
        #expect(profile.streams.map(\.name) == ["acme in", "acme in, IPv6", "globex out"])
        #expect(profile.streams[0].frameSizes == .imix)
        #expect(profile.streams[1].family == .ipv6)
        #expect(profile.streams[2].vlans == [200, 7])
        #expect(profile.streams[2].destinationHosts == .sequential)
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        #expect(try TrafficProfile(json: encoder.encode(profile)) == profile)
    }

    /// What stands in a stream; a part of what is said about it.
    static let faults: [(stream: String, message: String)] = [
        (#""name": "a", "sources": ["192.0.2.1/32"]"#, "streams[0]: 'destinations' is missing"),
        (
            #""name": "a", "destinations": ["10.0.0.0/33"], "sources": ["192.0.2.1/32"]"#,
            "streams[0].destinations[0]: '10.0.0.0/33' is not"
        ),
        (#""name": "a", "destination": "10.0.0.0/8""#, "there is no key 'destination' in a stream"),
        (
            #""name": "a", "destinations": ["10.0.0.0/8"], "sources": ["2001:db8::/32"]"#,
            "sources and destinations differ in family"
        ),
        (#""name": "a", "destinations": ["10.0.0.0/8"], "sources": []"#, "has no sources"),
        (
            #""name": "a", "destinations": ["10.0.0.0/8"], "sources": ["192.0.2.1/32"], "labels": [1048576]"#,
            "streams[0].labels[0]"
        ),
        (
            #""name": "a", "destinations": ["10.0.0.0/8"], "sources": ["192.0.2.1/32"], "vlans": [4095]"#,
            "there is no VLAN 4095"
        ),
        (
            #""name": "a", "destinations": ["10.0.0.0/8"], "sources": ["192.0.2.1/32"], "frame_bytes": 63"#,
            "frame sizes are 64 to 9018"
        ),
        (
            #""name": "a", "destinations": ["10.0.0.0/8"], "sources": ["192.0.2.1/32"], "frame_bytes": "imax""#,
            "'imax' is not \"imix\""
        ),
        (
            #""name": "a", "destinations": ["10.0.0.0/8"], "sources": ["192.0.2.1/32"], "rate": {"pps": 3}"#,
            "a rate is one of packets_per_second"
        ),
        (
            #""name": "a", "destinations": ["10.0.0.0/8"], "sources": ["192.0.2.1/32"], "rate": {"line_rate_percent": 101}"#,
            "101.0 is not a rate"
        ),
    ]

    @Test(arguments: faults.indices) func faultsAreNamedWithTheirPlace(_ index: Int) throws {
        let json = #"{"schema": "stile.traffic.profile/1", "streams": [{\#(Self.faults[index].stream)}]}"#
        let error = try #require(throws: TrafficError.self) { try TrafficProfile(json: Data(json.utf8)) }
        #expect(error.code == .invalidProfile)
        #expect(error.exitCode == .invalidInput)
        #expect(error.message.contains(Self.faults[index].message), "\(error.message)")
    }

    @Test func otherDocumentsAreRefused() throws {
        for text in ["", "[]", "{", #"{"schema": "stile.traffic.profile/2", "streams": []}"#] {
            let error = try #require(throws: TrafficError.self) { try TrafficProfile(json: Data(text.utf8)) }
            #expect(error.code == .invalidProfile)
        }
        let empty = #"{"schema": "stile.traffic.profile/1", "streams": []}"#
        let error = try #require(throws: TrafficError.self) { try TrafficProfile(json: Data(empty.utf8)) }
        #expect(error.code == .nothingToSend)
    }

    @Test func ratesBecomePacketsASecond() throws {
        // RFC 2544's 14,880 frames of 64 octets a second at 10 Mbit/s.
        let full = try StreamRate.lineRatePercent(100).packetsPerSecond(
            meanFrameBytes: 64, lineRateBitsPerSecond: 10_000_000)
        #expect(full.rounded(.down) == 14_880)
        #expect(
            try StreamRate.bitsPerSecond(512_000).packetsPerSecond(meanFrameBytes: 64, lineRateBitsPerSecond: nil)
                == 1000)
        #expect(throws: TrafficError.self) {
            try StreamRate.lineRatePercent(1).packetsPerSecond(meanFrameBytes: 64, lineRateBitsPerSecond: nil)
        }
    }

    @Test(arguments: [
        ("1000", StreamRate.packetsPerSecond(1000)), ("2.5Mpps", .packetsPerSecond(2_500_000)),
        ("800kpps", .packetsPerSecond(800_000)), ("10%", .lineRatePercent(10)), ("1Gbps", .bitsPerSecond(1e9)),
    ]) func ratesAsText(_ text: String, _ rate: StreamRate) { #expect(RateText(text)?.rate == rate) }

    @Test(arguments: ["", "0", "-1", "1Xpps", "Mpps", "101%", "1.2.3pps"])
    func textsThatAreNoRates(_ text: String) { #expect(RateText(text) == nil) }

    @Test func deviceNames() {
        #expect(DeviceName("0000:01:00.0").name == "0000:01:00.0")
        #expect(!DeviceName("0000:01:00.0").isInMemory)
        let memif = DeviceName("net_memif0,role=client,id=0")
        #expect((memif.name, memif.device) == ("net_memif0", "net_memif0,role=client,id=0"))
        let named = DeviceName("ten1/0=net_memif0,role=client")
        #expect((named.name, named.device) == ("ten1/0", "net_memif0,role=client"))
        #expect(named.isInMemory)
    }
}
