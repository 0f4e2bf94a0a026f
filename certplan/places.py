"""Where in a file something stands."""

from certplan.value import Value

__all__ = ["Place"]


class Place(Value, order=True):
    """A spot in a text file: `file` as it opens from where the user stands, `line` and `column` counted from 1.

    `line` 0 means the file as a whole, `column` 0 the line as a whole.
    """

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        if not self.line:
            return self.file
        return f"{self.file}:{self.line}:{self.column}" if self.column else f"{self.file}:{self.line}"
