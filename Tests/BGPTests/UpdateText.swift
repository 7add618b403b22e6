import BGP

/// UPDATE bodies put together from hexadecimal attributes.
enum UpdateText {
    static let origin = "40 01 01 00"
    static let asPath = "40 02 06 02 01 0000fde9"
    /// 42:1:10.1.0.0/16 with label 1001, next hop 192.0.2.1.
    static let reachable = "80 0e 1f 0001 80 0c 0000000000000000 c0000201 00 68 003e91 0000002a00000001 0a01"
    /// 42:1:10.2.0.0/16.
    static let unreachable = "80 0f 11 0001 80 68 800000 0000002a00000001 0a02"

    static func body(_ attributes: String..., withdrawn: String = "", ipv4Routes: String = "") -> ArraySlice<UInt8> {
        let fields = (octets(withdrawn), attributes.flatMap { octets($0) }, octets(ipv4Routes))
        func length(_ field: [UInt8]) -> [UInt8] { [UInt8(field.count >> 8), UInt8(field.count & 0xFF)] }
        return (length(fields.0) + fields.0 + length(fields.1) + fields.1 + fields.2)[...]
    }
}
