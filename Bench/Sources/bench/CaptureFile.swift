import Foundation

/// Ethernet frames from a capture file in pcap's classic format, of either byte order.
enum CaptureFile {
    static func read(_ path: String) throws -> [[UInt8]] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Options.Refusal(description: "\(path): cannot be read")
        }
        let bytes = [UInt8](data)
        func word(_ offset: Int, _ isBig: Bool) -> UInt32 {
            let octets = bytes[offset..<(offset + 4)]
            return (isBig ? Array(octets) : octets.reversed()).reduce(0) { $0 << 8 | UInt32($1) }
        }
        // Microseconds and nanoseconds have magic numbers of their own; the times are not used.
        let magics: Set<UInt32> = [0xA1B2_C3D4, 0xA1B2_3C4D]
        guard bytes.count >= 24 else { throw Options.Refusal(description: "\(path): too short for a capture file") }
        let isBig = magics.contains(word(0, true))
        guard isBig || magics.contains(word(0, false)) else {
            throw Options.Refusal(description: "\(path): not a pcap file (pcapng is not read: editcap -F pcap)")
        }
        guard word(20, isBig) & 0xFFFF == 1 else {
            throw Options.Refusal(description: "\(path): not a capture of Ethernet frames")
        }
        var frames: [[UInt8]] = []
        var offset = 24
        while offset + 16 <= bytes.count {
            let captured = Int(word(offset + 8, isBig))
            offset += 16
            guard captured <= bytes.count - offset else { break }
            if (14...FrameStore.maximumBytes).contains(captured) {
                frames.append(Array(bytes[offset..<(offset + captured)]))
            }
            offset += captured
        }
        guard !frames.isEmpty else { throw Options.Refusal(description: "\(path): no frame of usable length") }
        return frames
    }
}
