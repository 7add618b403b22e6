import Configuration
import ControlProtocol
import Routing

/// The configuration that is in force, and what goes with it: its index, the numbers by which the tables call things, and
/// how many plans there have been.
final class ConfigurationInForce {
    private(set) var loaded: LoadedConfiguration
    private(set) var index: ConfigurationIndex
    private(set) var appliedAt = WallClock.secondsSince1970
    private(set) var numbers: TableNumbers
    /// How many plans have taken the place of another.
    private(set) var plansMade: UInt64 = 0
    /// Whether another is being prepared for the same configuration.
    private var isReplanning = false

    init(_ loaded: LoadedConfiguration, index: ConfigurationIndex, numbers: TableNumbers) {
        self.loaded = loaded
        self.index = index
        self.numbers = numbers
    }

    /// Another configuration comes into force; its plan is still to come.
    func replace(with new: PreparedConfiguration) {
        loaded = new.loaded
        index = new.index
        appliedAt = WallClock.secondsSince1970
    }

    /// Another plan comes into force, with these numbers.
    func takePlan(with numbers: TableNumbers) {
        self.numbers = numbers
        plansMade += 1
    }

    /// Takes over the Ethernet addresses of ports that have none in the plan; `true` if there was one.
    func learnHardwareAddresses(from dataplane: DataplaneLink, _ plan: ForwardingPlan) -> Bool {
        dataplane.learnHardwareAddresses(into: &numbers, plan: plan)
    }

    /// `false`: another plan is being prepared already.
    func beginReplanning() -> Bool {
        guard !isReplanning else { return false }
        isReplanning = true
        return true
    }

    func endReplanning() { isReplanning = false }
}
