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

from ..algebra.formula import InputError, checked, checked_each
from ..algebra.own_names import own_names
from ..equations import load, market
from .cards import in_words, least_rent, most_done, parted
from .load import halved, largest_batch, with_prompts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from .cards import Cards, Kind
    from .deployment import Deployment

__dir__ = own_names(__name__)

_MANY = 1_000_000
"""Users of one unit beyond which no deployment is tried."""
_SPARE = 20
"""Groups of readers beyond those that never wait, among which enough are looked for."""
_A_LITTLE_MORE = 1 + 1e-9
"""By so much two numbers of tokens differ at least that are not the same."""
_MOST_CARDS = 5_000
"""Cards of a kind beyond which no numbers of them are tried: it would take long."""


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


@dataclass(frozen=True)
class Offers:
    """Deployments that may be rented for requests of one kind, at any speed.

    Attributes:
        deployments: the models on their machines; those without a rent are left out.
        request: what users send and get.

    Raises InputError where no deployment has a rent, or those of one kind have several.

    """

    deployments: tuple[Deployment, ...]
    request: Request

    def __post_init__(self) -> None:
        """Refuse what nobody rents out, and cards of one kind at several rents."""
        rents: dict[str, set[float]] = {}
        for each in self.deployments:
            if "chip_rent" in each.values:
                rents.setdefault(each.machine.name, set()).add(float(each.values["chip_rent"]))
        if not rents:
            raise InputError("no rent is known of any of these deployments: give rent")
        for kind, (least, *others) in ((kind, sorted(each)) for kind, each in rents.items()):
            if others:
                raise InputError(
                    f"rent: {kind} has {least * 3600:g} to {others[-1] * 3600:g} dollars an hour: "
                    "give one for each kind of accelerator"
                )

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
    """One group of cards that answers, full or with a single user, and those that read for it.

    Attributes:
        deployment: the model on the machines that answer.
        users: users whom they answer at once.
        tokens: tokens that they write in a second.
        readers: the model on machines that read prompts; None where those that answer do it.
        groups: how many groups of such machines there are; a part where others use them, too.

    """

    deployment: Deployment
    users: int
    tokens: float
    readers: Deployment | None = None
    groups: float = 0

    @property
    def reading(self) -> float:
        """Accelerators that only read."""
        return 0.0 if self.readers is None else self.groups * _size(self.readers)

    @property
    def chips(self) -> float:
        """Accelerators that answer or read."""
        return _size(self.deployment) + self.reading

    @property
    def rent(self) -> float:
        """Dollars per second of all its accelerators."""
        reading = 0.0 if self.readers is None else self.groups * _rent(self.readers)
        return _rent(self.deployment) + reading

    @property
    def cost(self) -> float:
        """Dollars for a token that is written, its share of the prompt included."""
        return self.rent / self.tokens

    @property
    def machines(self) -> str:
        """Its machines in words: how many of which cards answer, and how many read prompts."""
        return in_words(self.deployment.machine.name, _size(self.deployment), self.reading)


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
        """What may be rented whole, with one group that answers, each full."""
        return tuple(itertools.chain.from_iterable(map(self._whole, self._balanced)))

    @cached_property
    def full(self) -> Unit:
        """The unit whose tokens are cheapest; of two, the smaller."""
        least = min(unit.cost for unit in self.units) * (1 + 1e-9)
        return min((unit for unit in self.units if unit.cost <= least), key=lambda unit: unit.rent)

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
            lone = here.having(bits_per_parameter=bits)
            found.append(Unit(lone, 1, 1 / token_time(lone, 1)))
        return min(found, key=lambda unit: unit.cost)

    @property
    def gain(self) -> float:
        """How many times as much a token costs a single user as the users of a full machine."""
        return self.alone.cost / self.full.cost

    @cached_property
    def saturated_cost(self) -> float:
        """Dollars per token of the largest provider, its machines full and its readers shared."""
        cost = market.saturated_cost(
            unit_rent=self.pooled.rent,
            full_users=self.pooled.tokens / self.speed,
            tokens_per_second_per_user=self.speed,
        )
        return float(cost)

    def cost(self, concurrent_users: Any) -> Any:
        """Return dollars per token for that many users at once, a number or an array.

        Cards of one kind come whole, and form groups of every size that may be rented; those that
        read are of one size where prompts may wait for a limited time only. Beyond some thousands
        of cards one more hardly counts: there the cost is that of so many. Users count as at the
        service's speed: where memory is full before machines are slow, fewer get more, one after
        the other.
        """
        import numpy as np

        users = np.asarray(checked_each("concurrent_users", concurrent_users), float)
        kinds = self._whole_cards(users.max() * self.speed)
        users = np.minimum(users, kinds[0].written[-1] / self.speed)
        cost = market.service_cost(
            unit_rent=least_rent(kinds, users * self.speed),
            busy_users=users,
            tokens_per_second_per_user=self.speed,
        )
        return cost if users.shape else float(cost)

    def cost_at_work(self, concurrent_users: Any) -> Any:
        """Return dollars per token for an array of users who take all that machines give them.

        None gets less than the service's speed: beyond the users of a unit there are several,
        which share all users evenly, or cards as in `cost`. Where readers are the limit of a unit,
        it is full with fewer users than its memory holds. One user, too, reads the bits of a weight
        that many read on average: see `alone`.
        """
        import numpy as np

        every = np.asarray(checked_each("concurrent_users", concurrent_users), float)
        costs = [self.cost(every)]
        for unit in self.units:
            most = min(unit.users, unit.tokens / self.speed)
            users = every / np.ceil(every / most * (1 - 1e-12))
            written = users / token_time(unit.deployment, users)
            costs.append(unit.rent / np.minimum(written, unit.tokens))
        return np.minimum.reduce(costs)

    def efficient_users(self, factor: float) -> float:
        """Return the fewest users at once whose tokens cost at most `factor` times the least.

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

    def smallest(self, factor: float) -> Cards:
        """Return the cards of the lowest rent with which a token can cost so little.

        Raises InputError where it takes thousands of cards, or where no number is enough because
        prompts may wait only for a short time.
        """
        most = checked("cost_factor", factor) * self.saturated_cost * (1 + 1e-12)
        for kinds in self._tables():
            if enough := [found for kind in kinds if (found := kind.first_within(most))]:
                return min(enough, key=lambda cards: cards.rent)
        nearest = min(kind.least_cost for kind in kinds) / self.saturated_cost
        raise InputError(
            f"cost_factor = {factor:g}: no {_MOST_CARDS} cards of a kind or fewer come so near to "
            f"the lowest cost: at least {nearest:.4g} times as much"
        )

    def settled_users(self, factor: float) -> float:
        """Return the users at once from which on a token stays within `factor` of the least cost.

        Cards come whole: for a few users more than some can serve, there is another. Raises
        InputError as `dearest_beyond` does.
        """
        factor = checked("cost_factor", factor)
        # One more group of each of the cheapest is no longer too much beyond so many tokens.
        most = self._one_more / self.saturated_cost / max(factor - 1, 1e-9)
        full, rent = self._jumps(0.0, most)
        paid = rent / factor / self.saturated_cost
        return max(1.0, float(paid[paid > full].max()) / self.speed)

    def dearest_beyond(self, concurrent_users: float) -> float:
        """Return the most dollars per token for any more than so many users at once, to 0.1%.

        Raises InputError where prompts may not wait, and where it takes thousands of cards.
        """
        tokens = checked("concurrent_users", concurrent_users) * self.speed
        near = tokens + self.pooled.tokens
        kinds = self._enough_cards(near)
        full, rent = self._jumps(tokens, near)
        here = max([float(least_rent(kinds, tokens, more=True) / tokens), *(rent / full)])
        # One more group of each of the cheapest adds less than here beyond so many tokens.
        most = max(near, self._one_more / max(here - self.saturated_cost, 1e-3 * here))
        full, rent = self._jumps(tokens, most)
        return float(max([here, *(rent / full)]))

    def _jumps(self, least: float, most: float) -> tuple[Any, Any]:
        """Return what cards write just before more of them are needed, and the least rent beyond.

        Just beyond each of these numbers of tokens per second, a token costs the most.
        """
        import numpy as np

        kinds = self._enough_cards(most)
        full = np.concatenate([kind.written for kind in kinds])
        full = full[(full >= least) & (full <= most)]
        return full, least_rent(kinds, full, more=True)

    @property
    def _one_more(self) -> float:
        """Dollars per second for a group of the cheapest writers, and one of their readers."""
        both = (self.pooled.deployment, self.pooled.readers)
        return sum(_rent(here) for here in both if here is not None)

    def _enough_cards(self, tokens: float) -> list[Kind]:
        """Return `_whole_cards`; refuse more of them than are tried."""
        if self.wait is not None:
            raise InputError(f"wait = {self.wait:g}: this is only known where there is no limit")
        kinds = self._whole_cards(tokens)
        if kinds[0].written[-1] <= tokens * _A_LITTLE_MORE:
            raise InputError(
                f"it takes over {_MOST_CARDS} cards ({kinds[0].name}): ask for fewer users, or for "
                "a cost that is further from the lowest"
            )
        return kinds

    def _whole_cards(self, tokens: float) -> list[Kind]:
        """Return what cards of each kind do, of so many that the first write more than `tokens`.

        Where it takes thousands of cards, they are the most that are tried.
        """
        for kinds in self._tables():
            if kinds[0].written[-1] > tokens * _A_LITTLE_MORE:
                break
        return kinds

    def _tables(self) -> Iterator[list[Kind]]:
        """Yield what cards of each kind do, the cheapest first, at a rent that doubles."""
        for doublings in itertools.count():
            kinds = self._table(doublings)
            yield kinds
            if len(kinds[0].written) > _MOST_CARDS:
                return

    @cached_property
    def _table(self) -> Callable[[int], list[Kind]]:
        """`_of_each_kind`, kept: the same tables answer many questions."""
        return cache(self._of_each_kind)

    def _of_each_kind(self, doublings: int) -> list[Kind]:
        """Return what cards of each kind do, for the rent of a group of the cheapest, doubled."""
        units: dict[str, list[Unit]] = {self.pooled.deployment.machine.name: []}
        for unit in self._balanced:
            units.setdefault(unit.deployment.machine.name, []).append(unit)
        found = []
        for name, each in units.items():
            if not each:  # no card of the cheapest kind reads soon enough
                continue
            rent = float(each[0].deployment.values["chip_rent"])
            cards = min(int(self._one_more * 2.0**doublings / rent + 1e-9), _MOST_CARDS)
            apart = [unit for unit in each if unit.readers]
            together = [unit for unit in each if not unit.readers]
            writing, both = (
                most_done(((_size(unit.deployment), unit.tokens) for unit in group), cards)
                for group in (apart, together)
            )
            readers = self.offers.readers[each[0].deployment.machine.id]
            found.append(parted(name, rent, writing, self._read(readers, cards), both))
        return found

    def _read(self, readers: Sequence[tuple[Deployment, float]], cards: int) -> Any:
        """Return the tokens for whose prompts each number of cards up to `cards` has time.

        `readers` are those of one kind, as in `Offers.readers`. Where prompts may wait for a
        limited time only, the cards form groups of one size.
        """
        import numpy as np

        answer = self.offers.request.answer
        if self.wait is None:
            return most_done(((_size(here), rate * answer) for here, rate in readers), cards)
        read = np.zeros(cards + 1)
        for here, rate in readers:
            groups = range(1, cards // _size(here) + 1)
            shares = self._most_read(here, groups)
            done = np.array(
                [0.0, *(n * rate * answer * share for n, share in zip(groups, shares, strict=True))]
            )
            read = np.maximum(read, done[np.arange(cards + 1) // _size(here)])
        return read

    def _most_read(self, here: Deployment, groups: Sequence[int]) -> Sequence[float]:
        """Return, for each number of groups, the share of its time that each of them may read."""
        if self.wait is None or not groups:
            return [1.0] * len(groups)
        import numpy as np

        most, readers = self.wait, np.asarray(groups, float)

        def is_soon(share: Any) -> Any:
            queue = {"readers": readers, "reading_share": share}
            return here.evaluate(load.queue_wait_of_several, **queue) <= most

        least, _ = halved(np.zeros(len(groups)), np.full(len(groups), 1 - 1e-6), is_soon)
        return list(map(float, least))

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
        users = bisect.bisect_left(
            range(1, min(_MANY, offer.most) + 1),
            x=True,
            key=lambda users: offer.time(users) > 1 / self.speed or not self._is_soon(here, users),
        )
        return Unit(here, users, users / offer.time(max(users, 1)))

    def _whole(self, balanced: Unit) -> list[Unit]:
        """Return units with ever more whole groups that read, as long as more do not idle."""
        if balanced.readers is None:
            return [balanced]
        rate = balanced.tokens / balanced.groups
        most = math.ceil(balanced.groups) + _SPARE
        # Of very many only the last can be the cheapest; the first are for few users.
        groups = sorted(
            {*range(1, min(most, _MOST_CARDS)), *range(max(1, most - 2 * _SPARE), most)}
        )
        found: list[Unit] = []
        for count, share in zip(groups, self._most_read(balanced.readers, groups), strict=True):
            tokens = min(balanced.tokens, count * rate * share)
            if tokens and (not found or tokens > found[-1].tokens):
                found.append(replace(balanced, tokens=tokens, groups=count))
        return found


def token_time(writing: Deployment, users: Any) -> Any:
    """Return the seconds of a token that is written, what prompts take included."""
    return writing.evaluate(load.work_per_token, concurrent_users=1.0 * users)


def prompt_rate(reading: Deployment) -> float:
    """Return prompts that a deployment reads in a second if it does nothing else."""
    alone = reading.having(readers=1.0, prompt_sharing=0.0, concurrent_users=1.0)
    return float(alone.evaluate(load.prompt_rate))


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
