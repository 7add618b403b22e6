import Configuration
import ControlProtocol

/// `doctor`: compares a machine with what a data plane, and the box's configuration, need of it.
///
/// It reads files alone and speaks to no process, so that it works on a box where nothing starts.
struct Doctor {
    let machine: MachineFiles
    let needs: MachineNeeds

    /// - Parameters:
    ///   - root: the folder below which the machine's files are.
    ///   - file: the configuration; `nil` for the last commit or what the box starts with.
    static func examine(root: String, file: String?) throws(CommandFailure) -> DoctorReport {
        let machine = MachineFiles(root: root)
        let text = try file.map(ConfigurationFile.read) ?? found(in: machine)
        var configuration = Configuration()
        if let text {
            do {
                configuration = try ConfigurationParser.parse(text: text.text, fileName: text.fileName).configuration
            } catch {
                throw CommandFailure(
                    exitCode: .configurationInvalid, message: "\(text.fileName) is not valid",
                    diagnostics: error.diagnostics.map(Diagnostic.init))
            }
        }
        let doctor = Doctor(machine: machine, needs: MachineNeeds(configuration, machine))
        let findings =
            doctor.hugepages() + doctor.devices() + doctor.interfaces() + doctor.cores() + doctor.lockedMemory()
            + doctor.clock() + doctor.runtimeDirectory() + doctor.addresses() + doctor.labelledPorts()
        return DoctorReport(
            configuration: text?.fileName,
            findings: findings.filter { $0.severity == .problem } + findings.filter { $0.severity == .advice })
    }

    /// The commit in force is a configuration file as well; a box that has none starts with the file in /etc.
    private static func found(in machine: MachineFiles) -> ConfigurationText? {
        let commits = "/var/lib/stile/commits"
        let numbers = machine.names(in: commits).compactMap { UInt64($0) }
        for path in [numbers.max().map { "\(commits)/\($0)" }, "/etc/stile/stile.conf"].compactMap({ $0 }) {
            if let text = machine.text(path) { return ConfigurationText(text: text + "\n", fileName: path) }
        }
        return nil
    }

    func problem(_ check: String, _ message: String, mend: String) -> DoctorFinding {
        DoctorFinding(severity: .problem, check: check, message: message, mend: mend)
    }

    func advice(_ check: String, _ message: String, mend: String) -> DoctorFinding {
        DoctorFinding(severity: .advice, check: check, message: message, mend: mend)
    }

    /// Adds parameters to the kernel's command line on Debian.
    func bootParameters(_ words: String, file: String) -> String {
        #"echo 'GRUB_CMDLINE_LINUX_DEFAULT="$GRUB_CMDLINE_LINUX_DEFAULT \#(words)"' >/etc/default/grub.d/\#(file).cfg && update-grub && reboot"#
    }
}
