import Foundation

/// Progress on standard error, one line for each piece of news.
struct ProgressLine: Sendable {
    let isQuiet: Bool

    func say(_ text: String) {
        guard !isQuiet else { return }
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }

    func show(_ progress: TrialProgress) {
        say(Self.text(progress))
    }

    static func text(_ progress: TrialProgress) -> String {
        func rate(_ packets: UInt64) -> String {
            String(format: "%.4f", Double(packets) / max(progress.intervalSeconds, 0.001) / 1e6)
        }
        var text = String(format: "%6.1f s", progress.elapsedSeconds)
        text += "  offered \(rate(progress.offeredPackets)) Mpps  received \(rate(progress.receivedPackets)) Mpps"
        if progress.refusedPackets > 0 { text += "  refused \(progress.refusedPackets)" }
        if progress.unsentPackets > 0 { text += "  not sent in time \(progress.unsentPackets)" }
        return text
    }
}
