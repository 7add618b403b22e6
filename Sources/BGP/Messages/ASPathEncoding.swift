/// AS_PATH and AS4_PATH on the wire: segments of a type, a count and that many AS numbers.
///
///     +------------------+
///     | segment type     |  1 AS_SET, 2 AS_SEQUENCE
///     +------------------+
///     | number of ASes   |  1 to 255
///     +------------------+
///     | AS numbers       |  two or four octets each
///     +------------------+
extension ASPath {
    /// `nil` when malformed (RFC 7606 §7.2): an unknown segment type (confederations have none here), an empty
    /// segment, one that overruns, an octet left over; or with AS 0 in it (RFC 7607 §2).
    init?(value: ArraySlice<UInt8>, octetsEach: Int) {
        var reader = ByteReader(value)
        var segments: [Segment] = []
        while !reader.isAtEnd {
            guard let type = reader.readUInt8(), let count = reader.readUInt8(), count > 0,
                let octets = reader.readOctets(Int(count) * octetsEach),
                let numbers = ByteReader.numbers(octets, octetsEach: octetsEach)?.map(UInt32.init(truncatingIfNeeded:)),
                !numbers.contains(0)
            else { return nil }
            switch type {
            case 1: segments.append(.set(numbers))
            case 2: segments.append(.sequence(numbers))
            default: return nil
            }
        }
        self.init(segments)
    }

    /// The value of the attribute; two octets cannot hold every number, AS_TRANS stands for those (RFC 6793 §4.2.2).
    /// Segments above 255 numbers are split, empty ones left out.
    func value(octetsEach: Int) -> [UInt8] {
        var writer = ByteWriter()
        for segment in segments {
            var rest = segment.autonomousSystems[...]
            while !rest.isEmpty {
                let chunk = rest.prefix(255)
                rest = rest.dropFirst(chunk.count)
                writer.write([segment.type, UInt8(clamping: chunk.count)])
                for number in chunk {
                    if octetsEach == 4 {
                        writer.write(number)
                    } else {
                        writer.write(UInt16(exactly: number) ?? OpenMessage.transitionAutonomousSystem)
                    }
                }
            }
        }
        return writer.bytes
    }

    /// Whether every number fits into two octets, so that AS4_PATH is not needed.
    var fitsTwoOctets: Bool { segments.allSatisfy { $0.autonomousSystems.allSatisfy { $0 <= 0xFFFF } } }

    /// The path of four-octet numbers that a speaker of two octets passed on (RFC 6793 §4.2.3): `as4Path`, with what
    /// this path has more than it put in front. An `as4Path` longer than this path is wrong and is ignored.
    func merging(_ as4Path: ASPath) -> ASPath {
        var surplus = length - as4Path.length
        guard surplus >= 0, !as4Path.segments.isEmpty else { return self }
        var leading: [Segment] = []
        for segment in segments where surplus > 0 {
            switch segment {
            case .set:
                leading.append(segment)
                surplus -= 1
            case .sequence(let numbers):
                leading.append(.sequence(Array(numbers.prefix(surplus))))
                surplus -= min(surplus, numbers.count)
            }
        }
        if case .sequence(let head) = leading.last, case .sequence(let tail) = as4Path.segments.first {
            return ASPath(leading.dropLast() + [.sequence(head + tail)] + as4Path.segments.dropFirst())
        }
        return ASPath(leading + as4Path.segments)
    }
}

extension ASPath.Segment {
    fileprivate var type: UInt8 {
        switch self {
        case .set: 1
        case .sequence: 2
        }
    }
}
