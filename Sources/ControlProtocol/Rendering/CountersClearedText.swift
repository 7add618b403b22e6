extension CountersClearedResult {
    public func text(_ style: TextStyle) -> String {
        counters == 1 ? "1 counter was cleared\n" : "\(counters) counters were cleared\n"
    }
}
