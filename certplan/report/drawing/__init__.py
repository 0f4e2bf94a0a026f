"""The drawing of a cluster in its networks: as SVG, and as a Mermaid flowchart."""

from certplan.report.drawing.compose import draw_scene
from certplan.report.drawing.mermaid import scene_mermaid
from certplan.report.drawing.palette import drawing_style
from certplan.report.drawing.scene import Scene
from certplan.report.drawing.svg import scene_svg, states_svg

__all__ = ["Scene", "draw_scene", "drawing_style", "scene_mermaid", "scene_svg", "states_svg"]
