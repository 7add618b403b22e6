/// Frames from a capture, sorted by the side they come in on, and the box that they are addressed to.
///
/// The box takes the destination address of the first frame of each side. Labels (the lowest one, or `--first-label`,
/// and up) and VLANs (likewise `--first-vlan`) are VRFs 1 and up; what is outside is dropped and counts as such.
struct CapturedFrames {
    let labelled: FrameStore?
    let unlabelled: FrameStore?
    private(set) var plan = PortPlan()

    init(_ frames: [[UInt8]], vrfs: Int, options: Options) {
        let fromNNI = frames.filter { Self.etherType($0) == 0x8847 && $0.count >= 18 }
        let fromCircuit = frames.filter { Self.etherType($0) != 0x8847 }
        labelled = Self.store(fromNNI)
        unlabelled = Self.store(fromCircuit)
        if let first = fromNNI.first { plan.nniMAC = Array(first[..<6]) }
        if let first = fromCircuit.first { plan.circuitMAC = Array(first[..<6]) }
        let lowest = fromNNI.map { UInt32($0[14]) << 12 | UInt32($0[15]) << 4 | UInt32($0[16]) >> 4 }.min()
        plan.firstLabel = options.firstLabel ?? lowest ?? plan.firstLabel
        let tagged = fromCircuit.filter { Self.etherType($0) == 0x8100 && $0.count >= 18 }
        let lowestVLAN = tagged.map { UInt16($0[14] & 0xF) << 8 | UInt16($0[15]) }.min()
        // Without tags one VRF has the port; the others need a VLAN each.
        plan.firstVLAN = options.firstVLAN ?? lowestVLAN ?? (vrfs > 1 ? 1 : nil)
    }

    private static func etherType(_ frame: [UInt8]) -> UInt16 { UInt16(frame[12]) << 8 | UInt16(frame[13]) }

    private static func store(_ frames: [[UInt8]]) -> FrameStore? {
        guard !frames.isEmpty else { return nil }
        let store = FrameStore(count: frames.count, bytes: frames.reduce(0) { $0 + ($1.count + 63) & ~63 })
        for frame in frames { store.append(frame) }
        return store
    }
}
