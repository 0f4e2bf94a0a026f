"""A drawing as SVG 1.1 that needs nothing else: no other file, no script, no font but the system's."""

from collections.abc import Iterator
from math import hypot
from xml.sax.saxutils import escape

from certplan.report.drawing.layout import lay_out
from certplan.report.drawing.palette import ROOT, drawing_style
from certplan.report.drawing.picture import Box, Path, Picture, Point, Stroke, Text
from certplan.report.drawing.scene import Scene
from certplan.report.drawing.states import lay_out_states, states_of
from certplan.report.drawing.tell import sentences

__all__ = ["picture_svg", "scene_svg", "states_svg"]

_ROUND = 6
_HEAD = 8


def scene_svg(scene: Scene, *, ident: str = "drawing", style: bool = True, heading: bool = True) -> str:
    """The scene as one `<svg>` element, a document of its own or a part of a page.

    Args:
        scene: what `draw_scene` returned.
        ident: the start of the ids in it (letters, digits and hyphens), for pages with more than one.
        style: False leaves the style sheet out, for pages whose policy wants it elsewhere: see `drawing_style`.
        heading: whether the title, the facts and the verdict stand above the lanes.

    Returns:
        Text that ends with a line feed; the same scene always gives the same.
    """
    picture = lay_out(scene, heading=heading)
    return picture_svg(picture, f"Cluster {scene.title}", " ".join(sentences(scene)), ident=ident, style=style)


def states_svg(today: Scene, target: Scene) -> str:
    """Before and after as one `<svg>` element: today above the target, each with its heading and its legend."""
    scenes = states_of(today, target)
    said = " ".join(
        f"{name}: {' '.join(sentences(scene))}" for name, scene in zip(("Today", "Target"), scenes, strict=True)
    )
    return picture_svg(lay_out_states(scenes), f"Cluster {today.title}, today and target", said)


def picture_svg(picture: Picture, title: str, description: str, *, ident: str = "drawing", style: bool = True) -> str:
    """Any laid-out picture as one `<svg>` element, with its title and what it says in sentences."""
    return "\n".join(_lines(picture, title, description, ident, style=style)) + "\n"


def _lines(picture: Picture, title: str, description: str, ident: str, *, style: bool) -> Iterator[str]:
    wide, high = _number(picture.width), _number(picture.height)
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{ROOT}" role="img"'
        f' aria-labelledby="{ident}-title {ident}-desc" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}">'
    )
    yield f'<title id="{ident}-title">{escape(title)}</title>'
    yield f'<desc id="{ident}-desc">{escape(description)}</desc>'
    if style:
        yield f"<style>{drawing_style()}</style>"
    yield f'<rect class="box paper" width="{wide}" height="{high}"/>'
    for box in (*picture.lanes, *picture.cards):
        yield _box(box)
    for path in sorted(picture.paths, key=lambda path: list(Stroke).index(path.stroke), reverse=True):
        yield from _path(path)
    for box in picture.boxes:
        yield _box(box)
    for text in picture.texts:
        yield _text(text)
    yield "</svg>"


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _box(box: Box) -> str:
    area = box.area
    place = " ".join(
        f'{name}="{_number(value)}"'
        for name, value in (("x", area.x), ("y", area.y), ("width", area.width), ("height", area.height))
    )
    return f'<rect class="box {box.kind} mark-{box.mark}" {place} rx="{_number(box.radius)}"/>'


def _text(text: Text) -> str:
    anchor = "" if text.anchor == "start" else f' text-anchor="{text.anchor}"'
    title = f"<title>{escape(text.full)}</title>" if text.full else ""
    parts = [(escape(words), style.name) for words, style in text.parts]
    at = f'x="{_number(text.x)}" y="{_number(text.y)}"{anchor}'
    if len(parts) == 1:
        words, name = parts[0]
        return f'<text class="{name} mark-{text.mark}" {at}>{title}{words}</text>'
    spans = "".join(f'<tspan class="{name}">{words}</tspan>' for words, name in parts)
    return f'<text class="mark-{text.mark}" {at}>{title}{spans}</text>'


def _path(path: Path) -> Iterator[str]:
    kind = path.stroke.name.lower()
    points = path.points
    if not path.headed:
        yield f'<path class="way {kind}" d="{_curve(points)}"/>'
        return
    before, (x, y) = points[-2], points[-1]
    along = _direction(before, (x, y))
    base = (x - along[0] * _HEAD, y - along[1] * _HEAD)
    yield f'<path class="way {kind}" d="{_curve((*points[:-1], base))}"/>'
    across = (-along[1] * _HEAD / 2, along[0] * _HEAD / 2)
    corners = ((x, y), (base[0] + across[0], base[1] + across[1]), (base[0] - across[0], base[1] - across[1]))
    yield f'<path class="head head-{kind}" d="M{"L".join(_pair(corner) for corner in corners)}Z"/>'
    if path.stroke is Stroke.REFUSED and hypot(x - before[0], y - before[1]) >= 2.5 * _HEAD:
        cross = (x - along[0] * 1.9 * _HEAD, y - along[1] * 1.9 * _HEAD)
        yield f'<path class="{kind} cross" d="{_cross(cross)}"/>'


def _cross(at: Point) -> str:
    x, y, arm = at[0], at[1], 4
    corners = ((x - arm, y - arm), (x + arm, y + arm), (x - arm, y + arm), (x + arm, y - arm))
    return "M{}L{}M{}L{}".format(*(_pair(corner) for corner in corners))


def _curve(points: tuple[Point, ...]) -> str:
    """The line through the points, its corners rounded as far as the legs allow."""
    parts = [f"M{_pair(points[0])}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        reach = min(_ROUND, _distance(before, corner) / 2, _distance(corner, after) / 2)
        start, end = _direction(corner, before), _direction(corner, after)
        parts.append(f"L{_pair((corner[0] + start[0] * reach, corner[1] + start[1] * reach))}")
        parts.append(f"Q{_pair(corner)} {_pair((corner[0] + end[0] * reach, corner[1] + end[1] * reach))}")
    parts.append(f"L{_pair(points[-1])}")
    return "".join(parts)


def _distance(one: Point, other: Point) -> float:
    return hypot(other[0] - one[0], other[1] - one[1])


def _direction(one: Point, other: Point) -> Point:
    length = _distance(one, other) or 1
    return (other[0] - one[0]) / length, (other[1] - one[1]) / length


def _pair(point: Point) -> str:
    return f"{_number(point[0])} {_number(point[1])}"
