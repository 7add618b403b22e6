import Addressing

extension StreamProfile {
    /// The first frames of the stream as the loop makes them, without the frame check sequence.
    ///
    /// - Parameters:
    ///   - frameBytes: with the frame check sequence; raised to what the headers need.
    ///   - sourceMAC: of streams that name none.
    ///   - number: the stream's, as the payload carries it.
    ///   - timeStamp: of all of them; units of `MeasurementPayload.timeStamp`.
    ///   - seed: of random addresses.
    public func frames(
        count: Int, frameBytes: Int, sourceMAC: MACAddress, number: UInt16, trial: UInt8, timeStamp: UInt64,
        seed: UInt64 = 1
    ) -> [[UInt8]] {
        let template = FrameTemplate(
            stream: self, frameBytes: frameBytes, sourceMAC: self.sourceMAC ?? sourceMAC,
            destinationMAC: destinationMAC, number: number)
        var stream = LoopStream(self, device: 0)
        let storageBytes = max(Int(template.frameBytes), FrameTemplate.octetCount)
        let storage = UnsafeMutableRawPointer.allocate(byteCount: storageBytes, alignment: 64)
        defer {
            storage.deallocate()
            stream.deallocate()
            template.deallocate()
        }
        storage.initializeMemory(as: UInt8.self, repeating: 0, count: storageBytes)
        var random = PacketRandom(seed: seed)
        return (0..<count).map { sequence in
            template.write(
                VaryingFields(
                    source: stream.sources.next(&random), destination: stream.destinations.next(&random),
                    labelStackEntry: stream.labels?.next() ?? 0, sequence: UInt32(truncatingIfNeeded: sequence),
                    timeStamp: timeStamp, trial: trial), to: storage)
            return Array(UnsafeRawBufferPointer(start: storage, count: Int(template.frameBytes)))
        }
    }
}
