/// How much of a stream is offered.
public enum StreamRate: Hashable, Sendable {
    case packetsPerSecond(Double)
    /// Of the link, in layer-1 terms: each frame with its preamble and the gap behind it.
    case lineRatePercent(Double)
    /// Of layer 2: frames with their frame check sequence.
    case bitsPerSecond(Double)

    /// Preamble, start frame delimiter and inter-packet gap of Ethernet (IEEE 802.3), in octets.
    public static let layer1OverheadBytes = 20.0

    /// Packets a second.
    ///
    /// - Parameters:
    ///   - meanFrameBytes: with the frame check sequence.
    ///   - lineRateBitsPerSecond: `nil` where the device has no line rate.
    /// - Throws: `TrafficError` for a percentage without a line rate.
    public func packetsPerSecond(meanFrameBytes: Double, lineRateBitsPerSecond: Double?) throws(TrafficError) -> Double
    {
        switch self {
        case .packetsPerSecond(let rate): return rate
        case .bitsPerSecond(let rate): return rate / (meanFrameBytes * 8)
        case .lineRatePercent(let percent):
            guard let lineRateBitsPerSecond else {
                throw TrafficError(
                    .invalidProfile, "a rate in percent wants a line rate, and a device in memory has none",
                    hint: "give --line-rate BITS, or a rate in packets_per_second or bits_per_second")
            }
            return percent / 100 * lineRateBitsPerSecond / ((meanFrameBytes + Self.layer1OverheadBytes) * 8)
        }
    }

    var value: Double {
        switch self {
        case .packetsPerSecond(let value), .lineRatePercent(let value), .bitsPerSecond(let value): value
        }
    }
}

extension StreamRate: Codable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case packetsPerSecond, lineRatePercent, bitsPerSecond
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let given = container.allKeys
        guard given.count == 1, let key = given.first else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath,
                    debugDescription: "a rate is one of packets_per_second, line_rate_percent and bits_per_second"))
        }
        let value = try container.decode(Double.self, forKey: key)
        guard value > 0, value.isFinite, key != .lineRatePercent || value <= 100 else {
            throw DecodingError.dataCorruptedError(
                forKey: key, in: container, debugDescription: "\(value) is not a rate")
        }
        switch key {
        case .packetsPerSecond: self = .packetsPerSecond(value)
        case .lineRatePercent: self = .lineRatePercent(value)
        case .bitsPerSecond: self = .bitsPerSecond(value)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .packetsPerSecond(let value): try container.encode(value, forKey: .packetsPerSecond)
        case .lineRatePercent(let value): try container.encode(value, forKey: .lineRatePercent)
        case .bitsPerSecond(let value): try container.encode(value, forKey: .bitsPerSecond)
        }
    }
}
