"""What a token costs a service of a given size, and how large it must be to be efficient.

Requests are whole: each brings a prompt, which is read between the answers of others or on machines
of its own.
"""

from __future__ import annotations

import bisect
import itertools
import math
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Any

from ..algebra.formula import InputError, checked
from ..algebra.own_names import own_names
from ..equations import load, market
from .load import halved, largest_batch, with_prompts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from .deployment import Deployment

__dir__ = own_names(__name__)

_MANY = 1_000_000
"""Users of one unit beyond which no deployment is tried."""
_SPARE = 20
"""Groups of readers beyond those that never wait, among which enough are looked for."""
_MOST_CARDS = 5_000
"""Cards beyond which no numbers of whole ones are tried: it would take long."""
_WRITERS = 20
"""Most groups of writers that share readers which come whole.

A service of more rents readers in parts, too: with so many, a whole one more is a small share.
"""


class SpeedError(InputError):
    """A speed that none of the deployments reaches."""


@dataclass(frozen=True)
class Request:
    """What a user sends and gets, on average.

    Attributes:
        prompt: tokens of the prompt.
        answer: tokens of the answer.
        cached_share: share of the prompt that a cache holds.

    """

    prompt: float
    answer: float
    cached_share: float = 0.0

    @property
    def read_per_written(self) -> float:
        """Tokens of the prompt, cached ones too, for each token of the answer."""
        return self.prompt / self.answer

    def of(self, deployment: Deployment) -> Deployment:
        """Return a deployment that serves such requests."""
        asked = {name: checked(name, value) for name, value in vars(self).items()}
        return with_prompts(deployment.having(**asked))


@dataclass(frozen=True)
class Offer:
    """A deployment that may be rented.

    Attributes:
        deployment: the model on its machines, which serve requests of one kind.
        most: the most users whose caches it holds.

    """

    deployment: Deployment
    most: int

    @cached_property
    def time(self) -> Callable[[int], float]:
        """`token_time` for so many users, kept: many speeds ask for it at the same numbers."""
        return cache(partial(token_time, self.deployment))

    def fills(self, speed: float, *, also: Callable[[int], bool]) -> int:
        """Return the most users who each get at least a speed, and pass a test; 0 if none."""
        return bisect.bisect_left(
            range(1, min(_MANY, self.most) + 1),
            x=True,
            key=lambda users: self.time(users) > 1 / speed or not also(users),
        )


@dataclass(frozen=True)
class Offers:
    """Deployments that may be rented for requests of one kind, at any speed.

    Attributes:
        deployments: the models on their machines; those without a rent are left out.
        request: what users send and get.

    Raises InputError where no deployment has a rent.

    """

    deployments: tuple[Deployment, ...]
    request: Request

    def __post_init__(self) -> None:
        """Refuse what nobody rents out."""
        if not any("chip_rent" in each.values for each in self.deployments):
            raise InputError("no rent is known of any of these deployments: give rent")

    @cached_property
    def together(self) -> list[Offer]:
        """What answers and reads prompts in between."""
        rented = (self.request.of(each) for each in self.deployments if "chip_rent" in each.values)
        return [Offer(each, most) for each in rented if (most := _room(each))]

    @cached_property
    def writing(self) -> list[Offer]:
        """What answers, where others read the prompts."""
        return [Offer(each.deployment.having(prompt_time=0.0), each.most) for each in self.together]

    @cached_property
    def readers(self) -> dict[str, list[tuple[Deployment, float]]]:
        """What prompts may be read on, and how many a second, by the kind of accelerator.

        Those that write are of the same kind. Of two, the smaller is kept, even if dearer: a small
        service need not rent what reads cheapest where very many prompts come.
        """
        found: dict[str, dict[float, tuple[Deployment, float]]] = {}
        for each in sorted((each.deployment for each in self.together), key=_rent):
            rate = prompt_rate(each)
            price = _rent(each) / rate
            kept = found.setdefault(each.machine.id, {})
            if price < min(kept, default=math.inf):
                kept[price] = (each, rate)
        return {kind: list(kept.values()) for kind, kept in found.items()}


@dataclass(frozen=True)
class Unit:
    """Machines that a service rents together, full or with a single user.

    Attributes:
        deployment: the model on the machines that answer.
        users: users whom they answer at once.
        tokens: tokens that they write in a second.
        readers: the model on machines that read prompts; None where those that answer do it.
        groups: how many groups of such machines there are; a part where others use them, too.
        writers: how many groups of machines answer.

    """

    deployment: Deployment
    users: int
    tokens: float
    readers: Deployment | None = None
    groups: float = 0
    writers: int = 1

    @property
    def chips(self) -> float:
        """Accelerators that answer or read."""
        reading = 0.0 if self.readers is None else self.groups * _size(self.readers)
        return float(self.writers * _size(self.deployment) + reading)

    @property
    def rent(self) -> float:
        """Dollars per second of all its accelerators."""
        reading = 0.0 if self.readers is None else self.groups * _rent(self.readers)
        return self.writers * _rent(self.deployment) + reading

    @property
    def cost(self) -> float:
        """Dollars for a token that is written, its share of the prompt included."""
        return self.rent / self.tokens

    @property
    def machines(self) -> str:
        """Its machines in words: how many of which cards answer, and how many read prompts."""
        count = self.writers * _size(self.deployment)
        kind = self.deployment.machine.name
        answering = f"{count} {'card' if count == 1 else 'cards'} ({kind})"
        if self.readers is None:
            return answering
        reading = round(self.groups * _size(self.readers), 1)
        other = self.readers.machine.name
        readers = f"{reading:g}" if other == kind else f"{reading:g} ({other})"
        return f"{answering} to write and {readers} to read prompts"

    def times(self, many: int) -> Unit:
        """Return so many of them."""
        return replace(
            self,
            users=many * self.users,
            tokens=many * self.tokens,
            groups=many * self.groups,
            writers=many * self.writers,
        )


@dataclass(frozen=True)
class Service:
    """A choice of deployments that give every user at least one speed.

    Where everything takes twice as long as predicted, it is what this is at twice the speed, except
    that a token costs twice as much.

    Attributes:
        offers: what may be rented, and what users send and get.
        speed: tokens per second that each user gets at least.
        apart: whether prompts may be read on machines of their own.
        bits_alone: bits of a weight that a lone user reads at least, on average.
        wait: seconds that a prompt waits for others at most, on average; None sets no limit.

    Raises SpeedError where no deployment reaches the speed.

    """

    offers: Offers
    speed: float
    apart: bool = True
    bits_alone: float = 0.0
    wait: float | None = None

    def __post_init__(self) -> None:
        """Take a speed and a wait as text, too; refuse a speed that nothing reaches."""
        speed = checked("tokens_per_second_per_user", self.speed)
        object.__setattr__(self, "speed", speed)
        soon = ""
        if self.wait is not None:
            object.__setattr__(self, "wait", checked("queue_wait", self.wait))
            soon = f", wait = {self.wait:g}"
        if not self.units:
            names = "; ".join(each.name for each in self.offers.deployments)
            raise SpeedError(f"speed = {speed:g}{soon}: none of these reaches it: {names}")

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """What may be rented whole, each full."""
        return tuple(itertools.chain.from_iterable(map(self._whole, self._balanced)))

    @cached_property
    def full(self) -> Unit:
        """The unit with one group of writers whose tokens are cheapest; of two, the smaller."""
        alike = [unit for unit in self.units if unit.writers == 1]
        least = min(unit.cost for unit in alike) * (1 + 1e-9)
        return min((unit for unit in alike if unit.cost <= least), key=lambda unit: unit.rent)

    @cached_property
    def pooled(self) -> Unit:
        """The cheapest writers, and as many readers as they keep busy.

        A provider of any size comes to this: its writers share readers, which are so many that
        prompts in their queue never wait.
        """
        if self.wait is not None:
            return replace(self, wait=None).pooled
        return min(self._balanced, key=lambda unit: unit.cost)

    @cached_property
    def _balanced(self) -> list[Unit]:
        """Machines of every kind, each full, with the readers that they keep busy, in parts."""
        answer = self.offers.request.answer
        apart = [
            replace(unit, readers=readers, groups=unit.tokens / (rate * answer))
            for unit in map(self._full, self.offers.writing if self.apart else ())
            for readers, rate in self.offers.readers[unit.deployment.machine.id]
        ]
        return [unit for unit in (*map(self._full, self.offers.together), *apart) if unit.users]

    @cached_property
    def alone(self) -> Unit:
        """The unit whose tokens are cheapest for a single user, who keeps it busy."""
        found = []
        for each in self.offers.together:
            here = each.deployment
            bits = max(self.bits_alone, here.values["bits_per_parameter"])
            time = token_time(here.having(bits_per_parameter=bits), 1)
            found.append(Unit(here, 1, 1 / time))
        return min(found, key=lambda unit: unit.cost)

    @cached_property
    def saturated_cost(self) -> float:
        """Dollars per token of the largest provider, its machines full and its readers shared."""
        return float(
            market.saturated_cost(
                unit_rent=self.pooled.rent,
                full_users=self.pooled.tokens / self.speed,
                tokens_per_second_per_user=self.speed,
            )
        )

    def cost(self, concurrent_users: Any) -> Any:
        """Return dollars per token for that many users at once, a number or an array.

        Users count as at the service's speed: where memory is full before machines are slow, fewer
        get more, one after the other.
        """
        costs = [
            market.service_cost(
                unit_rent=unit.rent,
                full_users=unit.tokens / self.speed,
                busy_users=concurrent_users,
                tokens_per_second_per_user=self.speed,
            )
            for unit in self._whole_or_many
        ]
        if all(isinstance(cost, float) for cost in costs):
            return min(costs)
        import numpy as np

        return np.minimum.reduce(costs)

    def cost_at_work(self, concurrent_users: Any) -> Any:
        """Return dollars per token for an array of users who take all that machines give them.

        None gets less than the service's speed: beyond the users of a unit there is another.
        """
        import numpy as np

        costs = []
        for unit in self._whole_or_many:
            users = np.minimum(concurrent_users, float(unit.users))
            written = users / token_time(unit.deployment, users / unit.writers)
            costs.append(unit.rent / np.minimum(written, unit.tokens))
        return np.minimum.reduce(costs)

    def efficient_users(self, factor: float) -> float:
        """Return the users at once from which on a token costs at most `factor` times the least.

        A factor of 1.1 is within ten percent of a saturated provider. Raises InputError as
        `smallest` does.
        """
        users = market.efficient_users(
            unit_rent=self.smallest(factor).rent,
            cost_factor=factor,
            saturated_cost=self.saturated_cost,
            tokens_per_second_per_user=self.speed,
        )
        return max(1.0, float(users))

    def settled_users(self, factor: float) -> float:
        """Return the users at once from which on a token stays within `factor` of the least cost.

        Cards come whole, as in `dearest_beyond`: for a few users more than some can serve, there
        is another. Raises InputError as it does.
        """
        import numpy as np

        factor = checked("cost_factor", factor)
        # One more group of each of the cheapest is no longer too much beyond so many tokens.
        most = self._one_more / self.saturated_cost / max(factor - 1, 1e-9)
        kinds = self._whole_cards(most)
        full = np.unique(np.concatenate([written for _, written in kinds]))
        full = full[full <= most]
        # Just beyond each of these, a token costs the most.
        paid = _rent_beyond(kinds, full) / factor / self.saturated_cost  # tokens that bear it
        return max(1.0, float(paid[paid > full].max()) / self.speed)

    def dearest_beyond(self, concurrent_users: float) -> float:
        """Return the most dollars per token for any more than so many users at once.

        Cards of one kind come whole, and form groups of every size that may be rented. Raises
        InputError where prompts may not wait, where cards of one kind have several rents, and
        where it takes thousands of cards.
        """
        import numpy as np

        tokens = checked("concurrent_users", concurrent_users) * self.speed
        here = float(_rent_beyond(self._whole_cards(tokens), tokens) / tokens)
        # One more group of each of the cheapest adds less than here beyond so many tokens.
        most = max(tokens, self._one_more / max(here - self.saturated_cost, 1e-3 * here))
        kinds = self._whole_cards(most)
        full = np.concatenate([written for _, written in kinds])
        full = full[(full >= tokens) & (full <= most)]
        return max([here, *(_rent_beyond(kinds, full) / full)])

    @property
    def _one_more(self) -> float:
        """Dollars per second for a group of the cheapest writers, and one of their readers."""
        both = (self.pooled.deployment, self.pooled.readers)
        return sum(_rent(here) for here in both if here is not None)

    def _whole_cards(self, tokens: float) -> list[tuple[float, Any]]:
        """Return each kind's rent of a card, and what each number of its cards writes at most.

        The numbers go to where the cheapest kind writes more than so many tokens per second.
        """
        if self.wait is not None:
            raise InputError(f"wait = {self.wait:g}: whole cards are counted where it has no limit")
        kinds: dict[str, list[Unit]] = {}
        for unit in self._balanced:
            kinds.setdefault(unit.deployment.machine.name, []).append(unit)
        found, most = [], tokens * self.saturated_cost + self._one_more
        for kind, units in kinds.items():
            parts = [here for unit in units for here in (unit.deployment, unit.readers) if here]
            rent, *others = sorted({float(here.values["chip_rent"]) for here in parts})
            if others:
                raise InputError(
                    f"rent: {kind} has {rent * 3600:g} to {others[-1] * 3600:g} dollars an hour, "
                    "but whole cards are counted at one rent for each kind"
                )
            cards = int(most / rent) + 1
            if cards > _MOST_CARDS and kind == self.pooled.deployment.machine.name:
                raise InputError(
                    f"it takes over {_MOST_CARDS} cards ({kind}): ask for fewer users, or for a "
                    "cost that is further from the lowest"
                )
            found.append((rent, _most_written(units, min(cards, _MOST_CARDS))))
        return found

    def smallest(self, factor: float) -> Unit:
        """Return the unit of the lowest rent with which a token can cost so little.

        Raises InputError where none can, because prompts may wait only for a short time.
        """
        most = checked("cost_factor", factor) * self.saturated_cost * (1 + 1e-12)
        enough = [unit for unit in self._whole_or_many if unit.cost <= most]
        if not enough:
            least = self.full.cost / self.saturated_cost
            raise InputError(
                f"cost_factor = {factor:g}: where prompts wait {self.wait:g} s at most, the "
                f"cheapest deployment is at {least:.4g} times the lowest cost"
            )
        return min(enough, key=lambda unit: unit.rent)

    def _most_read(self, here: Deployment, groups: Sequence[int]) -> Sequence[float]:
        """Return, for each number of groups, the share of its time that each of them may read."""
        if self.wait is None:
            return [1.0] * len(groups)
        import numpy as np

        most, readers = self.wait, np.asarray(groups, float)

        def is_soon(share: Any) -> Any:
            queue = {"readers": readers, "reading_share": share}
            return here.evaluate(load.queue_wait_of_several, **queue) <= most

        least, _ = halved(np.zeros(len(groups)), np.ones(len(groups)), is_soon)
        found: list[float] = least.tolist()
        return found

    def _is_soon(self, here: Deployment, users: int) -> bool:
        """Return whether so many users on one machine wait no longer for others than they may."""
        if self.wait is None:
            return True
        here = here.having(concurrent_users=float(users))
        rate = users / (here.values["answer"] * here.evaluate(load.work_per_token))
        return bool(here.evaluate(load.queue_wait, request_rate=rate) <= self.wait)

    def _full(self, offer: Offer) -> Unit:
        """Return a deployment with the most users whom it serves well enough; 0 if none."""
        here = offer.deployment
        users = offer.fills(self.speed, also=lambda users: self._is_soon(here, users))
        return Unit(here, users, users / offer.time(max(users, 1)))

    @property
    def _whole_or_many(self) -> tuple[Unit, ...]:
        """Return what may be rented whole, and so many that it matters no more.

        Of these there is none where prompts may wait only for a short time: then idle readers are
        needed in any number.
        """
        return self.units if self.wait is not None else (*self.units, self.pooled.times(_WRITERS))

    def _whole(self, balanced: Unit) -> list[Unit]:
        """Return units with ever more whole groups, as long as more of them write more cheaply."""
        if balanced.readers is None:
            return [balanced]
        rate = balanced.tokens / balanced.groups
        groups = range(1, math.ceil(_WRITERS * balanced.groups) + _SPARE)
        shares = self._most_read(balanced.readers, groups)
        read = [count * rate * share for count, share in zip(groups, shares, strict=True)]
        found, least = [], math.inf
        for writers in range(1, _WRITERS + 1):
            several = balanced.times(writers)
            enough = min(bisect.bisect_left(read, several.tokens) + 1, len(read))
            few = writers == 1 or self.wait is not None  # where more readers each read more, too
            for count in range(1 if few else max(1, enough - 1), enough + 1):
                tokens = min(several.tokens, read[count - 1])
                unit = replace(several, tokens=tokens, groups=count)
                if tokens and unit.cost < least:
                    found.append(unit)
                    least = unit.cost
        return found


def token_time(writing: Deployment, users: Any) -> Any:
    """Return the seconds of a token that is written, what prompts take included."""
    return writing.evaluate(load.work_per_token, concurrent_users=1.0 * users)


def prompt_rate(reading: Deployment) -> float:
    """Return prompts that a deployment reads in a second if it does nothing else."""
    alone = reading.having(readers=1.0, prompt_sharing=0.0, concurrent_users=1.0)
    return float(alone.evaluate(load.prompt_rate))


def _rent_beyond(kinds: list[tuple[float, Any]], tokens: Any) -> Any:
    """Return the least rent of whole cards of one kind that write more than so many tokens."""
    import numpy as np

    rents = []
    for rent, written in kinds:
        cards = np.searchsorted(written, tokens * (1 + 1e-12), side="right")
        rents.append(np.where(cards < len(written), cards * rent, math.inf))
    return np.minimum.reduce(rents)


def _most_written(units: Sequence[Unit], cards: int) -> Any:
    """Return tokens per second that each number of cards up to `cards` writes, prompts read.

    It is the most of all ways to part the cards into the groups of `units`, which are of one kind:
    some that write beside some that read, and some that do both.
    """
    import numpy as np

    apart = [unit for unit in units if unit.readers]
    writing, reading, both = (
        _most_done(groups, cards)
        for groups in (
            {(_size(unit.deployment), unit.tokens) for unit in apart},
            {(_size(unit.readers), unit.tokens / unit.groups) for unit in apart if unit.readers},
            {(_size(unit.deployment), unit.tokens) for unit in units if not unit.readers},
        )
    )
    shared = np.array(
        [np.minimum(writing[: n + 1], reading[n::-1]).max() for n in range(cards + 1)]
    )
    if not both.any():
        return shared
    return np.array([(shared[: n + 1] + both[n::-1]).max() for n in range(cards + 1)])


def _most_done(groups: Iterable[tuple[int, float]], cards: int) -> Any:
    """Return what each number of cards up to `cards` does in a second, in groups of whole cards."""
    import numpy as np

    done = [0.0]
    for count in range(1, cards + 1):
        fit = [done[count - size] + rate for size, rate in groups if size <= count]
        done.append(max([done[-1], *fit]))
    return np.array(done)


def _size(here: Deployment) -> int:
    """Return how many accelerators a group has."""
    return int(here.values["chips"])


def _rent(here: Deployment) -> float:
    """Return dollars per second."""
    return float(here.values["chips"] * here.values["chip_rent"])


def _room(here: Deployment) -> int:
    """Return the most users whose caches fit at the end of their answers; 0 if weights do not."""
    if here.values["kv_bytes_per_token"]:
        return int(largest_batch(here))
    return _MANY if here.rooms().most > 0 else 0
