import NIOCore

/// When the rings of the data plane and the kernel's packets are looked at again. Nobody wakes the process for them: a
/// worker makes no system call.
///
/// A packet that comes is most often part of an exchange (a neighbor's resolution, BGP's TCP), whose next packet is not
/// to wait. When nothing has come for a while, a look every millisecond finds nothing and costs 4 % of a core.
public struct PollPace: Sendable {
    /// Looks without anything before the pace slows down. On a round trip that takes longer, an idle pause is little.
    private static let patience = 20
    private static let busyPause = TimeAmount.milliseconds(1)
    /// What an exchange's first packet may wait: no more than a ping shows. The rings have room for what comes meanwhile.
    private static let idlePause = TimeAmount.milliseconds(5)

    private var looksLeft = Self.patience

    public init() {}

    /// Something has come that is not to wait, or all that is taken at once.
    public mutating func hurry() { looksLeft = Self.patience }

    /// How long until the next look.
    public mutating func nextPause() -> TimeAmount {
        guard looksLeft > 0 else { return Self.idlePause }
        looksLeft -= 1
        return Self.busyPause
    }
}
