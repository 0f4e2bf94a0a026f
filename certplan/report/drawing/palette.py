"""The colors, by day and by night, and the style sheet made of them.

No custom properties: where a drawing ends up in a program that knows none, it keeps its daylight colors.
"""

from collections.abc import Iterator

from certplan.report.drawing.measure import Style, Type
from certplan.report.drawing.picture import Mark, Stroke, Styles
from certplan.value import Value

__all__ = ["INK", "PALETTE", "ROOT", "STROKES", "Shade", "drawing_style"]

ROOT = "certplan-drawing"
"""The class that every rule of the style sheet hangs on."""


class Shade(Value):
    """One color by day and by night."""

    day: str
    night: str


PALETTE = {
    "paper": Shade("#ffffff", "#14181d"),
    "outer": Shade("#eef3f9", "#182330"),
    "middle": Shade("#f4f4f0", "#202225"),
    "inner": Shade("#eff6f1", "#182820"),
    "edge": Shade("#d5dbe2", "#38414b"),
    "card": Shade("#ffffff", "#0e1216"),
    "box edge": Shade("#838d98", "#73808c"),
    "card edge": Shade("#77838f", "#818d99"),
    "port": Shade("#e4eaf1", "#2a333d"),
    "ink": Shade("#17202a", "#e8ecf0"),
    "muted": Shade("#4c5864", "#b2bcc6"),
    "good": Shade("#0f6b3c", "#59cf92"),
    "bad": Shade("#b3161f", "#ff8d8a"),
    "open": Shade("#5a32a3", "#c3a6ff"),
    "record": Shade("#46648a", "#8fb0d9"),
    "wall": Shade("#b08a6a", "#7d6048"),
    "badge": Shade("#2d3d4e", "#c3ced9"),
    "inverse": Shade("#ffffff", "#0e1216"),
}
INK = {
    Mark.PLAIN: "ink",
    Mark.MUTED: "muted",
    Mark.GOOD: "good",
    Mark.BAD: "bad",
    Mark.OPEN: "open",
    Mark.INVERSE: "inverse",
}
"""The color of a text by its mark."""
STROKES = {
    Stroke.ACCEPTED: ("good", 2.0, ""),
    Stroke.REFUSED: ("bad", 2.6, ""),
    Stroke.UNCHECKED: ("open", 2.0, "7 4"),
    Stroke.SERVICE: ("muted", 1.8, "12 3"),
    Stroke.RECORD: ("record", 1.4, ""),
    Stroke.WRONG: ("bad", 1.4, "2 3"),
    Stroke.NAT: ("card edge", 1.4, "10 3 2 3"),
}
"""The color, width and dashes of a line."""

_SANS = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
_MONO = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace"
_BOXES = {
    "paper": ("paper", None),
    "lane-internet": ("outer", "edge"),
    "lane-dmz": ("middle", "edge"),
    "lane-inside": ("inner", "edge"),
    "card": ("card", "card edge"),
    "port": ("port", "card edge"),
    "badge": ("badge", None),
    "pill": ("port", None),
    "link": ("card", "box edge"),
    "lead": ("card", "box edge"),
    "context": ("card", "box edge"),
    "frame": (None, "box edge"),
    "stub": ("card", "card edge"),
    "firewall": ("wall", None),
}


def drawing_style() -> str:
    """The style sheet of every drawing, for a page that holds drawings made with `style=False`.

    It touches nothing outside elements of the class `certplan-drawing`. It is light on paper, and at night it stays
    light too where that element has the class `light` beside.
    """
    rules = [*_shapes(), *_colors(f".{ROOT}", night=False)]
    dark = "".join(_colors(f".{ROOT}:not(.light)", night=True))
    return "".join(rules) + f"@media screen and (prefers-color-scheme:dark){{{dark}}}"


def _shapes() -> Iterator[str]:
    yield f".{ROOT}{{font-family:{_SANS}}}"
    for style in vars(Styles).values():
        if isinstance(style, Style):
            family = f"font-family:{_MONO};" if style.type is Type.MONO else ""
            yield f".{ROOT} .{style.name}{{{family}font-size:{style.size:g}px;font-weight:{style.weight}}}"
    yield f".{ROOT} text,.{ROOT} tspan{{white-space:pre}}"
    yield f".{ROOT} .box{{stroke-width:1}}.{ROOT} .card{{stroke-width:1.4}}.{ROOT} .stub{{stroke-dasharray:4 3}}"
    yield f".{ROOT} .frame{{stroke-dasharray:4 3}}"
    yield f".{ROOT} .way{{fill:none;stroke-linejoin:round}}.{ROOT} .head{{stroke:none}}"
    for stroke, (_, wide, dashes) in STROKES.items():
        dashed = f"stroke-dasharray:{dashes}" if dashes else ""
        yield f".{ROOT} .{stroke.name.lower()}{{stroke-width:{wide:g};{dashed}}}"
    yield f".{ROOT} .cross{{fill:none;stroke-width:2.2;stroke-dasharray:none}}"


def _colors(root: str, *, night: bool) -> Iterator[str]:
    def shade(name: str) -> str:
        return PALETTE[name].night if night else PALETTE[name].day

    for kind, (fill, stroke) in _BOXES.items():
        inside, edge = (shade(name) if name else "none" for name in (fill, stroke))
        yield f"{root} .box.{kind}{{fill:{inside};stroke:{edge}}}"
    for mark in (Mark.GOOD, Mark.BAD, Mark.OPEN):
        yield f"{root} .box.mark-{mark.value}{{stroke:{shade(INK[mark])}}}"
    for mark, name in INK.items():
        yield f"{root} text.mark-{mark.value}{{fill:{shade(name)}}}"
    for stroke, (name, _, _) in STROKES.items():
        cls = stroke.name.lower()
        yield f"{root} .{cls}{{stroke:{shade(name)}}}{root} .head-{cls}{{fill:{shade(name)}}}"
