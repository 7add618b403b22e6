import Foundation

/// Ethernet frames from a capture file in pcap's classic format, of either byte order.
enum CaptureFile {
    /// Octets of a frame without FCS: from an Ethernet header to what a buffer holds.
    private static let lengths = 14...FrameStore.maximumBytes

    static func read(_ path: String) throws -> [[UInt8]] {
        guard FileManager.default.fileExists(atPath: path) else {
            throw Options.Refusal(description: "\(path): no such file")
        }
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
        guard bytes.count >= 24 else { throw Options.Refusal(description: "\(path): too short for a pcap file") }
        let isBig = magics.contains(word(0, true))
        guard isBig || magics.contains(word(0, false)) else {
            throw Options.Refusal(description: "\(path): not a pcap file (pcapng is not read: editcap -F pcap)")
        }
        guard word(20, isBig) & 0xFFFF == 1 else {
            throw Options.Refusal(description: "\(path): not a capture of Ethernet frames")
        }
        var frames: [[UInt8]] = []
        var offset = 24
        // A frame that is left out would be one that another router is given and this one is not.
        func refuse(_ reason: String) -> Options.Refusal {
            Options.Refusal(description: "\(path): frame \(frames.count + 1) \(reason)")
        }
        while offset < bytes.count {
            guard bytes.count - offset >= 16 else { throw refuse("ends inside its record's header: a truncated file") }
            let captured = Int(word(offset + 8, isBig))
            let original = Int(word(offset + 12, isBig))
            offset += 16
            guard captured <= bytes.count - offset else {
                throw refuse("has \(captured) octets, of which \(bytes.count - offset) are there: a truncated file")
            }
            guard captured >= original else {
                throw refuse("was captured with \(captured) of its \(original) octets: whole ones are needed")
            }
            guard lengths.contains(captured) else {
                throw refuse("has \(captured) octets: \(lengths.lowerBound) to \(lengths.upperBound) are measured")
            }
            frames.append(Array(bytes[offset..<(offset + captured)]))
            offset += captured
        }
        guard !frames.isEmpty else { throw Options.Refusal(description: "\(path): no frame") }
        return frames
    }

    /// Writes frames as a capture without times, in this machine's byte order.
    static func write(_ frames: [[UInt8]], to path: String) throws {
        var data = Data()
        func append(_ words: [UInt32]) { words.withUnsafeBytes { data.append(contentsOf: $0) } }
        // Version 2.4 as two halves, no time zone, no accuracy, whole frames, Ethernet.
        append([0xA1B2_C3D4, 4 << 16 | 2, 0, 0, 65_535, 1])
        for frame in frames {
            append([0, 0, UInt32(frame.count), UInt32(frame.count)])
            data.append(contentsOf: frame)
        }
        try data.write(to: URL(fileURLWithPath: path))
    }
}
