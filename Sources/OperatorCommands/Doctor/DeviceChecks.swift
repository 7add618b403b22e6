/// The NICs of ports: there, out of the kernel's hands, behind an IOMMU, with their group; and the kernel's interfaces that
/// virtual devices sit on.
extension Doctor {
    /// Drivers that leave a device to a process, and those by which a process shares it with the kernel.
    private static let drivers: Set = ["vfio-pci", "igb_uio", "uio_pci_generic", "mlx4_core", "mlx5_core"]

    func devices() -> [DoctorFinding] {
        needs.functions.flatMap { port, address in
            let path = "/sys/bus/pci/devices/\(address)"
            guard machine.has(path) else {
                return [
                    problem(
                        "device", "port \(port): there is no device \(address)", mend: "lspci -D | grep -i ethernet")
                ]
            }
            let driver = machine.target(path + "/driver")
            guard let driver, Self.drivers.contains(driver) else {
                let now = driver.map { "has driver \($0)" } ?? "has no driver"
                return [
                    problem(
                        "driver", "port \(port): \(address) \(now), and the data plane cannot take it",
                        mend: "modprobe vfio-pci && driverctl set-override \(address) vfio-pci")
                ] + numaNode(port, path)
            }
            return (driver == "vfio-pci" ? isolation(port, address) : []) + numaNode(port, path)
        }
    }

    /// What VFIO needs: an IOMMU, and a group in which no device is another driver's.
    private func isolation(_ port: String, _ address: String) -> [DoctorFinding] {
        guard let group = machine.target("/sys/bus/pci/devices/\(address)/iommu_group") else {
            guard machine.text("/sys/module/vfio/parameters/enable_unsafe_noiommu_mode") != "Y" else { return [] }
            return [
                problem(
                    "iommu", "port \(port): \(address) is behind no IOMMU, and vfio-pci gives it to nobody",
                    mend: bootParameters("intel_iommu=on iommu=pt", file: "stile-iommu"))
            ]
        }
        var findings = machine.names(in: "/sys/kernel/iommu_groups/\(group)/devices").compactMap {
            other -> DoctorFinding? in
            guard other != address, let driver = machine.target("/sys/bus/pci/devices/\(other)/driver"),
                !["vfio-pci", "pcieport"].contains(driver)
            else { return nil }
            return problem(
                "vfio-group",
                "port \(port): \(address) shares IOMMU group \(group) with \(other), which has driver \(driver)",
                mend: "driverctl set-override \(other) vfio-pci")
        }
        if findings.isEmpty, !machine.has("/dev/vfio/\(group)") {
            findings.append(
                problem(
                    "vfio-group", "port \(port): there is no /dev/vfio/\(group) for \(address)",
                    mend: "modprobe vfio-pci"))
        }
        return findings
    }

    /// Where the workers' cores are of another socket than the device.
    private func numaNode(_ port: String, _ path: String) -> [DoctorFinding] {
        // -1 where the machine has one node alone.
        guard let node = machine.text(path + "/numa_node").flatMap({ Int($0) }), node >= 0, !needs.cores.isEmpty else {
            return []
        }
        let near = machine.processors("/sys/devices/system/node/node\(node)/cpulist")
        let far = needs.cores.filter { !near.contains($0) }
        guard !near.isEmpty, !far.isEmpty else { return [] }
        let list = machine.text("/sys/devices/system/node/node\(node)/cpulist") ?? ""
        return [
            advice(
                "numa",
                "port \(port) is on NUMA node \(node), and cores \(far.map(String.init).joined(separator: " ")) are not",
                mend: "stile show running-config    # then 'cores' under 'dataplane' of \(list)")
        ]
    }

    func interfaces() -> [DoctorFinding] {
        needs.kernelInterfaces.compactMap { port, name in
            guard machine.has("/sys/class/net/\(name)") else {
                return problem("link", "port \(port): the kernel has no interface \(name) here", mend: "ip link show")
            }
            // It cannot be read while the interface is down.
            guard machine.text("/sys/class/net/\(name)/carrier") != "1" else { return nil }
            return problem("link", "port \(port): \(name) has no link", mend: "ip link set \(name) up")
        }
    }
}
