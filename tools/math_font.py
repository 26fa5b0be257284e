"""Make the font of the equations from STIX Two Math: `math_font.py ORIGINAL TARGET.woff2`.

Run once, not when the book is built: it needs the package `brotli` besides fontTools, and the
original. Only what equations may need is kept, and two things are changed to how browsers draw.
"""

import sys
from itertools import chain

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

SIGNS = frozenset(chain(
    range(0x20, 0x7F),
    map(ord, "\u00a0§¬¯°±µ·×÷\u0302\u0303\u0304\u0305\u0307\u2002\u2003\u2006\u2009\u200a"),
    map(ord, "–—‘’…′″€ℓ←→↔⇒⇔∀∂∃∈∏∑−∕∗√∝∞∩∪∫∼≃≅≈≠≡≤≥≪≫⋅⋯⌈⌉⌊⌋‖⟨⟩"),  # noqa: RUF001
    range(0x2061, 0x2065),  # what is read aloud but not seen
    range(0x391, 0x3AA), range(0x3B1, 0x3CA), (0x3D1, 0x3D5, 0x3D6, 0x3F0, 0x3F1, 0x3F5),
    range(0x1D434, 0x1D468), (0x210E,), range(0x1D6E2, 0x1D71C),  # letters as `mi` slants them
))  # fmt: skip

FEATURES = ["ccmp", "dtls", "flac", "kern", "liga", "locl", "mark", "mkmk", "ssty"]
NAMES = [0, 1, 2, 3, 4, 5, 6, 13, 14]

RULE = 54
"""Thickness of a fraction's bar, in 1/1000 em: at most one pixel in text, so never two for one."""

TALLEST = 2700
"""Height up to which brackets grow: Chromium makes each as wide as the widest that there is."""


def main() -> None:
    """Read, change, cut down, write."""
    source, target = sys.argv[1:]
    font = TTFont(source, recalcTimestamp=False)
    math = font["MATH"].table
    for name in ("FractionRuleThickness", "RadicalRuleThickness", "OverbarRuleThickness"):
        getattr(math.MathConstants, name).Value = RULE
    variants, signs = math.MathVariants, font.getBestCmap()
    for sign in "()[]{}⌈⌉⌊⌋":
        place = variants.VertGlyphCoverage.glyphs.index(signs[ord(sign)])
        grown = variants.VertGlyphConstruction[place]
        grown.GlyphAssembly = None
        kept = [v for v in grown.MathGlyphVariantRecord if v.AdvanceMeasurement <= TALLEST]
        grown.MathGlyphVariantRecord, grown.VariantCount = kept, len(kept)
    options = Options(flavor="woff2", hinting=False, layout_features=FEATURES, name_IDs=NAMES)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=SIGNS)
    subsetter.subset(font)
    font.flavor = "woff2"
    font.save(target)


if __name__ == "__main__":
    main()
