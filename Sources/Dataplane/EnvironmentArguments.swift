/// The arguments that the EAL is started with: what the machine offers, and what the operator adds or overrides.
public struct EnvironmentArguments: Equatable, Sendable {
    /// Memory for frames and rings, in MiB.
    public var memoryMegabytes: Int
    /// Free hugepages of the machine, in MiB.
    public var freeHugepageMegabytes: Int
    /// Whether the machine has a PCI bus.
    public var hasPCI: Bool
    /// Processors that the process may use, such as `0,1,4`.
    public var processors: String
    /// Where the segments are, without symbolic links: what tells this data plane from others of the machine.
    public var runtimeDirectory: String
    /// The operator's own arguments; one of ours gives way to the same one here.
    public var operatorArguments: [String]

    public init(
        memoryMegabytes: Int, freeHugepageMegabytes: Int, hasPCI: Bool, processors: String,
        runtimeDirectory: String, operatorArguments: [String]
    ) {
        self.memoryMegabytes = memoryMegabytes
        self.freeHugepageMegabytes = freeHugepageMegabytes
        self.hasPCI = hasPCI
        self.processors = processors
        self.runtimeDirectory = runtimeDirectory
        self.operatorArguments = operatorArguments
    }

    /// An address that no PCI function has. On an allow list it keeps the EAL from taking devices that no port names;
    /// a port's own device is put on the list when the port is opened.
    static let noPCIFunction = "ffff:ff:1f.7"

    /// Whether frames come from hugepages.
    public var usesHugepages: Bool {
        !given("--no-huge") && (given("--in-memory") || freeHugepageMegabytes >= memoryMegabytes)
    }

    /// The name of what the EAL makes in /var/run/dpdk and in hugetlbfs: one for each runtime directory, which has one
    /// data plane at a time, and the same after a restart.
    public var filePrefix: String {
        // FNV-1a with 64 bits (Fowler, Noll and Vo).
        let hash = runtimeDirectory.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
            ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3
        }
        return "stile-" + String(hash, radix: 16)
    }

    /// The whole command line, the program's name first.
    public var list: [String] {
        var list = ["stile-dataplane"]
        if usesHugepages {
            // In memory: nothing in hugetlbfs or /var/run outlives a process that is killed.
            if !given("--in-memory") { list += ["--in-memory"] }
        } else {
            // The EAL refuses --in-memory together with --no-huge; without shared configuration it leaves no files.
            if !given("--no-huge") { list += ["--no-huge"] }
            if !given("--no-shconf") { list += ["--no-shconf"] }
        }
        if !given("-m", "--socket-mem") { list += ["-m", String(memoryMegabytes)] }
        if !given("-l", "-c", "--lcores") { list += ["--lcores", "0@(\(processors))"] }
        if !given("--no-pci", "-a", "--allow", "-b", "--block") {
            list += hasPCI ? ["-a", Self.noPCIFunction] : ["--no-pci"]
        }
        if !given("--file-prefix") { list += ["--file-prefix", filePrefix] }
        if !given("--telemetry", "--no-telemetry") { list += ["--no-telemetry"] }
        if !given("--log-level") { list += ["--log-level", "error"] }
        return list + operatorArguments
    }

    private func given(_ options: String...) -> Bool {
        operatorArguments.contains { argument in
            options.contains { option in
                // `--option value`, `--option=value`, and `-m512` for the options of one letter.
                argument == option || argument.hasPrefix(option + "=")
                    || (option.utf8.count == 2 && argument.hasPrefix(option) && !argument.hasPrefix("--"))
            }
        }
    }
}
