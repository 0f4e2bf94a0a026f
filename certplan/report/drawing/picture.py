"""What a laid-out drawing is made of: boxes, lines and texts with their coordinates, in pixels from the top left."""

from enum import StrEnum

from certplan.report.drawing.measure import Style, Type, width
from certplan.value import Value, field

__all__ = ["Area", "Box", "DrawnPicture", "Mark", "Path", "Point", "Stroke", "Styles", "Text"]

Point = tuple[float, float]


class Styles:
    """How each kind of text is set."""

    TITLE = Style("title", 18, Type.BOLD, 700)
    HEADLINE = Style("headline", 13, Type.BOLD, 700)
    FACTS = Style("facts", 12, Type.REGULAR)
    LANE = Style("lane-name", 11, Type.BOLD, 700)
    NAME = Style("name", 14, Type.BOLD, 700)
    NUMBER = Style("number", 14, Type.BOLD, 700)
    LABEL = Style("label", 11, Type.BOLD, 700)
    SMALL = Style("small", 11, Type.REGULAR)
    CODE = Style("code", 12, Type.MONO)


class Stroke(StrEnum):
    """The kinds of line, each with a style of its own besides its color. The value is its words in the legend."""

    ACCEPTED = "connection accepted"
    REFUSED = "connection rejected"
    UNCHECKED = "connection not verified"
    SERVICE = "connection to servers"
    RECORD = "DNS record"
    WRONG = "DNS: wrong address"
    NAT = "static NAT"


class Mark(StrEnum):
    """How a text or a box is colored; it never says more than its words do."""

    PLAIN = "plain"
    MUTED = "muted"
    GOOD = "good"
    BAD = "bad"
    OPEN = "open"
    INVERSE = "inverse"


class Area(Value):
    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


class Box(Value):
    """A rectangle. `kind` is its class in the style sheet, `radius` that of its corners."""

    area: Area
    kind: str
    mark: Mark = Mark.PLAIN
    radius: float = 6


class Text(Value):
    """One line of text on its baseline, in one style or several, one after the other."""

    x: float
    y: float
    parts: tuple[tuple[str, Style], ...]
    within: Area
    """What it belongs to and never leaves."""
    mark: Mark = Mark.PLAIN
    anchor: str = "start"
    full: str = ""
    """The whole text, where only a part of it is shown."""

    @property
    def area(self) -> Area:
        """The room it takes at the most."""
        wide = sum(width(text, style) for text, style in self.parts)
        size = max(style.size for _, style in self.parts)
        x = self.x - {"start": 0.0, "middle": wide / 2, "end": wide}[self.anchor]
        return Area(x, self.y - 0.95 * size, wide, 1.2 * size)


class Path(Value):
    """A line through these points, its corners rounded."""

    points: tuple[Point, ...]
    stroke: Stroke
    headed: bool = True
    """Whether it ends in an arrow head (and, when refused, is crossed out before it)."""


class DrawnPicture(Value):
    """A drawing ready to be written: lanes below cards below paths below boxes below texts."""

    width: float
    height: float
    lanes: tuple[Box, ...]
    cards: tuple[Box, ...]
    paths: tuple[Path, ...]
    boxes: tuple[Box, ...]
    texts: tuple[Text, ...] = field(default=())
