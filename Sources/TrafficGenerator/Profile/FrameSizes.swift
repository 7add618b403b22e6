/// The sizes of a stream's frames: Ethernet frames with their frame check sequence, as RFC 2544 §9 counts.
public enum FrameSizes: Hashable, Sendable {
    case fixed(Int)
    case mix([Entry])

    public struct Entry: Codable, Hashable, Sendable {
        /// With the frame check sequence.
        public var bytes: Int
        /// How many of the sum of all weights.
        public var weight: Int

        public init(bytes: Int, weight: Int) {
            self.bytes = bytes
            self.weight = weight
        }
    }

    /// The "simple IMIX": IP packets of 40, 576 and 1,500 octets as 7 : 4 : 1, which are frames of 64 (padded), 594 and
    /// 1,518 octets on untagged Ethernet. It goes back to measurements of the Internet of about 2000; RFC 6985 is about
    /// naming such mixes.
    public static let imix = FrameSizes.mix([
        Entry(bytes: 64, weight: 7), Entry(bytes: 594, weight: 4), Entry(bytes: 1518, weight: 1),
    ])

    /// RFC 2544 §9.1, for Ethernet.
    public static let rfc2544 = [64, 128, 256, 512, 1024, 1280, 1518]

    public static let range = 64...9018

    public var entries: [Entry] {
        switch self {
        case .fixed(let bytes): [Entry(bytes: bytes, weight: 1)]
        case .mix(let entries): entries
        }
    }
}

extension FrameSizes: Codable {
    /// A number, the word "imix", or an array of `{"bytes", "weight"}`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let bytes = try? container.decode(Int.self) {
            self = .fixed(bytes)
        } else if let word = try? container.decode(String.self) {
            guard word == "imix" else {
                throw DecodingError.dataCorruptedError(
                    in: container,
                    debugDescription: "'\(word)' is not \"imix\", a number of octets or an array of sizes")
            }
            self = .imix
        } else {
            self = .mix(try container.decode([Entry].self))
        }
        guard !entries.isEmpty, entries.allSatisfy({ Self.range.contains($0.bytes) && (1...1000).contains($0.weight) })
        else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "frame sizes are 64 to 9018 octets with weights of 1 to 1000")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .imix: try container.encode("imix")
        case .fixed(let bytes): try container.encode(bytes)
        case .mix(let entries): try container.encode(entries)
        }
    }
}
