/// A request of the control socket. Its properties are its parameters; its answer and the answer's text stand in its file.
///
/// On the wire the parameters are the `params` of a JSON-RPC 2.0 request, in snake_case. Where every parameter may be left
/// out, so may `params`.
public protocol ControlRequest: Codable, Hashable, Sendable {
    /// What it is answered with.
    associatedtype Answer: ControlResult

    /// The name of the JSON-RPC method: what is done, and with what.
    static var method: String { get }

    /// Whether it changes anything of the box.
    static var isChange: Bool { get }
}

extension ControlRequest {
    public static var isChange: Bool { !onlyLooks }

    /// Whether asking again changes nothing.
    public static var onlyLooks: Bool { method.hasPrefix("show.") || method.hasPrefix("explain.") }
}

/// A request that says all by its method. It has no `params`, and whatever a client sends there is not read.
public protocol ParameterlessRequest: ControlRequest {
    init()
}

/// A request whose answer comes in pages.
public protocol PagedRequest: ControlRequest where Answer: PagedResult & TabularResult {
    /// Which of them is wanted.
    var page: Page { get set }
}

/// A request about a whole configuration.
public protocol ConfigurationRequest: ControlRequest {
    var configuration: ConfigurationText { get }

    init(_ configuration: ConfigurationText)
}

extension ConfigurationRequest {
    /// The text's own keys are the parameters.
    public init(from decoder: any Decoder) throws { self.init(try ConfigurationText(from: decoder)) }

    public func encode(to encoder: any Encoder) throws { try configuration.encode(to: encoder) }
}
