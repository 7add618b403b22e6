import Testing
import TrafficGenerator

/// The worked example of RFC 9971's appendix: four goals, six points in time, one load of a million frames a second.
///
/// For the goal "20% exceed" at points 5 and 6 the RFC's tables give exceed ratios of 42.857 % and 27.273 %, above the
/// goal's 20 %, and call the load a lower bound all the same; by the RFC's own code it is an upper bound, and the code is
/// what is followed.
@Suite struct LoadClassificationTests {
    static let goals = [
        SearchGoal(name: "RFC2544", lossRatio: 0, finalTrialSeconds: 60, durationSumSeconds: 60, exceedRatio: 0),
        SearchGoal(name: "TST009", lossRatio: 0, finalTrialSeconds: 60, durationSumSeconds: 120, exceedRatio: 0.5),
        SearchGoal(name: "1s final", lossRatio: 0.005, finalTrialSeconds: 1, durationSumSeconds: 120, exceedRatio: 0.5),
        SearchGoal(
            name: "20% exceed", lossRatio: 0.005, finalTrialSeconds: 60, durationSumSeconds: 60, exceedRatio: 0.2),
    ]

    private static func trials(_ count: Int, _ seconds: Double, _ lossRatio: Double) -> [SearchTrial] {
        Array(repeating: SearchTrial(durationSeconds: seconds, lossRatio: lossRatio), count: count)
    }

    static let points: [(trials: [SearchTrial], classes: [LoadClassification])] = [
        (trials(59, 1, 0), [.undecided, .undecided, .undecided, .undecided]),
        (trials(59, 1, 0) + trials(1, 1, 0.01), [.upperBound, .undecided, .undecided, .undecided]),
        (trials(59, 1, 0) + trials(60, 1, 0.01), [.upperBound, .undecided, .undecided, .upperBound]),
        (trials(60, 1, 0) + trials(60, 1, 0.01), [.upperBound, .undecided, .lowerBound, .upperBound]),
        (
            trials(60, 1, 0) + trials(60, 1, 0.01) + trials(1, 60, 0.001),
            [.upperBound, .undecided, .lowerBound, .upperBound]
        ),
        (
            trials(60, 1, 0) + trials(60, 1, 0.01) + trials(1, 60, 0.001) + trials(1, 60, 0),
            [.upperBound, .lowerBound, .lowerBound, .upperBound]
        ),
    ]

    @Test(arguments: points.indices) func classifiesAsTheExampleDoes(_ index: Int) {
        let point = Self.points[index]
        for (number, goal) in Self.goals.enumerated() {
            #expect(goal.classify(point.trials) == point.classes[number], "point \(index + 1), \(goal.name)")
        }
    }

    @Test func conditionalThroughputIsThatOfTheExample() {
        let trials = Self.points[5].trials
        let throughputs = Self.goals[1...].map { $0.conditionalThroughput(load: 1e6, trials: trials) }
        #expect(abs(throughputs[0] - 1e6) < 1e-3)
        #expect(abs(throughputs[1] - 1e6) < 1e-3)
        #expect(abs(throughputs[2] - 999_000) < 1e-3)
    }

    @Test func aLoadWithoutTrialsIsUndecided() {
        for goal in Self.goals { #expect(goal.classify([]) == .undecided) }
    }

    @Test func conditionalThroughputCountsWhatWasNotMeasuredAsLost() {
        #expect(SearchGoal.ndr.conditionalThroughput(load: 1e6, trials: Self.trials(3, 1, 0)) == 0)
    }

    @Test func faultsOfGoalsAreNamed() {
        var goal = SearchGoal.ndr
        #expect(goal.fault == nil)
        goal.exceedRatio = 1
        #expect(goal.fault?.contains("exceed") == true)
        goal = .ndr
        goal.durationSumSeconds = 0.5
        #expect(goal.fault?.contains("duration sum") == true)
        goal = .ndr
        goal.lossRatio = -0.1
        #expect(goal.fault?.contains("loss ratio") == true)
        goal = .ndr
        goal.relativeWidth = 0
        #expect(goal.fault?.contains("width") == true)
    }
}
