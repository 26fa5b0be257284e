"""What no datasheet gives, fitted to measurements: a few physical parameters, by kind.

A parameter has one typical value, and where machines or engines differ in it, one for each
kind. Kinds with little data are drawn to the typical value. Every source counts the same, so
that a long table does not outvote ten short ones.
"""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from ..algebra.formula import InputError
from ..facts import catalog, files
from .measurements import LAUNCHES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..facts.catalog import Record
    from ..serving.deployment import Deployment
    from .prediction import Cases

KINDS = ("NVIDIA, HBM", "AMD, HBM", "without HBM")
"""Kinds of machines: cards with stacked memory by their maker, and those without."""
ANY = "any"
"""The typical value, and what stands for a kind that has not been measured."""


@dataclass(frozen=True)
class Parameter:
    """A quantity that is fitted.

    Attributes:
        name: its name in the glossary; `prefill_share` is `compute_share` in a prompt.
        by: "machine" or "launch" if it differs by that; "" if it is one number.
        start: where the fit starts, and to what it is drawn where data are scarce.
        spread: how far it may lie from that, as the standard deviation of its logarithm.
        most: the greatest value it can have.

    """

    name: str
    by: str
    start: float
    spread: float
    most: float = math.inf

    @property
    def groups(self) -> tuple[str, ...]:
        """The kinds that have a value of their own, besides the typical one."""
        return {"machine": KINDS, "launch": LAUNCHES}.get(self.by, ())


PARAMETERS = (
    Parameter("bandwidth_share", "machine", 0.80, 0.15, most=1.0),
    Parameter("compute_share", "machine", 0.60, 0.30, most=1.0),
    Parameter("layer_time", "launch", 50e-6, 0.5),
    Parameter("link_latency", "launch", 10e-6, 0.7),
    Parameter("node_latency", "", 60e-6, 0.7),
    Parameter("unpack_flop", "", 2.5, 0.7),
    Parameter("prefill_share", "", 0.60, 0.30, most=1.0),
)
"""What is fitted."""


OVERLAP = 0.0
"""Reading and arithmetic are added up: measurements are met better than by the longer alone."""

_BETWEEN_KINDS = 0.6
"""How far kinds lie from the typical value, over how far that may lie from its start."""
SCALE = 0.12
"""Relative error beyond which a row's pull on the fit no longer grows in proportion."""


def machine_kind(machine: Record) -> str:
    """Return an accelerator's kind: one of `KINDS`, or `ANY`."""
    if machine.words.get("stacked_memory") == "no":
        return "without HBM"
    kind = f"{machine.words.get('vendor', '')}, HBM"
    return kind if kind in KINDS else ANY


@dataclass(frozen=True)
class Fitted:
    """A parameter's value for one kind, with the ends of its 90% interval."""

    parameter: str
    group: str
    value: float
    low: float
    high: float


SORTS = ("decoding", "with a prompt", "with experts")
"""Sorts of measurements, each of which is missed by so much."""


@dataclass(frozen=True)
class Calibration:
    """All fitted values, and how far their predictions miss.

    Attributes:
        fitted: the parameters.
        within_factors: for each of `SORTS`, the factor within which nine of ten held-out
            measurements lie of what was predicted, both ways.
        errors: for several models by name, the mean absolute error of their times over decoding.
        overlap: share of the shorter of reading and arithmetic that is done during the longer.

    """

    fitted: tuple[Fitted, ...]
    within_factors: Mapping[str, float] = field(default_factory=dict)
    errors: Mapping[str, float] = field(default_factory=dict)
    overlap: float = OVERLAP

    def value(self, parameter: str, group: str = ANY) -> float:
        """Return a parameter's value for a kind, or the typical one if that has none."""
        values = {each.group: each.value for each in self.fitted if each.parameter == parameter}
        return values.get(group, values[ANY])

    def own_values(self) -> tuple[Fitted, ...]:
        """Return the values that measured kinds have: typical ones only of what has no kinds."""
        single = {each.name for each in PARAMETERS if not each.groups}
        return tuple(v for v in self.fitted if v.group != ANY or v.parameter in single)

    def caution(self, *, fitted: bool, experts: bool = False, kind: str = "") -> str:
        """Return in words how far the times of a model, fitted or not, are from measurements.

        `experts` says whether the model has experts, `kind` of which kind its machine is.
        """
        if not fitted:
            return (
                "untuned: against measurements of decoding these times are "
                f"{self.errors[UNTUNED]:.0%} off in the mean, nearly always too short"
            )
        text = (
            "fitted: nine of ten held-out measurements of decoding lie within a factor of "
            f"{self.within_factors[SORTS[2] if experts else SORTS[0]]:.2f} of the time"
        )
        return f"{text}; {STRANGE}" if kind == ANY else text

    def applied(self, deployment: Deployment, accelerator: str, launch: str) -> Deployment:
        """Return a deployment with the fitted values in place of the defaults.

        `accelerator` is the id of its machine, `launch` the kind of its engine. Values that the
        deployment was given stay. Raises InputError for another launch than `LAUNCHES`.
        """
        if launch not in LAUNCHES:
            raise InputError(f"launch {launch!r}: must be {' or '.join(map(repr, LAUNCHES))}")
        kinds = {"machine": machine_kind(catalog.load().accelerator(accelerator)), "launch": launch}
        found = {each.name: self.value(each.name, kinds.get(each.by, ANY)) for each in PARAMETERS}
        fitted = in_the_equations(found, _unpacked(deployment), self.overlap)
        del fitted["prefill_share"]
        if deployment.inside_a_node:  # stages hand over by its own links
            fitted["node_latency"] = fitted["link_latency"]
        kept = {name: value for name, value in fitted.items() if name not in deployment.given}
        return deployment.with_values(**kept)


def in_the_equations(values: Mapping[str, Any], unpacked: Any, overlap: float) -> dict[str, Any]:
    """Return fitted values, numbers or arrays, as what the equations take.

    `unpacked` is one where weights are unpacked, and zero elsewhere.
    """
    return {**values, "unpack_flop": values["unpack_flop"] * unpacked, "work_overlap": overlap}


def _unpacked(deployment: Deployment) -> float:
    """Return one if weights are kept in fewer bits than they are multiplied in, or else zero.

    It is left out, too, where no source states at what rate a machine unpacks.
    """
    multiplied = deployment.multiplied_bits
    narrow = multiplied is not None and deployment.values["bits_per_parameter"] < multiplied
    return float(narrow and deployment.unpacks)


class Design:
    """Measured cases, and how each depends on the parameters that are fitted."""

    def __init__(self, cases: Cases, overlap: float = OVERLAP) -> None:
        """Note each case's kinds."""
        import numpy as np

        self.cases = cases
        self.overlap = overlap
        facts = catalog.load()
        machines = [facts.accelerator(row.layout.accelerator) for row in cases.rows]
        kinds = {"machine": [machine_kind(machine) for machine in machines],
                 "launch": [row.launch for row in cases.rows]}  # fmt: skip
        self.names = [(p, group) for p in PARAMETERS for group in (ANY, *p.groups)]
        self.columns = {
            p.name: np.array(
                [[group in {ANY, kind} for group in (ANY, *p.groups)]
                 for kind in kinds.get(p.by, [ANY] * len(machines))], dtype=float,
            )
            for p in PARAMETERS
        }  # fmt: skip
        self.kinds = kinds["machine"]
        self.unpacked = np.array([_unpacked(cases.deployments[row.layout]) for row in cases.rows])

    def notes(self, case: int) -> list[str]:
        """Return in words what the fit does not know of a case."""
        if self.kinds[case] == ANY:
            return [STRANGE]
        return []

    def physical(self, theta: Any) -> dict[str, Any]:
        """Return an array for each fitted parameter, from the logarithms that are fitted."""
        import numpy as np

        values, at = {}, 0
        for parameter in PARAMETERS:
            width = 1 + len(parameter.groups)
            logs = self.columns[parameter.name] @ theta[at : at + width]
            values[parameter.name] = np.minimum(parameter.start * np.exp(logs), parameter.most)
            at += width
        return values

    def model(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the equations' parameters, from an array for each fitted one."""
        return in_the_equations(values, self.unpacked, self.overlap)

    def calibrated(self, calibration: Calibration) -> dict[str, Any]:
        """Return the equations' parameters for each case, by its kinds."""
        import numpy as np

        values = {}
        for parameter in PARAMETERS:
            groups = (ANY, *parameter.groups)
            each = np.array([calibration.value(parameter.name, group) for group in groups])
            own = self.columns[parameter.name][:, 1:]
            typical = 1 - own.sum(axis=1)  # no kind of its own
            values[parameter.name] = typical * each[0] + own @ each[1:]
        return in_the_equations(values, self.unpacked, calibration.overlap)

    def logs(self, theta: Any) -> Any:
        """Return the logarithm of each case's predicted seconds."""
        import numpy as np

        return np.log(self.cases.durations(**self.model(self.physical(theta))))

    def slopes(self, theta: Any) -> Any:
        """Return how each case's logarithm changes with each fitted logarithm."""
        import numpy as np

        values, columns = self.physical(theta), []
        base, nudge = self.logs(theta), 1e-5
        for parameter in PARAMETERS:
            moved = {**values, parameter.name: values[parameter.name] * (1 - nudge)}
            change = (base - np.log(self.cases.durations(**self.model(moved)))) / nudge
            held = values[parameter.name] >= parameter.most  # at its limit it does not move
            columns.append(np.where(held, 0.0, change)[:, None] * self.columns[parameter.name])
        return np.hstack(columns)


def fit(cases: Cases, sources: Sequence[str], overlap: float = OVERLAP) -> Calibration:
    """Return the parameters that fit measured cases best, in relative terms.

    `sources` names each case's source, `overlap` is the share of the shorter of reading and
    arithmetic that is taken to be done during the longer. Every source counts the same; rows
    far off pull less than in proportion, so that a trap in a table does not bend the fit.
    """
    import numpy as np
    from scipy.optimize import least_squares

    design = Design(cases, overlap)
    wanted = np.log(cases.measured_durations())
    if not sources:
        raise ValueError("no measurement to fit to")
    size = Counter(sources)
    weights = np.array([size[source] ** -0.5 for source in sources])
    weights /= np.sqrt(np.mean(weights**2))
    drawn = np.array([p.spread * (1.0 if group == ANY else _BETWEEN_KINDS)
                      for p, group in design.names])  # fmt: skip

    def softened(error: Any) -> tuple[Any, Any]:
        """Return errors that grow like their root beyond the scale, and their slopes."""
        scaled = error / SCALE
        root = np.sqrt(1 + scaled**2)
        soft = np.sign(scaled) * np.sqrt(2 * (root - 1))
        with np.errstate(invalid="ignore", divide="ignore"):
            slope = np.where(np.abs(scaled) < 1e-6, 1.0, scaled / (root * soft))
        return soft * weights, slope * weights / SCALE

    def errors(theta: Any) -> Any:
        return np.concatenate([softened(design.logs(theta) - wanted)[0], theta / drawn])

    def jacobian(theta: Any) -> Any:
        slope = softened(design.logs(theta) - wanted)[1]
        return np.vstack([slope[:, None] * design.slopes(theta), np.diag(1 / drawn)])

    found = least_squares(errors, np.zeros(len(drawn)), jac=jacobian)
    if not found.success:
        raise RuntimeError(f"the fit did not end: {found.message}")
    fitted = tuple(_spelled_out(design, found.x, *_spread(found, sources)))
    return Calibration(fitted, overlap=overlap)


def _spread(found: Any, sources: Sequence[str]) -> tuple[Any, float]:
    """Return the covariance of what was fitted, and the standard deviations of a 90% interval.

    The rows of a source are not independent of each other: sources are, as draws of what engines
    and machines do. So the covariance is the robust one of clusters, with Student's distribution
    for as many as there are.
    """
    import numpy as np
    from scipy.stats import t as student

    inverse = np.linalg.inv(found.jac.T @ found.jac)
    names = np.array(sources)
    prior = found.jac[len(sources) :]
    spread = prior.T @ prior
    kinds = sorted(set(sources))
    few = max(2, len(kinds))
    for source in kinds:
        mine = np.flatnonzero(names == source)
        pull = found.jac[mine].T @ found.fun[mine]
        spread += few / (few - 1) * np.outer(pull, pull)
    return inverse @ spread @ inverse, float(student.ppf(0.95, few - 1))


def _spelled_out(design: Design, theta: Any, covariance: Any, deviations: float) -> list[Fitted]:
    """Return each kind's value: its own logarithm comes on top of the typical one."""
    fitted, typical = [], 0
    for place, (parameter, group) in enumerate(design.names):
        if group == ANY:
            typical = place
        parts = [typical] if group == ANY else [typical, place]
        log = sum(theta[part] for part in parts)
        off = deviations * math.sqrt(sum(covariance[a, b] for a in parts for b in parts))
        ends = (min(parameter.start * math.exp(log + side), parameter.most)
                for side in (0.0, -off, off))  # fmt: skip
        fitted.append(Fitted(parameter.name, group, *map(float, ends)))
    return fitted


# The stored result

FILE = "calibration.csv"
STRANGE = "no machine of this kind was fitted: typical shares; the interval may be too narrow"
ROOFLINE = "the bare roofline"
UNTUNED, UNSEEN = "untuned", "fitted, on what it has not seen"
"""Names of models among a calibration's errors."""
_FACTOR, _ERROR = "factor", "error"
_HEADER = ("parameter", "group", "value", "low", "high")


@cache
def load() -> Calibration:
    """Return the fitted values that the package holds; `evidence.refitted` makes them anew."""
    return parse(files.read(FILE))


def parse(text: str) -> Calibration:
    """Return the fitted values of a file's text."""
    fitted: list[Fitted] = []
    named: dict[str, dict[str, float]] = {_FACTOR: {}, _ERROR: {}}
    for row in csv.DictReader(io.StringIO(text)):
        if row["parameter"] in named:
            named[row["parameter"]][row["group"]] = float(row["value"])
            continue
        ends = (float(row[end]) for end in ("value", "low", "high"))
        fitted.append(Fitted(row["parameter"], row["group"], *ends))
    return Calibration(tuple(fitted), named[_FACTOR], named[_ERROR])


def as_csv(calibration: Calibration) -> str:
    """Return fitted values as the text of the file that the package holds."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_HEADER)
    for each in calibration.fitted:
        ends = (f"{number:.5g}" for number in (each.value, each.low, each.high))
        writer.writerow((each.parameter, each.group, *ends))
    for kind, named in ((_FACTOR, calibration.within_factors), (_ERROR, calibration.errors)):
        for name, value in named.items():
            writer.writerow((kind, name, f"{value:.5g}", "", ""))
    return out.getvalue()
