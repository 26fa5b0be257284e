"""Requests under load: prompts are read between or inside the steps of those who are answered.

A server has so many requests at once. Some wait, some have their prompts read, the others are in
generation. With no prompts to read, no host and no delay, the time of a token is that of the
static step; `OFF` says at which values each term vanishes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..algebra import symbols as s
from ..algebra.expressions import Max, Min, sqrt
from ..algebra.formula import Formula
from . import decode, parts

if TYPE_CHECKING:
    from collections.abc import Mapping

OFF: Mapping[str, Mapping[str, float]] = {
    "prompts": {"prompt_time": 0.0, "reading_time": 0.0, "queue_wait": 0.0},
    "host": {"host_time": 0.0},
    "delay": {"engine_delay": 0.0},
    "burst": {"burst_share": 0.0},
    "interruptions": {"prompt_time": 0.0, "queue_wait": 0.0},
}
"""The terms that can be switched off, each with the values at which it vanishes."""

# A prompt, and what it costs the others

standing_time = Formula(
    s.standing_time,
    s.weight_time + s.unpack_time + s.exposed_latency + s.fixed_time,
    "A step reads the weights and launches its kernels, however many tokens it is for.",
    where=(
        decode.decode_weight_time,
        decode.unpack_time,
        parts.exposed_latency,
        decode.fixed_time,
    ),
)
prompt_time = Formula(
    s.prompt_time,
    (s.prefill_time - s.prompt_sharing * Min(s.standing_time, s.prompt_standing, s.prefill_time))
    / (s.replicas * s.one_user),
    "A prompt that is read inside a step of others shares what that step does anyway, and not the "
    "work with its tokens. Each copy of the attention reads a prompt of its own at the same time.",
    where=(standing_time,),
)
reading_time = Formula(
    s.reading_time,
    s.prefill_time + (1 - s.one_user / s.concurrent_users) * s.round_time / 2,
    "A request waits for the step of others that is under way, half of one on average; then its "
    "prompt is read.",
    where=(decode.round_time,),
)
entry_time = Formula(
    s.entry_time,
    s.engine_delay + s.queue_wait + s.reading_time,
    "Where there is room, a request is taken in, waits for prompts before it, and has its own "
    "read. Nothing is written for it meanwhile.",
    where=(reading_time,),
)

# Those who are answered, and how fast

others_share = Formula(
    s.others_share,
    1 - s.one_user / s.admitted_users,
    "Of those that a server may hold, each finds only the others there.",
)
users_of_a_step = Formula(
    s.concurrent_users,
    s.one_user + s.others_share * s.served_users,
    "A step that writes a request's token is for this request and for the others that it finds.",
)
time_per_token = Formula(
    s.time_per_token,
    (
        (s.round_time + s.host_time * s.concurrent_users / s.replicas) / s.accepted_tokens
        + (s.concurrent_users - s.one_user) * s.prompt_time / s.answer
    )
    / s.one_user,
    "Each copy of the attention has a host of its own. In the time of an answer, each of the "
    "others is replaced once: a new prompt is read.",
    where=(decode.round_time, decode.accepted_tokens, prompt_time),
)
work_per_token = Formula(
    s.work_per_token,
    s.time_per_token + s.prompt_time / s.answer,
    "The machine reads a request's own prompt, too, before the first token.",
    where=(time_per_token, prompt_time),
)
answer_time = Formula(
    s.answer_time,
    s.one_user * s.answer * s.time_per_token,
    "An answer comes token by token.",
    where=(time_per_token,),
)
admitted_users = Formula(
    s.admitted_users,
    Min(s.concurrency, Max(s.one_user, s.largest_batch)),
    "Those whose caches do not fit wait until another is done.",
)
# Each copy of the attention reads a prompt of its own, and so takes as many times as long for it.
_served_time = s.answer_time + s.one_user * s.replicas * s.prompt_time
served_users = Formula(
    s.served_users,
    s.admitted_users * _served_time / (s.answer_time + s.entry_time),
    "Of those admitted, some are still taken in, or wait for prompts before theirs.",
    where=(answer_time, entry_time, prompt_time),
)

# The wait for the first token

burst_wait = Formula(
    s.burst_wait,
    s.burst_share
    * (s.admitted_users - s.one_user)
    / (2 * s.one_user)
    * s.prefill_time
    / s.replicas,
    "Of those who come together at the start, each waits for the prompts before its own.",
)
memory_wait = Formula(
    s.memory_wait,
    (s.concurrency / s.admitted_users - 1) * (s.answer_time + s.entry_time),
    "Where memory is full, a place is free only when an answer is done.",
    where=(answer_time, entry_time),
)
first_token_time = Formula(
    s.first_token_time,
    s.entry_time + s.burst_wait + s.memory_wait,
    "Before its first token a request enters, after those who came with it and once there is room.",
    where=(entry_time, burst_wait, memory_wait),
)

# What a server gets through

requests_done = Formula(
    s.requests_done,
    s.served_users / _served_time,
    "By Little's law: those who are read or answered, over the time that this takes for each.",
    where=(answer_time, prompt_time),
)
decoding_users = Formula(
    s.decoding_users,
    s.requests_done * s.answer_time,
    "By the same law: as many are answered as come while one is.",
    where=(requests_done, answer_time),
)

prompt_token_cost = Formula(
    s.prompt_token_cost,
    s.chips * s.chip_rent * s.prompt_time / (s.prompt * s.busy_share),
    "What the machines cost while a prompt takes their time, shared by its tokens.",
    where=(prompt_time,),
)
answer_token_cost = Formula(
    s.answer_token_cost,
    s.chips * s.chip_rent * (1 / s.requests_done - s.prompt_time) / (s.answer * s.busy_share),
    "What they cost in the rest of the time, idle or not, shared by the tokens of the answers.",
    where=(requests_done, prompt_time),
)

# Requests that come at random, not one for each that is done

reading_share = Formula(
    s.reading_share,
    s.request_rate * s.prompt_time,
    "The share of its time that a server reads prompts, if that many requests come.",
    where=(prompt_time,),
)
queue_wait = Formula(
    s.queue_wait,
    s.reading_share * s.prefill_time / (2 * (1 - s.reading_share)),
    "Prompts that come at random queue for a reader that takes as long for each.",
    where=(reading_share,),
)

queue_wait_of_several = Formula(
    s.queue_wait,
    s.prefill_time
    / (2 * s.readers)
    * s.reading_share ** (sqrt(2 * (s.readers + 1)) - 1)
    / (1 - s.reading_share),
    "Several readers share a queue: it is rare that all of them are busy. (Sakasegawa's formula, "
    "which is near the truth and exact for one.)",
)

queue_wait_replaced = Formula(
    s.queue_wait,
    s.others_share
    * s.prefill_time
    / 2
    * (s.reading_share + s.served_users * s.accepted_tokens / (s.answer * s.one_user * s.replicas)),
    "Where each that comes replaces one that is done, it may find a prompt of another half read, "
    "and half of those before it whom the same step has let in.",
    where=(reading_share, decode.accepted_tokens),
)

# Prompts that a cache holds in part

uncached_prompt = Formula(
    s.prompt,
    s.input_length * (1 - s.cached_share),
    "What a cache holds of a prompt need not be read again.",
)
_cached = s.input_length * s.cached_share
_seen_first, _seen_last = Min(s.window, _cached), Min(s.window, _cached + s.prompt)
cached_prompt_attended = Formula(
    s.prompt_attended,
    (1 - s.windowed_share) * (_cached + s.prompt / 2)
    + s.windowed_share * (_seen_last - (_seen_last - _seen_first) ** 2 / (2 * s.prompt)),
    "Each token that is read attends to all that the cache holds, and to those read before it, "
    "in a windowed layer to the last of them.",
)

# Prompts and answers on separate machines

outside_share_once = Formula(
    s.outside_share,
    Min(
        1 - Min(1, s.node_size * s.stages / s.chips),
        (1 / Min(1, s.node_size * s.stages / s.chips) - 1) * s.one_expert / s.experts_per_token,
    ),
    "Where a token goes to each other node once at most, its experts there share what it sends.",
)
transfer_time = Formula(
    s.transfer_time,
    s.one_user * s.input_length * s.kv_bytes_per_token / (s.chips * s.transfer_bandwidth),
    "The cache of a prompt goes to the chips that write answers, over every link at once.",
)
prompt_rate = Formula(
    s.prompt_rate,
    s.readers / s.prompt_time,
    "Prompts that so many groups of chips read.",
    where=(prompt_time,),
)
