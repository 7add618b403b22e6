import ControlProtocol

extension MetricsText {
    /// The two processes, the tables, the configuration, and what is wrong.
    public mutating func write(_ status: StatusResult) {
        gauge(
            "stile_build_info", "The release that runs, and the layout of what the processes share; always 1.",
            [
                MetricSample(
                    [
                        "version": status.controlProcess.version,
                        "layout_version": status.controlProcess.layoutVersion.map { "\($0)" },
                        "hostname": status.hostname,
                    ], 1)
            ])
        let processes = [("stiled", status.controlProcess), ("stile-dataplane", status.dataPlane)]
        gauge(
            "stile_process_up", "Whether a process of the box is there and shows signs of life.",
            processes.map { name, process in
                MetricSample(["process": name], process.isAlive && process.silentSeconds == nil)
            })
        gauge(
            "stile_process_start_time_seconds", "When a process of the box was started, in seconds since 1970.",
            processes.compactMap { name, process in
                process.startedAt.map { MetricSample(["process": name], Double($0.secondsSince1970)) }
            })
        gauge(
            "stile_tables_generation", "The generation of the forwarding tables that is published, and in use.",
            [
                MetricSample(["state": "published"], status.currentGeneration),
                MetricSample(["state": "in_use"], status.generationInUse),
            ])
        gauge(
            "stile_restarting", "Whether stiled waits for the neighbors' routes after a restart.",
            [MetricSample([:], status.isRestarting)])
        if let commit = status.commit {
            gauge("stile_commit", "The number of the commit in force.", [MetricSample([:], commit)])
        }
        gauge(
            "stile_commit_unconfirmed", "Whether the commit in force is undone unless somebody confirms it.",
            [MetricSample([:], status.confirmBy != nil)])
        if let appliedAt = status.configurationAppliedAt {
            gauge(
                "stile_configuration_applied_time_seconds",
                "When the configuration was put into force, in seconds since 1970.",
                [MetricSample([:], Double(appliedAt.secondsSince1970))])
        }
        // Also those that do not stand, so that an alert has something to look at from the first scrape on.
        gauge(
            "stile_alarms", "What is not as it should be: of how many, by the kinds that 'show status' has.",
            Alarm.Kind.allCases.map { kind in
                MetricSample(["alarm": kind.rawValue], status.alarms.first { $0.kind == kind }?.count ?? 0)
            })
    }
}
