/// One attribute as it stands in an UPDATE (RFC 4271 §4.3).
///
///       0                   1
///       0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5
///      +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///      |  attr. flags  |attr. type code|  then the length, one or two octets, and the value
///      +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
struct AttributeEncoding {
    let flags: AttributeFlags
    let typeCode: UInt8
    let value: ArraySlice<UInt8>

    /// Takes one attribute off the front; `nil` when the octets end inside it (RFC 7606 §4).
    init?(from reader: inout ByteReader) {
        guard let flags = reader.readUInt8().map(AttributeFlags.init(rawValue:)), let typeCode = reader.readUInt8(),
            let length = flags.contains(.extendedLength)
                ? reader.readUInt16().map(Int.init) : reader.readUInt8().map(Int.init),
            let value = reader.readOctets(length)
        else { return nil }
        self.flags = flags
        self.typeCode = typeCode
        self.value = value
    }

    init(_ type: AttributeType, value: [UInt8], partial: Bool = false) {
        flags = partial ? type.flags.union(.partial) : type.flags
        typeCode = type.rawValue
        self.value = value[...]
    }

    init(_ attribute: UnrecognizedAttribute) {
        flags = [.optional, .transitive, .partial]
        typeCode = attribute.typeCode
        value = attribute.value[...]
    }

    /// The number of octets in front of a value of `count` octets.
    static func headerOctets(valueOctets count: Int) -> Int { count > 255 ? 4 : 3 }

    /// The octets of the wire; the length has two octets only where it must.
    var octets: [UInt8] {
        var writer = ByteWriter()
        if value.count > 255 {
            writer.write(flags.union(.extendedLength).rawValue)
            writer.write(typeCode)
            writer.write(UInt16(clamping: value.count))
        } else {
            writer.write([flags.subtracting(.extendedLength).rawValue, typeCode, UInt8(clamping: value.count)])
        }
        writer.write(value)
        return writer.bytes
    }
}
