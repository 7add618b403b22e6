/// The BGP path attributes (IANA "BGP Path Attributes") that Stile does not read and an operator may let through to
/// another one.
enum UnreadAttribute {
    /// Those below are read, or part of a session's own business.
    static let typeCodes: ClosedRange<UInt8> = 19...254

    /// Why an attribute of ``typeCodes`` is not the operator's to let through; `nil` if it is.
    static func refusal(of typeCode: UInt8) -> String? {
        switch typeCode {
        case 23: "tunnel encapsulation (RFC 9012) names our own tunnels"
        case 26: "AIGP (RFC 7311) stays in one administration"
        case 32, 128: "it is read here and goes on anyway"
        case 35: "OTC (RFC 9234) is for unicast routes"
        case 40: "Prefix-SID (RFC 8669) stays in one segment routing domain"
        default: nil
        }
    }
}
