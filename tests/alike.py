"""Tests of the very many things that are alike, such as every symbol of the glossary."""

from __future__ import annotations

import inspect
from functools import wraps
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def with_each(argument: str, cases: Iterable[Any]) -> Callable[[Callable[..., None]], Any]:
    """Run a test with each of these cases for an argument; where it fails, say with which.

    `pytest.mark.parametrize` makes a test of every case. Of thousands of them, to set up and report
    the tests takes longer than what they test.
    """
    cases = list(cases)

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        @wraps(test)
        def with_every(**fixtures: Any) -> None:
            assert cases, f"there is no {argument} to test with"
            for case in cases:
                try:
                    test(**fixtures, **{argument: case})
                except BaseException as error:
                    error.add_note(f"{argument} = {case!r:.300}")
                    raise

        asked = inspect.signature(test)
        others = [each for name, each in asked.parameters.items() if name != argument]
        with_every.__signature__ = asked.replace(parameters=others)  # type: ignore[attr-defined]
        return with_every

    return decorate
