/// A receive queue, as the worker's loop polls it.
struct ReceiveSource {
    /// DPDK's number of the device.
    var device: UInt16
    var queue: UInt16
    /// The number that the tables know the port by.
    var port: UInt16
    /// Which of its frames go to other workers.
    var spread: FlowSpread
}
