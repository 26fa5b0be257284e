"""What the post and its thread say: claims, and computed verdicts."""

from .example import post, post_on_a_real_card, post_on_card, recomputed, stated, traffic

__all__ = ["post", "post_on_a_real_card", "post_on_card", "recomputed", "stated", "traffic"]


def __dir__() -> list[str]:
    """List the public names."""
    return list(__all__)
