"""A transformer that decodes: grouped-query attention, SwiGLU, RMSNorm and rotary positions.

The weights are random, as nothing here depends on what the model says. PyTorch is handed in.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

ROTARY_BASE = 500_000.0
EPSILON = 1e-5


@dataclass(frozen=True)
class Shape:
    """The sizes of a dense transformer; by default those of an 8B-class model."""

    layers: int = 32
    hidden: int = 4096
    heads: int = 32
    kv_heads: int = 8
    head: int = 128
    inner: int = 14336
    vocabulary: int = 128256

    @property
    def layer_weights(self) -> int:
        """Weights of the layers' matrices."""
        attention = self.hidden * self.head * (2 * self.heads + 2 * self.kv_heads)
        return self.layers * (attention + 3 * self.hidden * self.inner)

    @property
    def matrix_weights(self) -> int:
        """Weights that every token is multiplied with."""
        return self.layer_weights + self.vocabulary * self.hidden

    @property
    def norm_weights(self) -> int:
        """Weights of the norms: two a layer, and one at the end."""
        return (2 * self.layers + 1) * self.hidden


NEARLY_EMPTY = Shape(hidden=128, heads=4, kv_heads=1, head=32, inner=448, vocabulary=4096)
"""As many layers as by default, with so few weights that only the fixed time of each is left."""


def stored_bytes(shape: Shape, item: int) -> int:
    """Return the bytes of all weights, the table of embeddings included."""
    return item * (shape.matrix_weights + shape.norm_weights + shape.vocabulary * shape.hidden)


def cache_bytes_per_token(shape: Shape, item: int) -> int:
    """Return the bytes of a token's keys and values in all layers."""
    return item * 2 * shape.layers * shape.kv_heads * shape.head


def read_bytes(shape: Shape, item: int, batch: int, context: int) -> int:
    """Return what a step must read: weights, a row of embeddings a sequence, and the KV cache.

    The context includes the token that the step works on.
    """
    weights = shape.matrix_weights + shape.norm_weights + batch * shape.hidden
    return item * weights + batch * context * cache_bytes_per_token(shape, item)


def step_flop(shape: Shape, batch: int, context: int) -> int:
    """Return the arithmetic of a step's matrix products, those of attention included."""
    attention = 4 * shape.layers * shape.heads * shape.head * context
    return batch * (2 * shape.matrix_weights + attention)


def prompt_flop(shape: Shape, length: int) -> int:
    """Return the arithmetic of reading one prompt: each token attends to itself and those before.

    Only the last token goes on to the matrix that gives the logits.
    """
    output = 2 * shape.vocabulary * shape.hidden
    pairs = length * (length + 1) // 2
    attention = 4 * shape.layers * shape.heads * shape.head * pairs
    return length * 2 * shape.layer_weights + output + attention


class Model:
    """Random weights, and the rotations of every position up to `contexts`."""

    def __init__(self, torch: Any, shape: Shape, device: str, kind: Any, contexts: int) -> None:
        self.torch, self.shape = torch, shape
        self.linear = torch.nn.functional.linear

        def matrix(rows: int, columns: int) -> Any:
            # Outputs as large as inputs: nothing grows without bound through the layers.
            values = torch.randn(rows, columns, dtype=kind, device=device)
            return values.mul_(columns**-0.5)

        def norm() -> Any:
            return torch.rand(shape.hidden, dtype=kind, device=device).add_(0.5)

        width = shape.heads * shape.head
        self.embedding = torch.randn(shape.vocabulary, shape.hidden, dtype=kind, device=device)
        # Queries, keys and values in one matrix, gate and up in another.
        self.layers = [
            SimpleNamespace(
                attention_norm=norm(),
                queries_keys_values=matrix(width + 2 * shape.kv_heads * shape.head, shape.hidden),
                out=matrix(shape.hidden, width),
                inner_norm=norm(),
                gate_up=matrix(2 * shape.inner, shape.hidden),
                down=matrix(shape.hidden, shape.inner),
            )
            for _ in range(shape.layers)
        ]
        self.norm = norm()
        self.output = matrix(shape.vocabulary, shape.hidden)
        powers = torch.arange(0, shape.head, 2, dtype=torch.float32, device=device) / shape.head
        positions = torch.arange(contexts, dtype=torch.float32, device=device)
        angles = torch.outer(positions, ROTARY_BASE**-powers)
        self.cosine = torch.cat((angles.cos(), angles.cos()), 1).to(kind)
        # The first half's sign is that of the rotation, so that a step need not turn it.
        self.sine = torch.cat((-angles.sin(), angles.sin()), 1).to(kind)

    def quantize(self, kind: Any, product: Callable[[Any, Any, tuple[Any, Any]], Any]) -> None:
        """Turn the layers' matrices, and from now on what they are multiplied with, into a type.

        `product` takes a table of each, and by what to multiply the result for each.
        """
        one = self.torch.ones((), dtype=self.torch.float32, device=self.output.device)
        # The matrices' numbers are raised to about one: in few bits, small ones would be lost.
        lowered: dict[int, Any] = {}
        for layer in self.layers:
            for name in ("queries_keys_values", "out", "gate_up", "down"):
                matrix = getattr(layer, name)
                columns = matrix.shape[1]
                setattr(layer, name, (matrix * columns**0.5).to(kind))
                lowered.setdefault(columns, one * columns**-0.5)
        self.linear = lambda inputs, weights: product(
            inputs.to(kind), weights, (one, lowered[weights.shape[1]])
        )

    def normalize(self, states: Any, weight: Any) -> Any:
        """Return the states over their root mean square."""
        norm = self.torch.nn.functional.rms_norm
        return norm(states, (self.shape.hidden,), weight, EPSILON)

    def rotate(self, heads: Any, where: Any) -> Any:
        """Return queries or keys turned by the angles of their position.

        `where` is one position, or an index that gives a row of angles for each token.
        """
        swapped = heads.roll(self.shape.head // 2, -1)
        return self.torch.addcmul(heads * self.cosine[where], swapped, self.sine[where])

    def run(self, tokens: Any, where: Any, attend: Callable[[int, Any, Any], Any]) -> Any:
        """Return the states after the last layer.

        `attend` takes a layer's number, its queries and keys turned by `where`, and its values,
        and returns what the queries see, a row a token.
        """
        shape, functional = self.shape, self.torch.nn.functional
        turned = shape.heads + shape.kv_heads
        states = self.embedding[tokens]
        for number, layer in enumerate(self.layers):
            inputs = self.normalize(states, layer.attention_norm)
            mixed = self.linear(inputs, layer.queries_keys_values)
            mixed = mixed.view(len(tokens), -1, shape.head)
            seen = attend(number, self.rotate(mixed[:, :turned], where), mixed[:, turned:])
            states = states + self.linear(seen, layer.out)
            inputs = self.normalize(states, layer.inner_norm)
            gate, up = self.linear(inputs, layer.gate_up).chunk(2, -1)
            states = states + self.linear(functional.silu(gate) * up, layer.down)
        return states

    def logits(self, states: Any) -> Any:
        """Return how likely each token of the vocabulary comes next."""
        return self.torch.nn.functional.linear(self.normalize(states, self.norm), self.output)


class Store:
    """Memory for the keys and values of so many tokens, filled with random numbers."""

    def __init__(self, torch: Any, shape: Shape, device: str, kind: Any, tokens: int) -> None:
        self.shape = shape
        size = tokens * shape.kv_heads * shape.head
        self.layers = [
            tuple(torch.empty(size, dtype=kind, device=device).normal_() for _ in range(2))
            for _ in range(shape.layers)
        ]

    def cache(self, batch: int, context: int) -> list[tuple[Any, Any]]:
        """Return each layer's keys and values, by sequence, head, position and dimension.

        All caches of a store lie in the same memory.
        """
        sizes = (batch, self.shape.kv_heads, context, self.shape.head)
        size = batch * context * self.shape.kv_heads * self.shape.head
        return [
            (keys[:size].view(sizes), values[:size].view(sizes)) for keys, values in self.layers
        ]


def step(model: Model, cache: list[tuple[Any, Any]], tokens: Any, context: int) -> Any:
    """Return every sequence's next token as logits, and write its keys and values to the cache.

    `tokens` are the last of each sequence, `context` the number of tokens with this one.
    """
    shape = model.shape
    (batch,) = tokens.shape
    position, group = context - 1, shape.heads // shape.kv_heads

    def attend(number: int, rotated: Any, own: Any) -> Any:
        keys, values = cache[number]
        keys[:, :, position] = rotated[:, shape.heads :]
        values[:, :, position] = own
        # The queries that share a head of the cache stand where a prompt's would: a single token
        # may see all of the context, so no mask tells them apart, and the cache is read once.
        queries = rotated[:, : shape.heads].reshape(batch, shape.kv_heads, group, shape.head)
        seen = model.torch.nn.functional.scaled_dot_product_attention(
            queries, keys[:, :, :context], values[:, :, :context]
        )
        return seen.reshape(batch, -1)

    return model.logits(model.run(tokens, position, attend))


def read_prompt(model: Model, tokens: Any) -> Any:
    """Return the logits after the last token of one prompt, its tokens being read together."""
    shape = model.shape

    def attend(_: int, rotated: Any, own: Any) -> Any:
        queries, keys, values = (
            part.transpose(0, 1).unsqueeze(0)
            for part in (rotated[:, : shape.heads], rotated[:, shape.heads :], own)
        )
        seen = model.torch.nn.functional.scaled_dot_product_attention(
            queries, keys, values, is_causal=True, enable_gqa=True
        )
        return seen[0].transpose(0, 1).reshape(len(tokens), -1)

    states = model.run(tokens, (slice(len(tokens)), None), attend)
    return model.logits(states[-1:])
