import Addressing
import BGP

/// The octets that a text of hexadecimal digits stands for; spaces are for the reader.
func octets(_ hexadecimal: String) -> [UInt8] {
    let digits = hexadecimal.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

/// A message without its header.
func body(_ message: [UInt8]) -> ArraySlice<UInt8> { message[...].dropFirst(MessageHeader.octets) }

/// An UPDATE with its header (RFC 4271 §4.1).
func message(_ body: ArraySlice<UInt8>) -> [UInt8] {
    let octets = MessageHeader.octets + body.count
    return [UInt8](repeating: 0xFF, count: 16) + [UInt8(octets >> 8), UInt8(octets & 0xFF), 2] + body
}

func address(_ text: String) throws -> IPAddress { try required(IPAddress(text)) }
func v4(_ text: String) throws -> IPv4Address { try required(IPv4Address(text)) }
func v6(_ text: String) throws -> IPv6Address { try required(IPv6Address(text)) }
func label(_ value: UInt32) throws -> MPLSLabel { try required(MPLSLabel(rawValue: value)) }

func vpnPrefix(_ routeDistinguisher: String, _ prefix: String) throws -> VPNPrefix {
    try VPNPrefix(
        routeDistinguisher: required(RouteDistinguisher(routeDistinguisher)), prefix: required(IPPrefix(prefix)))
}

func vpn(_ routeDistinguisher: String, _ prefix: String) throws -> NLRI {
    .vpn(try vpnPrefix(routeDistinguisher, prefix))
}

func route(_ routeDistinguisher: String, _ prefix: String, label value: UInt32) throws -> AnnouncedRoute {
    AnnouncedRoute(try vpnPrefix(routeDistinguisher, prefix), labels: .single(try label(value)))
}

/// A value that the test's own text must have.
struct MissingValue: Error {}

func required<Value>(_ value: Value?) throws -> Value {
    guard let value else { throw MissingValue() }
    return value
}

let bothFamilies: Set<AddressFamilyIdentifier> = [.vpnIPv4, .vpnIPv6]
let externalContext = UpdateContext(fourOctetAutonomousSystems: true, isExternal: true, families: bothFamilies)
let internalContext = UpdateContext(fourOctetAutonomousSystems: true, isExternal: false, families: bothFamilies)
let twoOctetContext = UpdateContext(fourOctetAutonomousSystems: false, isExternal: true, families: bothFamilies)

extension UpdateContext {
    /// The same with every family of the table, and next hops of IPv6 for those of IPv4.
    var withEveryFamily: UpdateContext {
        var context = self
        context.families = Set(NLRICodec.all.map(\.family))
        context.extendedNextHops = context.families.filter { $0.addressFamily == 1 }
        return context
    }
}
