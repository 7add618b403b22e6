/// One part of what is compared after every line has been read: it adds its part to the model, and reports what is wrong.
///
/// A check takes what it reads of the text when it is made; what it reads of the model is what those before it have made.
protocol ConfigurationCheck: SendableMetatype {
    init(_ text: CheckedText, _ report: CheckReport)

    /// - Parameter configuration: is complete only if there are no errors; a part that is wrong is left out of it.
    func check(_ configuration: inout Configuration)
}

/// What the statements say, before anything is compared.
struct CheckedText {
    let draft: ConfigurationDraft
    /// In the order of their names.
    let interfaces: [(name: InterfaceName, draft: InterfaceDraft)]
    /// What `<hidden>` passwords are taken from.
    let base: Configuration?

    init(_ draft: ConfigurationDraft, base: Configuration?) {
        self.draft = draft
        self.base = base
        interfaces = draft.interfaces.keys.sorted().compactMap { name in draft.interfaces[name].map { (name, $0) } }
    }
}
