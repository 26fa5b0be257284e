"""An explorer as a widget: its inputs are traits, and what comes out is computed in Python too."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, ClassVar

import anywidget
import traitlets

from inference_economics.algebra.formula import InputError

from . import markup
from .bundle import bundle, stylesheet

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .spec import Field, Spec, State

    Float = traitlets.Float[Any, Any]
else:
    # In what hosted notebooks bring, it cannot be subscripted.
    Float = traitlets.Float

_numbers = count(1)


class Input(Float):
    """An input's value in its symbol's unit; texts such as "3.35 TB/s" carry theirs.

    None stands for a figure that no source states, or an input that does not apply.
    """

    def __init__(self, field: Field) -> None:
        super().__init__(default_value=None, allow_none=True)
        self.field = field
        self.tag(sync=True)

    def validate(self, _obj: Any, value: Any) -> float | None:
        """Return the value as a number, or raise InputError."""
        return None if value is None else self.field.read(value)


class Explorer(anywidget.AnyWidget):
    """An explorer of one spec.

    Every input is a trait of the glossary's name, in the glossary's unit: readable, settable (to
    a number or a text with a unit) and observable. `preset` chooses a named state and sets them
    all; `off` lists the terms that are switched off; `results` has what comes out.
    Setting a value that is not allowed raises InputError.
    """

    spec: ClassVar[Spec]
    _told = False

    preset = traitlets.Unicode().tag(sync=True)
    off = traitlets.List(traitlets.Unicode()).tag(sync=True)
    markup = traitlets.Unicode().tag(sync=True)

    def __init__(
        self, preset: str = "", *, off: Iterable[str] | None = None, **values: float | str
    ) -> None:
        state = self.spec.state(preset, off=off, **values)
        prefix = f"widget-{next(_numbers)}-"
        super().__init__(
            preset=state.preset,
            off=sorted(state.off),
            markup=markup.page(self.spec, state, prefix),
            **state.values,
        )

    def __setattr__(self, name: str, value: Any) -> None:
        """Set a trait; an attribute that there is not is refused, as it would change nothing."""
        if not (name.startswith("_") or hasattr(type(self), name)):
            self.spec.refuse_unknown(name, self.spec.fields)
        super().__setattr__(name, value)

    @property
    def state(self) -> State:
        """The preset, values and terms as they are now."""
        values = {name: getattr(self, name) for name in self.spec.presets[self.preset].values}
        return self.spec.state(self.preset, off=self.off, **values)

    @property
    def results(self) -> dict[str, float]:
        """What comes out, in the units of the glossary; raises InputError for what cannot be."""
        found = self.spec.results(self.state)
        if found.refusal:
            raise InputError(found.refusal)
        return {name: value for name, value in found.numbers.items() if value is not None}

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what a page sends: it sends a preset's values with it, and what followed."""
        self._told = True
        try:
            super().set_state(sync_data)
        finally:
            self._told = False

    @traitlets.validate("preset")
    def _known(self, proposal: Any) -> Any:
        if not proposal["value"]:
            raise InputError(f"preset = '': must be one of {', '.join(self.spec.presets)}")
        self.spec.state(proposal["value"])
        return proposal["value"]

    @traitlets.validate("off")
    def _terms(self, proposal: Any) -> Any:
        self.spec.state(off=proposal["value"])
        return proposal["value"]

    @traitlets.observe("preset")
    def _start(self, change: Any) -> None:
        """Set all inputs to those of the preset."""
        if change["old"] and not self._told:  # not while it is made
            state = self.spec.state(change["new"])
            with self.hold_sync():
                self.off = sorted(state.off)
                for name in self.spec.fields:
                    setattr(self, name, state.values.get(name))

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Return the widget, the same markup for a page without a kernel, and its numbers.

        Nothing in the markup or the text differs from run to run.
        """
        shown = super()._repr_mimebundle_(**kwargs)
        data, metadata = shown if isinstance(shown, tuple) else (shown or {}, {})
        page = markup.page(self.spec, self.state)
        return {**data, "text/html": page, "text/plain": repr(self)}, metadata

    def __repr__(self) -> str:
        """Return what comes out, as text."""
        found = self.spec.results(self.state)
        lines = [f"{self.spec.title}: {self.spec.presets[self.preset].label}"]
        if found.refusal:
            lines.append(found.refusal)
        lines += [
            f"  {output.label}: {output.shown(value)}"
            for name, output in self.spec.outputs.items()
            if output.listed and (value := found.numbers[name]) is not None
        ]
        return "\n".join(lines)


def widget_class(spec: Spec) -> type[Explorer]:
    """Return the class of a spec's widgets: one trait for each input."""
    traits = {name: Input(field) for name, field in spec.fields.items()}
    own = {"spec": spec, "_esm": bundle(spec, module=True), "_css": stylesheet(), **traits}
    name = f"{spec.id.capitalize()}Explorer"
    return type(name, (Explorer,), {"__doc__": spec.about, "__module__": __name__, **own})
