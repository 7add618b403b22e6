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
    /// What an earlier run of the process left; none if it cannot be read.
    init(_ options: ControlPlaneOptions) {
        let octets = (try? DurableFile.read(options.counterBaselinesPath)) ?? nil
        self.init(fileText: String(decoding: octets ?? [], as: UTF8.self))
    }
}
