/// The greatest load that a search may ask for.
enum LoadLimit {
    /// More than any generator of one core reaches; a search on devices in memory comes down from it to what the
    /// generator can offer.
    static let inMemoryPacketsPerSecond = 30e6

    /// - Parameters:
    ///   - text: what the user says; the line rate otherwise.
    /// - Throws: `TrafficError` for a text that is not a rate.
    static func packetsPerSecond(_ text: String?, _ generator: Generator) throws(TrafficError) -> Double {
        guard let text else { return generator.lineRatePacketsPerSecond ?? inMemoryPacketsPerSecond }
        return try packetsPerSecond(text, of: generator)
    }

    /// A rate of all streams together.
    static func packetsPerSecond(_ text: String, of generator: Generator) throws(TrafficError) -> Double {
        guard let rate = RateText(text)?.rate else {
            throw TrafficError(
                .invalidOptions, "'\(text)' is not a rate", hint: "such as 2.5Mpps, 800kpps, 1Gbps or 10%")
        }
        let weights = generator.profile.streams.map(\.meanFrameBytes)
        let mean = weights.reduce(0, +) / Double(max(weights.count, 1))
        if case .lineRatePercent(let percent) = rate, let full = generator.lineRatePacketsPerSecond {
            return full * percent / 100
        }
        return try rate.packetsPerSecond(meanFrameBytes: mean, lineRateBitsPerSecond: nil)
    }
}
