"""A table without borders: text to the left, numbers to the right."""


def table(head, rows):
    cells = [list(head)] + [[_text(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    numeric = [rows and all(isinstance(row[column], (int, float)) for row in rows) for column in range(len(head))]
    lines = []
    for row in cells:
        line = [cell.rjust(width) if number else cell.ljust(width)
                for cell, width, number in zip(row, widths, numeric)]
        lines.append("  ".join(line).rstrip())
    return "\n".join(lines)


def _text(cell):
    return f"{cell:.0f}" if isinstance(cell, float) else str(cell)
