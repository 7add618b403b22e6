import Addressing
import Testing
import TrafficGenerator

@Suite struct AttackMixTests {
    private func valid() throws -> TrafficProfile {
        TrafficProfile(streams: [
            StreamProfile(
                name: "valid", labels: [try #require(MPLSLabel(rawValue: 1001))], family: .ipv4,
                destinations: [try #require(IPPrefix("10.1.0.0/24"))],
                sources: [try #require(IPPrefix("192.168.0.0/24"))], rate: .packetsPerSecond(1000))
        ])
    }

    private func rate(_ stream: StreamProfile) throws -> Double {
        try stream.rate.packetsPerSecond(meanFrameBytes: 64, lineRateBitsPerSecond: nil)
    }

    @Test func theAttackHasItsShareAndTheValidStreamsKeepTheirs() throws {
        let mix = AttackMix(kinds: AttackKind.allCases, share: 0.75)
        let profile = try mix.profile(from: valid(), validPacketsPerSecond: 1000)
        try profile.check()
        #expect(profile.streams.count == 1 + AttackKind.allCases.count)
        let attack = try profile.streams.filter { $0.attack != nil }.reduce(0) { try $0 + rate($1) }
        #expect(abs(attack - 3000) < 0.01)
        #expect(try rate(profile.streams[0]) == 1000)
    }

    @Test func eachKindIsWhatItSays() throws {
        let mix = AttackMix(kinds: AttackKind.allCases, share: 0.5)
        let profile = try mix.profile(from: valid(), validPacketsPerSecond: 1000)
        let streams = Dictionary(
            uniqueKeysWithValues: profile.streams.compactMap { one in one.attack.map { ($0, one) } })
        let spoofed = try #require(streams[.spoofedLabel])
        #expect(spoofed.spoofedLabels.count == AttackMix.spoofedLabelCount)
        #expect(spoofed.spoofedLabels.allSatisfy { !$0.isReserved && $0.rawValue != 1001 })
        #expect(try #require(streams[.reservedLabel]).spoofedLabels.map(\.rawValue) == Array(0..<16))
        #expect(try #require(streams[.labelDepth]).labels.map(\.rawValue) == [1001, 1001])
        #expect(try #require(streams[.unlabelled]).labels.isEmpty)
        let sources = try #require(streams[.spoofedSource]).sources
        #expect(sources != profile.streams[0].sources)
    }

    @Test func noAttackIsTheProfileItself() throws {
        let mix = AttackMix(kinds: AttackKind.allCases, share: 0)
        #expect(try mix.profile(from: valid(), validPacketsPerSecond: 1000) == valid())
    }

    @Test func anUnlabelledProfileCannotBeAttacked() throws {
        var profile = try valid()
        profile.streams[0].labels = []
        let error = try #require(throws: TrafficError.self) {
            try AttackMix(kinds: [.spoofedLabel], share: 0.5).profile(from: profile, validPacketsPerSecond: 1)
        }
        #expect(error.code == .nothingToSend)
    }

    @Test func leaksAreCountedByKindAndAreNotGoodput() {
        func stream(_ attack: AttackKind?, _ offered: UInt64, _ received: UInt64) -> StreamResult {
            StreamResult(
                name: "s", vrf: nil, attack: attack, offeredPackets: offered, refusedPackets: 0,
                receivedPackets: received, duplicatePackets: 0, reorderedPackets: 0,
                largestReorderingDistancePackets: 0, beyondWindowPackets: 0, latency: nil)
        }
        let trial = TrialResult(
            input: TrialInput(loadPacketsPerSecond: 3000, durationSeconds: 1), transmitSeconds: 2, unsentPackets: 0,
            foreignPackets: 0, answeredNeighborRequests: 0, isGeneratorLimited: false, wasInterrupted: false,
            streams: [stream(nil, 1000, 900), stream(.labelDepth, 500, 0), stream(.spoofedSource, 500, 7)])
        let result = AttackResult(share: 0.5, trial: trial)
        #expect(result.goodputPacketsPerSecond == 450)
        #expect(abs(result.goodputRatio - 0.9) < 1e-9)
        #expect(result.leakedTotal == 7)
        #expect(result.leakedPackets == ["label_depth": 0, "spoofed_source": 7])
    }
}
