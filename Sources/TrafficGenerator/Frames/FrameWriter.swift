import PacketFormats

/// What differs from packet to packet.
struct VaryingFields {
    /// IPv4 in the low 32 bits of the low half.
    var source: AddressValue
    var destination: AddressValue
    /// The whole label stack entry that replaces the template's first; unused where the template's `labelOffset` is 0.
    var labelStackEntry: UInt32
    var sequence: UInt32
    /// Units of `MeasurementPayload.timeStamp`.
    var timeStamp: UInt64
    var trial: UInt8

    @_noLocks @inline(__always)
    init(
        source: AddressValue, destination: AddressValue, labelStackEntry: UInt32, sequence: UInt32, timeStamp: UInt64,
        trial: UInt8
    ) {
        self.source = source
        self.destination = destination
        self.labelStackEntry = labelStackEntry
        self.sequence = sequence
        self.timeStamp = timeStamp
        self.trial = trial
    }
}

/// An address of either family in two halves; IPv4 in the low 32 bits.
struct AddressValue: Equatable {
    var high: UInt64
    var low: UInt64

    @_noLocks @inline(__always)
    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}

extension FrameTemplate {
    /// Writes a packet of this template to `place`, which has room for `frameBytes` and 128 octets at least, and is zero
    /// behind the first 128.
    ///
    /// The UDP checksum is zero, "not computed", over IPv4 (RFC 768); routers do not look at it. Over IPv6 it is computed,
    /// since RFC 8200 §8.1 makes receivers discard a zero one.
    @_noLocks @inline(__always)
    func write(_ fields: VaryingFields, to place: UnsafeMutableRawPointer) {
        place.copyMemory(from: octets, byteCount: Self.octetCount)
        let ip = place + Int(ipOffset)
        let payload = place + Int(payloadOffset)
        let firstWord = MeasurementPayload.firstWord(trial: fields.trial, timeStamp: fields.timeStamp)
        payload.storeNetwork(firstWord, at: 0)
        payload.storeNetwork(fields.sequence, at: 10)
        if labelOffset != 0 { place.storeNetwork(fields.labelStackEntry, at: Int(labelOffset)) }
        if isIPv6 {
            ip.storeNetwork(fields.source.high, at: 8)
            ip.storeNetwork(fields.source.low, at: 16)
            ip.storeNetwork(fields.destination.high, at: 24)
            ip.storeNetwork(fields.destination.low, at: 32)
            var sum = constantSum &+ words(fields.source) &+ words(fields.destination)
            sum &+= (firstWord >> 32) &+ (firstWord & 0xFFFF_FFFF) &+ UInt64(fields.sequence)
            let checksum = InternetChecksum.complement(sum)
            ip.storeNetwork(checksum == 0 ? 0xFFFF : checksum, at: 46)
        } else {
            let source = UInt32(truncatingIfNeeded: fields.source.low)
            let destination = UInt32(truncatingIfNeeded: fields.destination.low)
            ip.storeNetwork(source, at: 12)
            ip.storeNetwork(destination, at: 16)
            let sum = constantSum &+ UInt64(source) &+ UInt64(destination)
            ip.storeNetwork(InternetChecksum.complement(sum), at: 10)
        }
    }

    /// An IPv6 address as 32-bit words, added up.
    @_noLocks @inline(__always)
    private func words(_ address: AddressValue) -> UInt64 {
        (address.high >> 32) &+ (address.high & 0xFFFF_FFFF) &+ (address.low >> 32) &+ (address.low & 0xFFFF_FFFF)
    }
}
