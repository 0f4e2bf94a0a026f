"""Before and after in one drawing: today above the target."""

from collections.abc import Sequence

from certplan.report.drawing.layout import lay_out
from certplan.report.drawing.picture import Area, Box, DrawnPicture, Path, Text
from certplan.report.drawing.scene import Scene
from certplan.value import replace

__all__ = ["lay_out_states", "states_of"]


def states_of(today: Scene, target: Scene) -> tuple[Scene, Scene]:
    """Both scenes, each with its state in its title."""
    return replace(today, title=f"{today.title}, today"), replace(target, title=f"{target.title}, target")


def lay_out_states(scenes: Sequence[Scene]) -> DrawnPicture:
    """Several states of a cluster, one below the other."""
    pictures = [lay_out(scene) for scene in scenes]
    low = 0.0
    placed = []
    for picture in pictures:
        placed.append(_lowered(picture, low))
        low += picture.height
    return DrawnPicture(
        max(picture.width for picture in pictures),
        low,
        tuple(box for picture in placed for box in picture.lanes),
        tuple(box for picture in placed for box in picture.cards),
        tuple(path for picture in placed for path in picture.paths),
        tuple(box for picture in placed for box in picture.boxes),
        tuple(text for picture in placed for text in picture.texts),
    )


def _lowered(picture: DrawnPicture, by: float) -> DrawnPicture:
    def area(each: Area) -> Area:
        return replace(each, y=each.y + by)

    def boxes(each: Sequence[Box]) -> tuple[Box, ...]:
        return tuple(replace(box, area=area(box.area)) for box in each)

    def path(each: Path) -> Path:
        return replace(each, points=tuple((x, y + by) for x, y in each.points))

    def text(each: Text) -> Text:
        return replace(each, y=each.y + by, within=area(each.within))

    return replace(
        picture,
        lanes=boxes(picture.lanes),
        cards=boxes(picture.cards),
        paths=tuple(map(path, picture.paths)),
        boxes=boxes(picture.boxes),
        texts=tuple(map(text, picture.texts)),
    )
