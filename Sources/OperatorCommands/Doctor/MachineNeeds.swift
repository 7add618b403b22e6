import Addressing
import Configuration

/// What a configuration, and the options of the services, want of the machine.
struct MachineNeeds {
    /// The PCI functions of ports, by the port's name.
    var functions: [(port: String, address: String)] = []
    /// The kernel's interfaces that virtual devices take, by the port's name.
    var kernelInterfaces: [(port: String, name: String)] = []
    var cores: [UInt16]
    var workers: Int
    /// Frames and rings, in MiB.
    var frameMegabytes: Int
    /// The tables of one generation, in MiB.
    var tableMegabytes: Int
    /// The box's own IPv4 addresses on NNIs.
    var nniAddresses: [IPv4Address] = []
    /// Ports with an NNI that have several receive queues.
    var labelledPorts: [String] = []

    init(_ configuration: Configuration, _ machine: MachineFiles) {
        cores = configuration.dataplane.cores
        workers = configuration.dataplane.workers.map(Int.init) ?? max(cores.count, 1)
        tableMegabytes = Int(configuration.dataplane.tableMemoryMebibytes ?? DataplaneSettings.usualTableMebibytes)
        frameMegabytes = Self.frameMegabytes(of: machine.lines("/etc/default/stile"))
        for port in configuration.ports.values.sorted(by: { $0.name < $1.name }) {
            switch port.device {
            case .pci(let address): functions.append((port.name.description, address))
            case .virtual(let arguments):
                // The devices that sit on an interface of the kernel name it so.
                for word in arguments.split(separator: ",") where word.hasPrefix("iface=") && arguments.contains("af_")
                {
                    kernelInterfaces.append((port.name.description, String(word.dropFirst("iface=".count))))
                }
            }
        }
        for interface in configuration.interfacesInOrder {
            guard case .nni = interface.kind else { continue }
            for address in interface.addresses {
                if case .ipv4(let address) = address.address { nniAddresses.append(address) }
            }
            let port = interface.name.port
            let queues = configuration.ports[port]?.receiveQueues ?? 1
            if queues > 1, workers > 1, !labelledPorts.contains(port.description) {
                labelledPorts.append(port.description)
            }
        }
    }

    /// As the service's options say, or what `stile-dataplane` takes without them.
    private static func frameMegabytes(of lines: [Substring]) -> Int {
        for line in lines where line.hasPrefix("DATAPLANE_OPTIONS=") {
            let words = line.split { $0 == " " || $0 == "\"" || $0 == "=" }
            if let place = words.firstIndex(of: "--memory-megabytes"), place + 1 < words.count {
                return Int(words[place + 1]) ?? 512
            }
        }
        return 512
    }
}
