/// What checks have found, and where the objects of the text are.
final class CheckReport {
    private let source: SourceText
    private(set) var sources = SourceMap()
    private(set) var findings: [Finding] = []

    init(source: SourceText) { self.source = source }

    var hasErrors: Bool { findings.contains { $0.code.severity != .warning } }

    func callAsFunction(
        _ code: DiagnosticCode, _ message: String, at range: SourceRange, expected: [String] = [], hint: String? = nil
    ) {
        findings.append(Finding(code, message, at: range, expected: expected, hint: hint))
    }

    /// A name that nothing in the text defines, with the nearest one that something does.
    func undefined(
        _ code: DiagnosticCode, _ kind: String, _ name: String, at range: SourceRange, defined: some Sequence<String>,
        definition: String
    ) {
        let nearest = defined.sorted().map { (name: $0, distance: editDistance($0, name)) }
            .filter { $0.distance <= 2 && $0.distance < name.utf8.count }
            .min { $0.distance < $1.distance }
        let definition = "define it with '\(definition)'"
        self(
            code, "there is no \(kind) '\(name)'", at: range,
            hint: nearest.map { "did you mean '\($0.name)'? otherwise \(definition)" } ?? definition)
    }

    func record(_ object: ConfigurationObject, at range: SourceRange) {
        sources[object] = source.location(of: range)
    }

    /// Objects get other names, all at once, and stay in their places.
    func rename(_ objects: [(old: ConfigurationObject, new: ConfigurationObject)]) {
        let places = objects.map { sources[$0.old] }
        for object in objects { sources[object.old] = nil }
        for (object, place) in zip(objects, places) { sources[object.new] = place }
    }
}
