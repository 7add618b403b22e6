import Glibc

/// A capture file (libpcap's format 2.4, microseconds, Ethernet), whole in memory.
enum PcapFile {
    private static let magic: UInt32 = 0xA1B2_C3D4
    private static let headerBytes = 24
    private static let recordHeaderBytes = 16

    static func write(_ frames: [[UInt8]], to path: String) -> Bool {
        var octets = words([magic, 4 << 16 | 2, 0, 0, 65535, 1])
        for frame in frames { octets += words([0, 0, UInt32(frame.count), UInt32(frame.count)]) + frame }
        guard let file = fopen(path, "w") else { return false }
        defer { fclose(file) }
        return fwrite(octets, 1, octets.count, file) == octets.count
    }

    /// The frames that are complete in the file so far.
    static func read(_ path: String) -> [[UInt8]] {
        guard let file = fopen(path, "r") else { return [] }
        defer { fclose(file) }
        var octets: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { octets += chunk[..<count] }
        var frames: [[UInt8]] = []
        var offset = headerBytes
        while offset + recordHeaderBytes <= octets.count {
            let length = (0..<4).reduce(0) { $0 | Int(octets[offset + 8 + $1]) << (8 * $1) }
            let start = offset + recordHeaderBytes
            guard start + length <= octets.count else { break }
            frames.append(Array(octets[start..<start + length]))
            offset = start + length
        }
        return frames
    }

    private static func words(_ words: [UInt32]) -> [UInt8] {
        words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
    }
}
