import CDPDKShim

extension GeneratorDevice {
    /// Sends one frame that is not measured, padded to the 60 octets that Ethernet wants; returns whether the device
    /// took it.
    func send(_ octets: [UInt8]) -> Bool {
        guard let frame = stile_mbuf_allocate(ownPool) else { return false }
        var single: OpaquePointer? = frame
        guard stile_mbuf_adjust(frame, 0, UInt32(max(octets.count, 60))) == 0, let data = stile_mbuf_data(frame) else {
            stile_mbuf_free(frame)
            return false
        }
        data.update(from: octets, count: octets.count)
        if octets.count < 60 { (data + octets.count).update(repeating: 0, count: 60 - octets.count) }
        guard stile_transmit(number, 0, &single, 1) == 1 else {
            stile_mbuf_free(frame)
            return false
        }
        return true
    }
}
