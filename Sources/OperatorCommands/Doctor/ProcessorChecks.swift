/// The workers' cores, the clock that they read, and how their ports share packets out.
extension Doctor {
    func cores() -> [DoctorFinding] {
        let online = machine.processors("/sys/devices/system/cpu/online")
        let missing = needs.cores.filter { !online.contains($0) }
        if !online.isEmpty, !missing.isEmpty {
            return [
                problem(
                    "cores", "there is no core \(missing.map(String.init).joined(separator: " ")) for a worker",
                    mend: "lscpu --extended    # then 'cores' under 'dataplane'")
            ]
        }
        let isolated = machine.processors("/sys/devices/system/cpu/isolated")
        let shared = needs.cores.filter { !isolated.contains($0) }
        guard !shared.isEmpty else { return [] }
        let list = needs.cores.map(String.init).joined(separator: ",")
        return [
            advice(
                "isolation",
                "the kernel gives other work to the workers' cores \(shared.map(String.init).joined(separator: " "))",
                mend: bootParameters("isolcpus=\(list) nohz_full=\(list) rcu_nocbs=\(list)", file: "stile-cores"))
        ]
    }

    /// Policers, timers and counters of cycles go by the time stamp counter.
    func clock() -> [DoctorFinding] {
        let folder = "/sys/devices/system/clocksource/clocksource0"
        guard let now = machine.text(folder + "/current_clocksource"),
            !["tsc", "kvm-clock", "arch_sys_counter"].contains(now)
        else { return [] }
        return [
            advice(
                "clock", "the kernel's clock is \(now), for which the time stamp counter was not steady enough",
                mend: "echo tsc >\(folder)/current_clocksource")
        ]
    }

    /// A device hashes the label at best, which is the same for a whole VRF.
    func labelledPorts() -> [DoctorFinding] {
        needs.labelledPorts.map { port in
            advice(
                "label-spread",
                "port \(port) has an NNI and several receive queues: its NIC brings the packets of a label on one of them, and the workers share them out",
                mend: "stile show pipeline    # 'spread' is what that costs")
        }
    }
}
