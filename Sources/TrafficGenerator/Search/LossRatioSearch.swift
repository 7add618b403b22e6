/// Multiple Loss Ratio search (RFC 9971): the Controller. A state machine that says which trial comes next, takes its
/// result, and ends with a result for each goal. It knows no clock and no device.
///
/// Which loads to try is left to implementations by the RFC; here:
/// 1. A short trial at the maximum load, then one at the rate that came through there.
/// 2. For each goal in turn, first with short trials of which one decides, until the bounds are within four times the
///    goal's width, then with trials of the final duration until they are within the width.
/// 3. Without a lower bound the load goes down by steps that double; without an upper bound up, likewise; between two
///    bounds it is their geometric mean. Bounds from short trials are the first guesses for long ones.
/// All trials at a load count for all goals.
public struct LossRatioSearch: Sendable {
    public let goals: [SearchGoal]
    public let minimumPacketsPerSecond: Double
    /// Falls when the generator turns out not to reach it.
    public private(set) var maximumPacketsPerSecond: Double
    public private(set) var isGeneratorLimited = false
    /// By load in whole packets a second.
    public private(set) var trials: [Int: [SearchTrial]] = [:]
    public private(set) var trialCount = 0

    /// Goals with the one for the approach before the one for the result.
    private var stages: [Stage] = []
    private var stageIndex = 0
    private var isInitial = true
    /// The rate that came through at the maximum load, as the first guess.
    private var guess: Int?
    /// The trial that the generator could not perform and is to try again.
    private var retry: TrialInput?
    private var retryCount = 0
    private var bestReached = 0.0
    private var isGivenUp = false
    /// A device whose loss depends on nothing could keep a search going without end.
    private let largestTrialCount: Int

    private struct Stage {
        var goal: SearchGoal
        var isApproach: Bool
        /// Loads to try before anything else, from the approach.
        var guesses: [Int] = []
        /// Steps down and up while a bound is missing, as multiples of the width.
        var downSteps = 1.0
        var upSteps = 1.0
    }

    /// - Parameters:
    ///   - goals: without a fault.
    ///   - minimumPacketsPerSecond: at least one packet in the shortest trial.
    public init(
        goals: [SearchGoal], minimumPacketsPerSecond: Double, maximumPacketsPerSecond: Double,
        largestTrialCount: Int = 20_000
    ) {
        self.goals = goals
        self.minimumPacketsPerSecond = max(minimumPacketsPerSecond.rounded(.up), 1)
        self.maximumPacketsPerSecond = max(maximumPacketsPerSecond.rounded(.down), self.minimumPacketsPerSecond)
        self.largestTrialCount = largestTrialCount
        stages = goals.flatMap { [Stage(goal: $0.approach, isApproach: true), Stage(goal: $0, isApproach: false)] }
    }

    /// The next trial; `nil` when the search is over.
    public mutating func nextTrial() -> TrialInput? {
        guard !isGivenUp, trialCount < largestTrialCount else { return nil }
        if let retry { return retry }
        while stageIndex < stages.count {
            if isInitial {
                return input(load: Int(maximumPacketsPerSecond), goal: stages[0].goal)
            }
            if let load = nextLoad() { return input(load: load, goal: stages[stageIndex].goal) }
            finishStage()
        }
        return nil
    }

    /// Takes the result of the trial that `nextTrial` asked for.
    public mutating func add(_ result: TrialResult) {
        trialCount += 1
        guard let intended = result.input.loadPacketsPerSecond else { return }
        if result.isGeneratorLimited {
            repeatOrLower(result, intended: intended)
            return
        }
        retry = nil
        retryCount = 0
        bestReached = 0
        let load = Int(intended)
        trials[load, default: []].append(
            SearchTrial(durationSeconds: result.input.durationSeconds, lossRatio: result.lossRatio))
        if isInitial {
            isInitial = false
            guess = clamp(Double(load) * (1 - result.lossRatio))
        }
    }

    /// The load was not what it should have been, so the trial says nothing of the device. It may have been another
    /// process that had the processor: only when the generator fails time and again is the load beyond it.
    private mutating func repeatOrLower(_ result: TrialResult, intended: Double) {
        bestReached = max(bestReached, min(result.offeredPacketsPerSecond, intended))
        let hasReachedIt = Double(trials.keys.max() ?? 0) >= intended
        if retryCount < (hasReachedIt ? Self.largestRetryCountOfReachable : Self.largestRetryCount) {
            retryCount += 1
            retry = result.input
            return
        }
        isGeneratorLimited = true
        let reachable = max((bestReached * Self.reachableShare).rounded(), minimumPacketsPerSecond)
        let lowered = max(reachable, Double(trials.keys.max() ?? 0))
        // Where it reached more before, there is no telling what it can do.
        if lowered < intended { maximumPacketsPerSecond = lowered } else { isGivenUp = true }
        retry = nil
        retryCount = 0
        bestReached = 0
    }

    /// Of a load that the generator reached at best, what it is taken to reach always.
    private static let reachableShare = 0.97
    private static let largestRetryCount = 3
    /// At a load that it has reached before, or below one: there is something else in its way.
    private static let largestRetryCountOfReachable = 12

    /// A result for each goal, in their order. Before the end of the search, what is known so far.
    public var results: [GoalResult] {
        goals.enumerated().map { number, goal in
            let (lower, upper) = bounds(goal)
            let irregularity: GoalResult.Irregularity?
            if stageIndex < 2 * number + 2 {
                irregularity = isGivenUp ? .generatorLimited : .unfinished
            } else if upper == nil {
                irregularity = isGeneratorLimited ? .generatorLimited : .maximumLoad
            } else {
                irregularity = lower == nil ? .minimumLoad : nil
            }
            return GoalResult(
                goal: goal, relevantLowerBoundPacketsPerSecond: lower.map(Double.init),
                relevantUpperBoundPacketsPerSecond: upper.map(Double.init),
                conditionalThroughputPacketsPerSecond: lower.map {
                    goal.conditionalThroughput(load: Double($0), trials: trials[$0] ?? [])
                }, irregularity: irregularity)
        }
    }

    /// The relevant bounds: the smallest upper bound, and the greatest lower bound below it.
    private func bounds(_ goal: SearchGoal) -> (lower: Int?, upper: Int?) {
        let classified = trials.mapValues { goal.classify($0) }
        let upper = classified.filter { $0.value == .upperBound }.keys.min()
        let lower = classified.filter { $0.value == .lowerBound && $0.key < upper ?? .max }.keys.max()
        return (lower, upper)
    }

    private func input(load: Int, goal: SearchGoal) -> TrialInput {
        TrialInput(loadPacketsPerSecond: Double(load), durationSeconds: goal.finalTrialSeconds)
    }

    private func clamp(_ load: Double) -> Int {
        Int(min(max(load.rounded(), minimumPacketsPerSecond), maximumPacketsPerSecond))
    }

    /// The load of the next trial of the stage; `nil` when its bounds are close enough or cannot get any closer.
    private mutating func nextLoad() -> Int? {
        var stage = stages[stageIndex]
        defer { stages[stageIndex] = stage }
        let goal = stage.goal
        while let guess = stage.guesses.first {
            let (lower, upper) = bounds(goal)
            let isUndecided = goal.classify(trials[guess] ?? []) == .undecided
            if isUndecided, guess > lower ?? 0, guess < upper ?? .max, Double(guess) <= maximumPacketsPerSecond {
                return guess
            }
            stage.guesses.removeFirst()
        }
        let (lower, upper) = bounds(goal)
        let load: Int
        switch (lower, upper) {
        case (nil, nil):
            // The first guess is undecided as long as it is returned here.
            load = clamp(Double(guess ?? Int(maximumPacketsPerSecond)))
        case (nil, .some(let upper)):
            guard Double(upper) > minimumPacketsPerSecond else { return nil }
            var next = undecidedBelow(upper, goal)
            if next == nil {
                next = guess.flatMap { $0 < upper && stage.isApproach ? $0 : nil }
            }
            if next == nil {
                next = min(clamp(Double(upper) * max(1 - stage.downSteps * goal.relativeWidth, 0.5)), upper - 1)
                stage.downSteps *= 2
            }
            load = max(next ?? upper - 1, Int(minimumPacketsPerSecond))
        case (.some(let lower), nil):
            guard Double(lower) < maximumPacketsPerSecond else { return nil }
            if let open = undecidedAbove(lower, goal) {
                load = open
            } else {
                load = max(clamp(Double(lower) * (1 + stage.upSteps * goal.relativeWidth)), lower + 1)
                stage.upSteps *= 2
            }
        case (.some(let lower), .some(let upper)):
            guard upper - lower > 1, Double(upper - lower) > goal.relativeWidth * Double(upper) else { return nil }
            let middle = (Double(lower) * Double(upper)).squareRoot()
            load = undecided(between: lower, and: upper, goal) ?? min(max(Int(middle.rounded()), lower + 1), upper - 1)
        }
        return load
    }

    /// Loads at which the goal's own trials have begun are finished before others are begun.
    private func undecided(between lower: Int, and upper: Int, _ goal: SearchGoal) -> Int? {
        trials.filter { load, trials in
            load > lower && load < upper && goal.classify(trials) == .undecided
                && trials.contains { $0.durationSeconds >= goal.finalTrialSeconds }
        }.keys.min()
    }

    private func undecidedBelow(_ upper: Int, _ goal: SearchGoal) -> Int? {
        undecided(between: Int(minimumPacketsPerSecond) - 1, and: upper, goal)
    }

    private func undecidedAbove(_ lower: Int, _ goal: SearchGoal) -> Int? {
        undecided(between: lower, and: Int(maximumPacketsPerSecond) + 1, goal)
    }

    /// Goes on to the next stage; an approach leaves its bounds as guesses, the lower first.
    private mutating func finishStage() {
        let stage = stages[stageIndex]
        let (lower, upper) = bounds(stage.goal)
        stageIndex += 1
        guard stageIndex < stages.count, stage.isApproach else { return }
        stages[stageIndex].guesses = [lower, upper].compactMap { $0 }
    }
}

extension LossRatioSearch {
    /// Runs the search on a measurer.
    ///
    /// - Parameter note: called after each trial.
    public mutating func run(
        on measurer: inout some TrialMeasurer, note: (TrialResult, LossRatioSearch) -> Void = { _, _ in }
    ) throws {
        while let input = nextTrial() {
            let result = try measurer.measure(input)
            if result.wasInterrupted { throw TrafficError(.interrupted, "interrupted") }
            add(result)
            note(result, self)
        }
    }
}
