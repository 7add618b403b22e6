import Testing
import TrafficGenerator

@Suite struct StreamScheduleTests {
    @Test(arguments: [[1.0], [1, 1], [7, 4, 1], [1000, 1], [0.3, 0.3, 0.4], [5, 5, 5, 5, 5]])
    func sharesAreTheWeights(_ weights: [Double]) {
        let order = StreamSchedule.order(weights: weights)
        let total = weights.reduce(0, +)
        for (item, weight) in weights.enumerated() {
            let share = Double(order.filter { $0 == item }.count) / Double(order.count)
            #expect(abs(share - weight / total) <= weight / total * 0.002 + 1 / 65536, "\(weights)")
        }
    }

    @Test func turnsAreSpread() {
        // The simple IMIX: never more than three of the smallest in a row.
        let order = StreamSchedule.order(weights: [7, 4, 1])
        var run = 0
        for item in order {
            run = item == 0 ? run + 1 : 0
            #expect(run <= 3)
        }
    }

    @Test func everyItemHasATurn() {
        #expect(Set(StreamSchedule.order(weights: [1e9] + Array(repeating: 1.0, count: 500))).count == 501)
    }

    @Test func nothingOfNothing() { #expect(StreamSchedule.order(weights: []).isEmpty) }
}
