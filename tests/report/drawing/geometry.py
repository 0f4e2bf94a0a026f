"""What must hold of every drawing, whatever cluster it is of."""

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

from certplan.report.drawing.picture import Area, DrawnPicture, Path

__all__ = ["flaws"]

_SLACK = 0.01


def flaws(picture: DrawnPicture) -> list[str]:
    """Everything about the drawing that would be hard to read."""
    return [*_texts(picture), *_boxes(picture), *_paths(picture)]


def _texts(picture: DrawnPicture) -> Iterator[str]:
    canvas = Area(0, 0, picture.width, picture.height)
    for text in picture.texts:
        said = "".join(part for part, _ in text.parts)
        if not _inside(text.area, text.within):
            yield f"{said!r} leaves its box"
        if not _inside(text.area, canvas):
            yield f"{said!r} leaves the canvas"
    for one, other in combinations(picture.texts, 2):
        if _overlap(one.area, other.area):
            yield f"{one.parts[0][0]!r} and {other.parts[0][0]!r} lie on each other"


def _boxes(picture: DrawnPicture) -> Iterator[str]:
    canvas = Area(0, 0, picture.width, picture.height)
    for box in (*picture.lanes, *picture.cards, *picture.boxes):
        if not _inside(box.area, canvas):
            yield f"{box.kind} leaves the canvas"
    for one, other in combinations(picture.boxes, 2):
        if _overlap(one.area, other.area):
            yield f"{one.kind} and {other.kind} lie on each other"
    cards = [card for card in picture.cards if card.kind == "card"]
    for card, other in combinations(cards, 2):
        if _overlap(card.area, other.area):
            yield "two cards lie on each other"
    for box in picture.boxes:
        if box.kind != "port" and any(_overlap(box.area, card.area) for card in cards):
            yield f"{box.kind} lies on a card"


def _paths(picture: DrawnPicture) -> Iterator[str]:
    ends = [box.area for box in picture.boxes]
    frames = [box.area for box in picture.cards if box.kind == "frame"]
    for path in picture.paths:
        if any(a[0] != b[0] and a[1] != b[1] for a, b in pairwise(path.points)):
            yield f"{path.stroke}: a leg is neither level nor upright"
        for leg in _legs(path):
            for text in picture.texts:
                if _overlap(leg, text.area):
                    yield f"{path.stroke} runs over {text.parts[0][0]!r}"
            for area in ends:
                inner = Area(area.x + 1, area.y + 1, area.width - 2, area.height - 2)
                if _overlap(leg, inner):
                    yield f"{path.stroke} runs through a box"
        samples = path.points[0][0] == 16 or path.points[0][1] > max(lane.area.bottom for lane in picture.lanes)
        for x, y in () if samples else (path.points[0], path.points[-1]):
            at_an_edge = any(abs(x - edge) < 1 for each in frames for edge in (each.x, each.right))
            if not at_an_edge and not any(_touches(area, x, y) for area in ends):
                yield f"{path.stroke} has an end in the air at {x}, {y}"
    for one, other in combinations(picture.paths, 2):
        if one.stroke is not other.stroke and any(_along(a, b) for a in _legs(one) for b in _legs(other)):
            yield f"{one.stroke} and {other.stroke} run on top of each other"


def _legs(path: Path) -> Sequence[Area]:
    return [
        Area(min(a[0], b[0]) - 0.5, min(a[1], b[1]) - 0.5, abs(a[0] - b[0]) + 1, abs(a[1] - b[1]) + 1)
        for a, b in pairwise(path.points)
    ]


def _along(one: Area, other: Area) -> bool:
    """Whether two legs share more than a crossing."""
    wide = min(one.right, other.right) - max(one.x, other.x)
    high = min(one.bottom, other.bottom) - max(one.y, other.y)
    return (wide > 4 and high > 0) or (high > 4 and wide > 0)


def _touches(area: Area, x: float, y: float) -> bool:
    return area.x - 1 <= x <= area.right + 1 and area.y - 1 <= y <= area.bottom + 1


def _inside(inner: Area, outer: Area) -> bool:
    return (
        inner.x >= outer.x - _SLACK
        and inner.y >= outer.y - _SLACK
        and inner.right <= outer.right + _SLACK
        and inner.bottom <= outer.bottom + _SLACK
    )


def _overlap(one: Area, other: Area) -> bool:
    return (
        one.x + _SLACK < other.right
        and other.x + _SLACK < one.right
        and one.y + _SLACK < other.bottom
        and other.y + _SLACK < one.bottom
    )
