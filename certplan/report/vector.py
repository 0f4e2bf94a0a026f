"""Pictures as SVG 1.1: one element that needs nothing else, with its title and what it says in sentences."""

from xml.etree import ElementTree as ET

__all__ = ["add", "begun", "coordinate", "written"]


def begun(
    kind: str, size: tuple[float, float], title: str, description: str, *, ident: str, **attributes: str
) -> ET.Element:
    """An `svg` element with a title and a description for those who do not see it.

    Args:
        kind: its class.
        size: width and height in pixels.
        title: its name.
        description: what it shows.
        ident: the start of the ids in it.
        attributes: more of them.
    """
    wide, high = map(coordinate, size)
    svg = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "class": kind,
            "role": "img",
            "aria-labelledby": f"{ident}-title {ident}-desc",
            "viewBox": f"0 0 {wide} {high}",
            "width": wide,
            "height": high,
            **attributes,
        },
    )
    add(svg, "title", title, id=f"{ident}-title")
    add(svg, "desc", description, id=f"{ident}-desc")
    return svg


def add(parent: ET.Element, tag: str, text: str = "", kind: str = "", **attributes: str | float) -> ET.Element:
    """A child of an element; `kind` is its class, `_` in the name of an attribute stands for `-`."""
    named = {
        name.replace("_", "-"): each if isinstance(each, str) else coordinate(each) for name, each in attributes.items()
    }
    child = ET.SubElement(parent, tag, ({"class": kind} if kind else {}) | named)
    child.text = text or None
    return child


def coordinate(value: float) -> str:
    """A coordinate, to a tenth of a pixel."""
    return f"{value:.1f}".removesuffix(".0")


def written(svg: ET.Element) -> str:
    """The text of an element, a line for each of its children."""
    svg.text = "\n"
    for child in svg:
        child.tail = "\n"
    return ET.tostring(svg, encoding="unicode", short_empty_elements=True)
