"""Make a figure's SVG fit to stand inside a page: no ground, ids of its own, a name, a size."""

import re
from xml.etree import ElementTree as ET

SVG = "http://www.w3.org/2000/svg"
GROUND = "patch_1"
ID = re.compile(r'(\bid="|\bhref="#|url\(#)')
"""Before an id, and before a reference to one."""

ET.register_namespace("", SVG)
ET.register_namespace("xlink", "http://www.w3.org/1999/xlink")


def inline_svg(source: str, prefix: str) -> str:
    """Rewrite the SVG of a picture for a page on which every other figure has another prefix."""
    root = ET.fromstring(source)  # noqa: S314 (drawn by this book's own code)
    # As its style sheet has it, which would apply to all of the page.
    root.set("style", "stroke-linejoin: round; stroke-linecap: butt")
    _drop(root)
    # The page says how large it is, and in what type; what drew it stands below it.
    for name in ("width", "height", "font-family", "data-call"):
        del root.attrib[name]
    # Those who hear the picture get its own title and description. Sphinx marks the words of a
    # search where they stand on a page, and these have no place.
    for label in (*root.iterfind(f"{{{SVG}}}title"), *root.iterfind(f"{{{SVG}}}desc")):
        label.attrib = {"class": "nohighlight", "id": label.tag.rpartition("}")[2]}
    root.attrib |= {"role": "img", "aria-labelledby": f"{prefix}title {prefix}desc"}
    return ID.sub(rf"\g<1>{prefix}", ET.tostring(root, encoding="unicode"))


def _drop(root: ET.Element) -> None:
    """Drop the style sheet, the ground, for which there is the page, and what cannot be seen."""
    for parent in list(root.iter()):
        for child in list(parent):
            id = child.get("id", "")
            unseen = id.startswith("patch_") and all(
                path.get("style") == "fill: none" for path in child
            )
            if id == GROUND or unseen or child.tag == f"{{{SVG}}}style":
                parent.remove(child)
