"""A drawing as SVG 1.1 that needs nothing else: no other file, no script, no font but the system's."""

from math import hypot
from xml.etree import ElementTree as ET

from certplan.report.drawing.layout import lay_out
from certplan.report.drawing.palette import ROOT, drawing_style
from certplan.report.drawing.picture import Box, DrawnPicture, Path, Point, Stroke, Text
from certplan.report.drawing.scene import Scene
from certplan.report.drawing.sentences import sentences
from certplan.report.drawing.states import lay_out_states, states_of
from certplan.report.vector import add, begun, coordinate, written

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


def picture_svg(
    picture: DrawnPicture, title: str, description: str, *, ident: str = "drawing", style: bool = True
) -> str:
    """Any laid-out picture as one `<svg>` element, with its title and what it says in sentences."""
    svg = begun(ROOT, (picture.width, picture.height), title, description, ident=ident)
    if style:
        add(svg, "style", drawing_style())
    add(svg, "rect", kind="box paper", width=picture.width, height=picture.height)
    for box in (*picture.lanes, *picture.cards):
        _box(svg, box)
    for path in sorted(picture.paths, key=lambda path: list(Stroke).index(path.stroke), reverse=True):
        _path(svg, path)
    for box in picture.boxes:
        _box(svg, box)
    for text in picture.texts:
        _text(svg, text)
    return written(svg) + "\n"


def _box(svg: ET.Element, box: Box) -> None:
    area = box.area
    kind = f"box {box.kind} mark-{box.mark}"
    add(svg, "rect", kind=kind, x=area.x, y=area.y, width=area.width, height=area.height, rx=box.radius)


def _text(svg: ET.Element, text: Text) -> None:
    single = len(text.parts) == 1
    kind = f"{text.parts[0][1].name} mark-{text.mark}" if single else f"mark-{text.mark}"
    anchor = {} if text.anchor == "start" else {"text_anchor": text.anchor}
    whole = add(svg, "text", kind=kind, x=text.x, y=text.y, **anchor)
    last = add(whole, "title", text.full) if text.full else None
    for words, style in text.parts:
        if not single:
            add(whole, "tspan", words, style.name)
        elif last is not None:
            last.tail = words
        else:
            whole.text = words


def _path(svg: ET.Element, path: Path) -> None:
    kind = path.stroke.name.lower()
    points = path.points
    if not path.headed:
        add(svg, "path", kind=f"way {kind}", d=_curve(points))
        return
    before, (x, y) = points[-2], points[-1]
    along = _direction(before, (x, y))
    base = (x - along[0] * _HEAD, y - along[1] * _HEAD)
    add(svg, "path", kind=f"way {kind}", d=_curve((*points[:-1], base)))
    across = (-along[1] * _HEAD / 2, along[0] * _HEAD / 2)
    corners = ((x, y), (base[0] + across[0], base[1] + across[1]), (base[0] - across[0], base[1] - across[1]))
    add(svg, "path", kind=f"head head-{kind}", d=f"M{'L'.join(_pair(corner) for corner in corners)}Z")
    if path.stroke is Stroke.REFUSED and hypot(x - before[0], y - before[1]) >= 2.5 * _HEAD:
        cross = (x - along[0] * 1.9 * _HEAD, y - along[1] * 1.9 * _HEAD)
        add(svg, "path", kind=f"{kind} cross", d=_cross(cross))


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
    return f"{coordinate(point[0])} {coordinate(point[1])}"
