import ForwardingTables

extension ControlPlane {
    /// After numbers have been given out: a counter that another name had counts from here.
    func followNumbers(from old: TableNumbers) {
        changeBaselines { $0.follow(numbers, from: old, in: dataplane.reader) }
    }

    /// Looks whether the counters have begun at zero.
    func noticeCounterReset() {
        guard let reader = dataplane.reader else { return }
        changeBaselines { $0.noticeReset(in: reader) }
    }

    /// Lets counters begin at zero again for those who are shown them.
    func clearCounters(_ clear: (inout CounterBaselines, DataplaneReader) -> Void) {
        guard let reader = dataplane.reader else { return }
        clear(&baselines, reader)
        saveBaselines()
    }

    private func changeBaselines(_ change: (inout CounterBaselines) -> Void) {
        var new = baselines
        change(&new)
        guard new != baselines else { return }
        baselines = new
        saveBaselines()
    }

    /// Keeps on disk from where counters are shown, so that a restart shows the same.
    func saveBaselines() {
        do {
            try DurableFile.replace(options.counterBaselinesPath, with: Array(baselines.fileText.utf8))
        } catch {
            logger.warning("the counters' baselines cannot be saved", metadata: ["error": "\(error)"])
        }
    }
}

extension CounterBaselines {
    /// What an earlier run of the process left.
    static func saved(_ options: ControlPlaneOptions) -> (baselines: CounterBaselines, damage: DamagedFile?) {
        var baselines = CounterBaselines()
        let (_, damage) = DamagedFile.lines(
            of: options.counterBaselinesPath,
            consequence: "counters that were cleared, and accounts of numbers used before, show more than they should",
            isValid: { baselines.add($0) })
        return (baselines, damage)
    }
}
