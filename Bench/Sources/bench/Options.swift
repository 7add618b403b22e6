/// The command line of `bench`.
struct Options {
    var part = ""
    var routesFile: String?
    var packetsFile: String?
    var vrfs = 1
    var firstLabel: UInt32?
    var firstVLAN: UInt16?
    var json = false
    var seed: UInt64 = 1
    var hugepageDirectory: String?
    /// `--services all`: with those of `BoxServices`.
    var hasServices = false
    /// `--family`: of `instructions`.
    var family = "ipv4"
    /// `--qinq`, of `instructions`: circuits with two tags.
    var hasServiceTag = false
    /// Least time of one case.
    var seconds = 1.0
    /// The `stile-dataplane` whose workers `scaling` measures; `nil`: only what needs no process.
    var dataplane: String?
    /// Only the cases whose name contains this.
    var only: String?

    struct Refusal: Error, CustomStringConvertible {
        var description: String
    }

    init(_ arguments: [String]) throws(Refusal) {
        var rest = arguments[...]
        func value(of option: String) throws(Refusal) -> String {
            guard let value = rest.popFirst() else { throw Refusal(description: "\(option): a value is missing") }
            return value
        }
        func number<Number: LosslessStringConvertible>(of option: String, as type: Number.Type) throws(Refusal)
            -> Number
        {
            let text = try value(of: option)
            guard let number = Number(text) else { throw Refusal(description: "\(option): \(text) is not a number") }
            return number
        }
        while let argument = rest.popFirst() {
            switch argument {
            case "--routes": routesFile = try value(of: argument)
            case "--packets": packetsFile = try value(of: argument)
            case "--vrfs": vrfs = try number(of: argument, as: Int.self)
            case "--first-label": firstLabel = try number(of: argument, as: UInt32.self)
            case "--first-vlan": firstVLAN = try number(of: argument, as: UInt16.self)
            case "--seed": seed = try number(of: argument, as: UInt64.self)
            case "--seconds": seconds = try number(of: argument, as: Double.self)
            case "--hugepages": hugepageDirectory = try value(of: argument)
            case "--dataplane": dataplane = try value(of: argument)
            case "--only": only = try value(of: argument)
            case "--json": json = true
            case "--qinq": hasServiceTag = true
            case "--family":
                family = try value(of: argument)
                guard ["ipv4", "ipv6"].contains(family) else {
                    throw Refusal(description: "--family \(family): ipv4 or ipv6")
                }
            case "--services":
                let services = try value(of: argument)
                guard ["none", "all"].contains(services) else {
                    throw Refusal(description: "--services \(services): none or all")
                }
                hasServices = services == "all"
            default:
                guard part.isEmpty, !argument.hasPrefix("-") else {
                    throw Refusal(description: "\(argument): no such option")
                }
                part = argument
            }
        }
        guard (1...4_000).contains(vrfs) else { throw Refusal(description: "--vrfs: 1 to 4000") }
        guard (routesFile == nil) == (packetsFile == nil) else {
            throw Refusal(description: "--routes and --packets go together")
        }
        guard !hasServices || routesFile == nil else {
            throw Refusal(
                description: "--services all makes its own routes and packets: sources have to be routed back")
        }
    }
}
