import Foundation
import SeededRandom
import Testing
import TrafficGenerator

@Suite struct CaptureFileTests {
    /// A file with frames of the given lengths, a millisecond apart.
    private func file(
        _ lengths: [Int], isBigEndian: Bool = false, magic: UInt32 = 0xA1B2_C3D4, linkType: UInt32 = 1,
        unitsApart: UInt32 = 1000
    ) -> Data {
        func number(_ value: UInt32) -> [UInt8] {
            withUnsafeBytes(of: isBigEndian ? value.bigEndian : value.littleEndian) { Array($0) }
        }
        let versions: [UInt8] = isBigEndian ? [0, 2, 0, 4] : [2, 0, 4, 0]
        var octets = number(magic) + versions + number(0) + number(0) + number(65535) + number(linkType)
        for (index, length) in lengths.enumerated() {
            octets += number(1_700_000_000) + number(UInt32(index) * unitsApart) + number(UInt32(length))
            octets += number(UInt32(length)) + [UInt8](repeating: UInt8(index), count: length)
        }
        return Data(octets)
    }

    @Test func readsBothOrdersOfOctetsAndBothUnitsOfTime() throws {
        for isBigEndian in [false, true] {
            for (magic, nanoseconds) in [(UInt32(0xA1B2_C3D4), UInt64(1_000_000)), (0xA1B2_3C4D, 1000)] {
                let capture = try CaptureFile(octets: file([60, 1514, 64], isBigEndian: isBigEndian, magic: magic))
                #expect(capture.frames.map(\.octets.count) == [60, 1514, 64])
                #expect(capture.frames.map(\.afterNanoseconds) == [0, nanoseconds, 2 * nanoseconds])
                #expect(capture.frames[1].octets.allSatisfy { $0 == 1 })
            }
        }
    }

    @Test func faultsAreNamed() throws {
        var tooLong = file([60])
        tooLong[32] = 61
        let faults: [(Data, String)] = [
            (Data(), "0 octets"),
            (Data(count: 24), "magic number is 0x0"),
            (Data([0x0A, 0x0D, 0x0D, 0x0A]) + Data(count: 40), "pcapng"),
            (file([60], linkType: 113), "link type is 113"),
            (file([]), "no frames"),
            (file([60]).dropLast(), "frame 1 at octet 24: the file ends within it"),
            (file([60, 60]).dropLast(70), "frame 2 at octet 100: the header is cut short"),
            (file([13]), "13 octets are no Ethernet frame"),
            (tooLong, "61 of 60 octets were captured"),
        ]
        for (data, message) in faults {
            let error = try #require(throws: TrafficError.self) { try CaptureFile(octets: data) }
            #expect(error.code == .invalidCapture)
            #expect(error.message.contains(message), "\(error.message)")
        }
    }

    @Test func damagedFilesAreRefusedOrRead() throws {
        var random = SeededGenerator()
        let whole = file([60, 200, 64])
        for _ in 0..<5000 {
            var data = whole.prefix(random.below(whole.count + 1))
            for _ in 0..<random.below(6) where !data.isEmpty {
                data[data.startIndex + random.below(data.count)] = UInt8(truncatingIfNeeded: random.next())
            }
            guard let capture = try? CaptureFile(octets: Data(data)) else { continue }
            #expect(capture.frames.reduce(0) { $0 + $1.octets.count } < data.count)
        }
    }

    @Test func replayKeepsTheCapturesPaceOrItsOwn() throws {
        let capture = try CaptureFile(octets: file([60, 60, 60]))
        let captured = Replay(capture: capture, pace: .captured(speed: 2), rounds: 2).schedule
        #expect(captured.dueNanoseconds == [0, 500_000, 1_000_000])
        #expect(captured.roundNanoseconds == 1_500_000)
        let fixed = Replay(capture: capture, pace: .packetsPerSecond(1000), rounds: 1).schedule
        #expect(fixed.dueNanoseconds == [0, 1_000_000, 2_000_000])
        #expect(fixed.roundNanoseconds == 3_000_000)
    }
}
