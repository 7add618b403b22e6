import Addressing
import Routing
import Synchronization

/// Numbers for names, given out as they come up, so that tests can call VRFs and circuits by name.
enum Numbers {
    private static let known = Mutex<[String]>([])

    static func number(of name: String) -> UInt16 {
        known.withLock { names in
            if let index = names.firstIndex(of: name) { return UInt16(index + 1) }
            names.append(name)
            return UInt16(names.count)
        }
    }

    static func name(of number: UInt16) -> String { known.withLock { $0[Int(number) - 1] } }
}

extension VRFNumber: ExpressibleByStringLiteral {
    public init(stringLiteral name: String) { self.init(rawValue: Numbers.number(of: name)) }
}

extension InterfaceNumber: ExpressibleByStringLiteral {
    public init(stringLiteral name: String) { self.init(rawValue: Numbers.number(of: name)) }
}

extension VRFInputs {
    init(name: String, routeDistinguisher: RouteDistinguisher) {
        self.init(name: name, number: VRFNumber(stringLiteral: name), routeDistinguisher: routeDistinguisher)
    }
}

extension CircuitAddress {
    init(circuit: String, address: InterfaceAddress) {
        self.init(circuit: circuit, number: InterfaceNumber(stringLiteral: circuit), address: address)
    }
}
