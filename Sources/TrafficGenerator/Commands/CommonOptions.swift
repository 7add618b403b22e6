import ArgumentParser

extension StreamDirection: ExpressibleByArgument {}
extension AttackKind: ExpressibleByArgument {}

/// Options of every command: devices, machine and output.
struct DeviceOptions: ParsableArguments {
    @Option(
        name: .customLong("device"),
        help: """
            [NAME=]DEVICE: a PCI address or a virtual device with its arguments; may be repeated. The first sends the \
            streams that name no port; all receive.
            """)
    var devices: [String] = []

    @Option(help: "Memory for frames, in MiB: hugepages where enough are free.")
    var memoryMegabytes = 256

    @Option(parsing: .unconditional, help: "More arguments for DPDK's EAL, separated by blanks.")
    var eal = ""

    @Option(help: "The processor to run on; left to the kernel otherwise.")
    var core: UInt32?

    @Option(name: .customLong("mtu"), help: "The largest IP packet, in octets.")
    var mtuBytes = 1500

    @Option(name: .customLong("link-timeout"), help: "Seconds to wait for the devices' links.")
    var linkSeconds = 10.0

    @Option(name: .customLong("drain"), help: "Seconds to wait for stragglers after a trial; RFC 2544 waits 2.")
    var drainSeconds = 0.5

    @Flag(name: .shortAndLong, help: "The report as JSON on standard output instead of tables.")
    var json = false

    @Option(name: .customLong("output"), help: "Writes the report as JSON to this file.")
    var outputFile: String?

    @Option(name: .customLong("plot"), help: "Writes a plot as SVG to this file.")
    var plotFile: String?

    @Flag(name: .shortAndLong, help: "No progress on standard error.")
    var quiet = false

    func validate() throws {
        guard (64...1_048_576).contains(memoryMegabytes) else {
            throw ValidationError("--memory-megabytes \(memoryMegabytes): expected 64 to 1048576")
        }
        guard (576...9000).contains(mtuBytes) else { throw ValidationError("--mtu \(mtuBytes): expected 576 to 9000") }
        guard (0.001...600).contains(drainSeconds) else {
            throw ValidationError("--drain \(drainSeconds): expected 0.001 to 600")
        }
    }
}

/// Options of the commands that send streams.
struct StreamOptions: ParsableArguments {
    @OptionGroup var device: DeviceOptions

    @Option(help: "The streams: a JSON file, see deploy/examples/traffic.json.")
    var profile: String?

    @Option(help: "Makes the streams from the routes and labels of the Stile at this control socket.")
    var fromSocket: String?

    @Option(help: "Which way streams made by --from-socket go; may be repeated. nni-to-circuit by default.")
    var direction: [StreamDirection] = []

    @Option(help: "Only these VRFs for --from-socket; may be repeated.")
    var vrf: [String] = []

    @Option(help: "The most routes of a VRF for --from-socket.")
    var routeLimit = 1_000_000

    @Option(help: "Frame size in octets with FCS, or imix, instead of the profile's.")
    var frameSize: String?

    @Option(help: "The line rate in bit/s where the device does not say it.")
    var lineRate: Double?

    @Option(help: "Seconds of slow traffic before the measurement, so that next hops are resolved.")
    var warmUp = 1.0

    @Option(help: "Milliseconds that the generator may be late and still catch up; what is later is not sent.")
    var lagLimit = 0.5

    @Option(help: "Seed of random addresses and labels.")
    var seed: UInt64 = 1

    func validate() throws {
        guard (profile == nil) != (fromSocket == nil) else {
            throw ValidationError("one of --profile FILE and --from-socket PATH says what to send")
        }
        guard profile == nil || !device.devices.isEmpty else { throw ValidationError("--device says where to send it") }
        guard (1...10_000_000).contains(routeLimit) else {
            throw ValidationError("--route-limit \(routeLimit): expected 1 to 10000000")
        }
        guard (0...600).contains(warmUp) else { throw ValidationError("--warm-up \(warmUp): expected 0 to 600") }
        if let lineRate, lineRate <= 0 { throw ValidationError("--line-rate \(lineRate): expected bits a second") }
        guard (0.01...1000).contains(lagLimit) else {
            throw ValidationError("--lag-limit \(lagLimit): expected 0.01 to 1000")
        }
        _ = try frameSizes()
    }

    func frameSizes() throws -> FrameSizes? {
        guard let frameSize else { return nil }
        if frameSize == "imix" { return .imix }
        guard let bytes = Int(frameSize), FrameSizes.range.contains(bytes) else {
            throw ValidationError("--frame-size \(frameSize): expected imix or 64 to 9018")
        }
        return .fixed(bytes)
    }
}
