/// What a control request is answered with: one JSON document and, from the same values, its text form.
///
/// Keys of the JSON form are the property names in snake_case. What is `nil` is left out. Arrays are always there,
/// also when empty. Counters are monotonic.
public protocol ControlResult: Codable, Hashable, Sendable, TextRenderable {
    /// Name and version of the document's form, for instance `stile.show.interfaces/1`. The number grows when a key is
    /// renamed or removed or changes its meaning, not when one is added.
    static var schemaIdentifier: String { get }

    /// ``schemaIdentifier`` of the sender.
    var schema: String { get }

    /// How `stile` ends when it has shown the result.
    var exitCode: ExitCode { get }
}

extension ControlResult {
    public var exitCode: ExitCode { .done }
}

/// A result that comes in pages, so that a table of any size passes in pieces of bounded size.
public protocol PagedResult: ControlResult {
    associatedtype Row: Codable & Hashable & Sendable

    /// The JSON key of the rows.
    static var rowsKey: String { get }

    var rows: [Row] { get set }

    /// Where the next page begins, to be sent back as it is in ``Page/cursor``; `nil` on the last page.
    var nextCursor: String? { get set }
}
