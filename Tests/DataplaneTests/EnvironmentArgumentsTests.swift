import Dataplane
import Testing

@Suite struct EnvironmentArgumentsTests {
    private func arguments(
        hugepages: Int = 0, hasPCI: Bool = false, directory: String = "/run/stile", _ extra: [String] = []
    ) -> EnvironmentArguments {
        EnvironmentArguments(
            memoryMegabytes: 512, freeHugepageMegabytes: hugepages, hasPCI: hasPCI, processors: "0,1",
            runtimeDirectory: directory, operatorArguments: extra)
    }

    private func list(hugepages: Int = 0, hasPCI: Bool = false, _ extra: [String] = []) -> [String] {
        arguments(hugepages: hugepages, hasPCI: hasPCI, extra).list
    }

    private static let prefix = "stile-be41d8123502c16d"

    @Test func eachRuntimeDirectoryHasItsOwnFilePrefix() {
        #expect(arguments().filePrefix == Self.prefix)
        let directories = (0..<100).map { "/run/stile-\($0)" } + ["/run/stile", "/run/stile/", ""]
        #expect(Set(directories.map { arguments(directory: $0).filePrefix }).count == directories.count)
    }

    @Test func withoutHugepagesAndBus() {
        #expect(
            list() == [
                "stile-dataplane", "--no-huge", "--no-shconf", "-m", "512", "--lcores", "0@(0,1)", "--no-pci",
                "--file-prefix", Self.prefix, "--no-telemetry", "--log-level", "error",
            ])
    }

    @Test func withHugepagesAndBus() {
        #expect(
            list(hugepages: 512, hasPCI: true) == [
                "stile-dataplane", "--in-memory", "-m", "512", "--lcores", "0@(0,1)", "-a", "ffff:ff:1f.7",
                "--file-prefix", Self.prefix, "--no-telemetry", "--log-level", "error",
            ])
    }

    @Test func tooFewHugepagesAreLeftAlone() {
        #expect(list(hugepages: 511).contains("--no-huge"))
    }

    @Test(arguments: [
        (["--no-huge"], "--in-memory"), (["-m64"], "512"), (["--socket-mem=64,64"], "512"),
        (["--lcores=0"], "--lcores"), (["-l", "0"], "--lcores"), (["--allow=0000:01:00.0"], "ffff:ff:1f.7"),
        (["--file-prefix=x"], prefix), (["--log-level=debug"], "error"), (["--telemetry"], "--no-telemetry"),
    ])
    func theOperatorsArgumentReplacesOurs(extra: [String], ours: String) {
        let list = list(hugepages: 1024, hasPCI: true, extra)
        #expect(!list.contains(ours))
        #expect(Array(list.suffix(extra.count)) == extra)
    }

    @Test func hugepagesAreReadFromMeminfo() {
        let text = "MemTotal: 1 kB\nHugePages_Total:     600\nHugePages_Free:      512\nHugepagesize:       2048 kB\n"
        #expect(HugepageMemory.freeMegabytes(meminfo: text) == 1024)
    }

    @Test(arguments: [
        "", "HugePages_Free: 5\n", "HugePages_Free: x\nHugepagesize: 2048 kB\n",
        "HugePages_Free: 9223372036854775807\nHugepagesize: 2048 kB\n", "HugePages_Free: -4\nHugepagesize: 2048 kB\n",
    ])
    func anUnexpectedMeminfoMeansNone(text: String) {
        #expect(HugepageMemory.freeMegabytes(meminfo: text) == 0)
    }
}
