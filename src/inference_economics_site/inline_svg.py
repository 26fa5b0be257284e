"""Make a standalone SVG fit to stand inside a page: no ground, ids of its own, a name, a size."""

import re
from xml.etree import ElementTree as ET

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
DROPPED = (f"{{{SVG}}}metadata", f"{{{SVG}}}style")
GROUND = "patch_1"
URL_REFERENCE = re.compile(r"url\(#([^)]+)\)")

ET.register_namespace("", SVG)
ET.register_namespace("xlink", XLINK)


def inline_svg(source: str, prefix: str) -> str:
    """Rewrite an SVG document for a page on which every other figure has another prefix."""
    root = ET.fromstring(source)  # noqa: S314 (drawn by this book's own code)
    _drop_page_wide_parts(root)
    _drop_grounds(root)
    _prefix_ids(root, prefix)
    _name(root, prefix)
    # The page says how large it is, and in what type; what drew it stands below it.
    for name in ("width", "height", "font-family", "data-call"):
        root.attrib.pop(name, None)
    return ET.tostring(root, encoding="unicode")


def _drop_page_wide_parts(root: ET.Element) -> None:
    """Drop the metadata, and the style sheet: within a page it would apply to all of the page."""
    if root.find(f".//{{{SVG}}}style") is not None:
        root.attrib.setdefault("style", "stroke-linejoin: round; stroke-linecap: butt")
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in DROPPED:
                parent.remove(child)


def _drop_grounds(root: ET.Element) -> None:
    """Drop the picture's ground, for which there is the page, and what cannot be seen."""
    for parent in root.iter():
        for child in list(parent):
            id = child.get("id", "")
            unseen = id.startswith("patch_") and all(
                path.get("style") == "fill: none" for path in child
            )
            if id == GROUND or unseen:
                parent.remove(child)


def _prefix_ids(root: ET.Element, prefix: str) -> None:
    """Prefix every id and every reference to one."""
    for element in root.iter():
        for key, value in element.attrib.items():
            if key == "id":
                element.set(key, prefix + value)
            elif key in ("href", f"{{{XLINK}}}href") and value.startswith("#"):
                element.set(key, f"#{prefix}{value[1:]}")
            elif key in ("aria-labelledby", "aria-describedby"):
                element.set(key, " ".join(prefix + name for name in value.split()))
            elif "url(#" in value:
                element.set(key, URL_REFERENCE.sub(rf"url(#{prefix}\1)", value))


def _name(root: ET.Element, prefix: str) -> None:
    """Name the picture for those who hear it: by its own title and description."""
    labels = [root.find(f"{{{SVG}}}{tag}") for tag in ("title", "desc")]
    for label in labels:
        if label is None:
            continue
        # Sphinx marks the words of a search where they stand on a page, and these have no place.
        label.set("class", "nohighlight")
        if "id" not in label.attrib:
            label.set("id", f"{prefix}{label.tag.rpartition('}')[2]}")
    root.set("role", "img")
    root.set(
        "aria-labelledby", " ".join(label.attrib["id"] for label in labels if label is not None)
    )
