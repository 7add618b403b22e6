import ControlProtocol

/// Shows a result that comes in pages, each page as it comes, so that no table is held as a whole.
///
/// The JSON form is one document all the same: the first page's keys, the rows of all pages, no `next_cursor`. A failure
/// behind the first page leaves the document unfinished, and the exit code says so.
struct PagedOutput {
    let output: CommandOutput

    /// - Parameter page: fetches the page that begins at a cursor.
    func show<Pages: PagedResult & TabularResult>(
        from first: Pages, page: (String) throws(CommandFailure) -> Pages
    ) throws(CommandFailure) {
        switch output.form {
        case .text(let style):
            guard !first.rows.isEmpty || first.nextCursor != nil else {
                output.standardOutput(first.text(style))
                return
            }
            var layout = TextTable.Layout()
            try forEachPage(from: first, page) { current throws(CommandFailure) in
                output.standardOutput(layout.text(of: current.table(), style))
            }
            if let remark = first.closingRemark { output.standardOutput(remark + "\n") }
        case .json:
            try showDocument(from: first, page: page)
        }
    }

    private func showDocument<Pages: PagedResult>(
        from first: Pages, page: (String) throws(CommandFailure) -> Pages
    ) throws(CommandFailure) {
        var envelope = first
        envelope.rows = []
        envelope.nextCursor = nil
        let emptyRows = "\"\(Pages.rowsKey)\":[]"
        let parts = try output.document(envelope).split(separator: emptyRows, maxSplits: 1)
        guard parts.count == 2 else {
            throw CommandFailure(exitCode: .refused, message: "the result cannot be written as JSON")
        }
        output.standardOutput(parts[0] + "\"\(Pages.rowsKey)\":[")
        var isFirstRow = true
        try forEachPage(from: first, page) { current throws(CommandFailure) in
            var text = ""
            for row in current.rows {
                if !isFirstRow { text += "," }
                isFirstRow = false
                text += try output.document(row)
            }
            output.standardOutput(text)
        }
        output.standardOutput("]" + parts[1] + "\n")
    }

    private func forEachPage<Pages: PagedResult>(
        from first: Pages, _ page: (String) throws(CommandFailure) -> Pages,
        _ body: (Pages) throws(CommandFailure) -> Void
    ) throws(CommandFailure) {
        var current = first
        try body(current)
        while let cursor = current.nextCursor {
            current = try page(cursor)
            guard current.nextCursor != cursor else {
                throw CommandFailure(exitCode: .refused, message: "the daemon's pages do not end")
            }
            try body(current)
        }
    }
}
