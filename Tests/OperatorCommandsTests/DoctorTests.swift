import ControlProtocol
import Foundation
import Testing

/// `doctor` on machines that were recorded: one on which it finds nothing, and one change of it for each finding.
@Suite struct DoctorTests {
    private static let configuration = """
        dataplane
         cores 2 3
        port ten1/0
         pci 0000:03:00.0
        port ten1/1
         device net_af_packet0,iface=eth7
        ip vrf one
         rd 42:1
        interface ten1/0
         encap mpls optE
         ip address 192.0.2.1/31
        interface ten1/1
         vrf definition one
         ip address 10.1.0.1/24
        router bgp 42
         neighbor 192.0.2.0 remote-as 65001
         address-family vpnv4
          neighbor 192.0.2.0 optE

        """

    /// Contents by path; what begins with `->` is a symbolic link.
    private static let healthy = [
        "/proc/meminfo":
            "MemTotal: 16384000 kB\nHugePages_Total:     512\nHugePages_Free:        0\nHugepagesize:       2048 kB",
        "/proc/mounts": "tmpfs /run tmpfs rw,nosuid,nodev,size=4194304k,mode=755 0 0",
        "/proc/net/route": """
        Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
        eth0\t00000000\t0101010A\t0003\t0\t0\t0\t00000000\t0\t0\t0
        stile0\t000200C0\t00000000\t0001\t0\t0\t0\tFEFFFFFF\t0\t0\t0
        """,
        "/proc/net/fib_trie": "Local:\n  +-- 0.0.0.0/0 2 0 2\n     |-- 192.0.2.1\n        /32 host LOCAL",
        "/proc/4711/comm": "stile-dataplane",
        "/proc/4711/limits": "Limit                     Soft Limit           Hard Limit           Units\n"
            + "Max locked memory         unlimited            unlimited            bytes",
        "/sys/bus/pci/devices/0000:03:00.0/numa_node": "0",
        "/sys/bus/pci/devices/0000:03:00.0/driver": "->../../../bus/pci/drivers/vfio-pci",
        "/sys/bus/pci/devices/0000:03:00.0/iommu_group": "->../../../kernel/iommu_groups/17",
        "/sys/bus/pci/devices/0000:03:00.1/driver": "->../../../bus/pci/drivers/vfio-pci",
        "/sys/kernel/iommu_groups/17/devices/0000:03:00.0": "",
        "/sys/kernel/iommu_groups/17/devices/0000:03:00.1": "",
        "/dev/vfio/17": "",
        "/sys/devices/system/node/node0/cpulist": "0-3",
        "/sys/devices/system/cpu/online": "0-7",
        "/sys/devices/system/cpu/isolated": "2-3",
        "/sys/devices/system/clocksource/clocksource0/current_clocksource": "tsc",
        "/sys/class/net/eth7/carrier": "1",
        "/etc/default/stile": "DATAPLANE_OPTIONS=\"--memory-megabytes 1024\"",
        "/etc/stile/stile.conf": configuration,
    ]

    struct Report: Decodable {
        struct Finding: Decodable {
            let severity: String
            let check: String
            let message: String
            let mend: String
        }
        let schema: String
        let configuration: String?
        let findings: [Finding]
    }

    /// Runs the built command on the healthy machine with some files changed; `nil`: not there.
    private static func examine(_ changes: [String: String?]) throws -> (
        exitCode: ExitCode?, report: Report, text: String
    ) {
        let root = try StileProcess.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: root) }
        for (path, content) in healthy.mapValues(Optional.some).merging(changes, uniquingKeysWith: { $1 }) {
            guard let content else { continue }
            let file = URL(filePath: root + path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            if content.hasPrefix("->") {
                try FileManager.default.createSymbolicLink(
                    atPath: file.path, withDestinationPath: String(content.dropFirst(2)))
            } else {
                try Data((content + "\n").utf8).write(to: file)
            }
        }
        let json = try StileProcess.run(["--json", "doctor", "--root", root])
        let text = try StileProcess.run(["doctor", "root", root])
        #expect(json.exitCode == text.exitCode, "\(json.standardError)")
        return (
            json.exitCode, try JSONDecoder().decode(Report.self, from: Data(json.standardOutput.utf8)),
            text.standardOutput
        )
    }

    @Test func `on a machine that has everything it finds nothing`() throws {
        let (exitCode, report, text) = try Self.examine([:])
        #expect(exitCode == .done)
        #expect(report.schema == "stile.doctor/1" && report.findings.isEmpty)
        #expect(text == "Compared with /etc/stile/stile.conf.\nNothing was found.\n")
    }

    private static let device = "/sys/bus/pci/devices/0000:03:00.0"

    @Test(
        "each finding has its severity, its words and its command",
        arguments: [
            (
                ["/proc/meminfo": "HugePages_Total: 100\nHugepagesize: 2048 kB"], "advice", "hugepages", "200 MiB",
                "sysctl -w vm.nr_hugepages=512"
            ),
            (
                ["\(device)/numa_node": nil, "\(device)/driver": nil, "\(device)/iommu_group": nil], "problem",
                "device",
                "0000:03:00.0", "lspci"
            ),
            (
                ["\(device)/driver": "->../../drivers/ixgbe"], "problem", "driver", "has driver ixgbe",
                "driverctl set-override 0000:03:00.0 vfio-pci"
            ),
            (["\(device)/driver": nil], "problem", "driver", "has no driver", "modprobe vfio-pci"),
            (["\(device)/iommu_group": nil], "problem", "iommu", "behind no IOMMU", "intel_iommu=on"),
            (
                ["/sys/bus/pci/devices/0000:03:00.1/driver": "->../../drivers/ixgbe"], "problem", "vfio-group",
                "shares IOMMU group 17 with 0000:03:00.1", "driverctl set-override 0000:03:00.1"
            ),
            (["/dev/vfio/17": nil], "problem", "vfio-group", "no /dev/vfio/17", "modprobe vfio-pci"),
            (["/sys/devices/system/node/node0/cpulist": "0-1,3"], "advice", "numa", "cores 2 are not", "'cores'"),
            (["/sys/devices/system/cpu/online": "0-2"], "problem", "cores", "no core 3", "lscpu"),
            (["/sys/devices/system/cpu/isolated": "2"], "advice", "isolation", "cores 3", "isolcpus=2,3"),
            (
                ["/proc/4711/limits": "Max locked memory         8388608              8388608              bytes"],
                "problem",
                "locked-memory", "8388608 octets", "prlimit --pid 4711 --memlock=unlimited:unlimited"
            ),
            (
                ["/sys/devices/system/clocksource/clocksource0/current_clocksource": "hpet"], "advice", "clock", "hpet",
                "echo tsc"
            ),
            (["/sys/class/net/eth7/carrier": nil], "problem", "link", "no interface eth7", "ip link show"),
            (["/sys/class/net/eth7/carrier": "0"], "problem", "link", "eth7 has no link", "ip link set eth7 up"),
            (
                ["/proc/mounts": "tmpfs /run tmpfs rw,size=1638400k,mode=755 0 0"], "advice", "run-size", "1600 MiB",
                "mount -o remount,size=2048M /run"
            ),
            (
                ["/proc/net/route": "Iface\nnet0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0"], "problem",
                "address",
                "192.0.2.1", "ip address del 192.0.2.1/24 dev net0"
            ),
            (
                [
                    "/etc/stile/stile.conf": configuration.replacing(
                        " pci 0000:03:00.0\n", with: " pci 0000:03:00.0\n rx-queues 2\n")
                ], "advice", "label-spread", "port ten1/0", "stile show pipeline"
            ),
        ] as [([String: String?], String, String, String, String)])
    func findings(_ changes: [String: String?], _ severity: String, _ check: String, _ words: String, _ mend: String)
        throws
    {
        let (exitCode, report, text) = try Self.examine(changes)
        #expect(report.findings.count == 1)
        let finding = try #require(report.findings.first)
        #expect(finding.severity == severity && finding.check == check)
        #expect(finding.message.contains(words), "\(finding.message)")
        #expect(finding.mend.contains(mend), "\(finding.mend)")
        #expect(exitCode == (severity == "problem" ? .refused : .done))
        #expect(text.contains("\(severity) \(check): \(finding.message)\n    \(finding.mend)\n"))
    }

    @Test func `another address in the subnet of an NNI is nobody's fault`() throws {
        let (exitCode, report, _) = try Self.examine([
            "/proc/net/route": "Iface\nnet0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0",
            "/proc/net/fib_trie":
                "Local:\n     |-- 192.0.2.77\n        /32 host LOCAL\n     |-- 192.0.2.1\n        /32 link UNICAST",
        ])
        #expect(exitCode == .done && report.findings.isEmpty)
    }

    @Test func `the last commit is what it goes by`() throws {
        let (exitCode, report, _) = try Self.examine([
            "/var/lib/stile/commits/9": "hostname nine", "/var/lib/stile/commits/10": Self.configuration,
            "\(Self.device)/driver": nil,
        ])
        #expect(exitCode == .refused)
        #expect(report.configuration == "/var/lib/stile/commits/10")
    }

    @Test func `a configuration that is not valid is an error`() throws {
        let root = try StileProcess.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: root) }
        let outcome = try StileProcess.run(["doctor", "-", "root", root], input: "nonsense\n")
        #expect(outcome.exitCode == .configurationInvalid && outcome.standardOutput.isEmpty)
    }

    @Test(arguments: [
        ("show bgp vp", "vpnv4 vpnv6"), ("doc", "doctor"), ("show mpls ", "label-spaces received-labels multipoint"),
    ])
    func `the shell completes the words of commands`(_ line: String, _ expected: String) throws {
        let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        let outcome = try StileProcess.run(
            ["---completion", "--", "positional@0", "\(words.count)", "\(words.last?.count ?? 0)", "stile"] + words)
        #expect(outcome.standardOutput.split(separator: "\n").joined(separator: " ") == expected, "\(outcome)")
    }
}
