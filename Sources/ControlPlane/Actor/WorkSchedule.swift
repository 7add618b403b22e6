import NIOCore

/// What the process does by the clock, and what it goes on with in a moment; until it stops.
final class WorkSchedule {
    private let eventLoop: any EventLoop
    private var ticks: [RepeatedTask] = []
    private var goOn: (@Sendable (Portion) -> Void)?
    private var pace = PollPace()
    /// What is to go on when the pause is over, in the order in which it was asked for.
    private var portions: [Portion] = []
    private var isPauseScheduled = false
    /// Whether routes that found no room are being placed, since there is some.
    private(set) var isPlacingRoutes = false
    private(set) var isStopped = false

    /// Much that is done a portion at a time.
    enum Portion {
        /// Routes that are removed, looked at again, or settled.
        case routes
        /// Labels that are installed and removed.
        case labels
        /// Routes that neighbors are sent.
        case output
    }

    /// Between two portions of many routes or labels: a little time for everything else. It begins when the portions of all kinds are
    /// done: an event loop reads from no socket as long as a task is due, and of two that pause apart one always would be.
    private static let pause = TimeAmount.milliseconds(1)

    init(eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    /// Goes on with a portion, whenever one is due.
    func everyPortion(_ goOn: @escaping @Sendable (Portion) -> Void) { self.goOn = goOn }

    /// Does the work again and again, from now on.
    func every(_ interval: TimeAmount, _ work: @escaping @Sendable () -> Void) {
        ticks.append(
            eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in work() })
    }

    func stop() {
        isStopped = true
        for tick in ticks { tick.cancel() }
        ticks = []
    }

    /// Looks again for what has come, after a pause that is shorter while much comes.
    func pollAgain(_ poll: @escaping @Sendable () -> Void) { eventLoop.scheduleTask(in: pace.nextPause(), poll) }

    /// Something has come that is not to wait, or all that is taken at once.
    func hurry() { pace.hurry() }

    /// Does another portion when what has come in meanwhile has been dealt with.
    func goOnSoon(with portion: Portion) {
        guard !portions.contains(portion) else { return }
        portions.append(portion)
        if !isPauseScheduled { schedulePause() }
    }

    private func schedulePause() {
        isPauseScheduled = true
        eventLoop.assumeIsolated().scheduleTask(in: Self.pause) {
            let due = self.portions
            self.portions = []
            for portion in due where !self.isStopped { self.goOn?(portion) }
            self.isPauseScheduled = false
            if !self.portions.isEmpty { self.schedulePause() }
        }
    }

    /// Routes that found no room have been tried again, and there is or is not more to be tried at once.
    func goOnPlacingRoutes(_ isMoreToBeTried: Bool) { isPlacingRoutes = isMoreToBeTried }
}
