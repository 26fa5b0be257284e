"""What a model's shape implies: weights shared and routed, cache and attention per token."""

from ..algebra import symbols as s
from ..algebra.expressions import Min
from ..algebra.formula import Formula

# Weights: read for all, read for some, or hardly read at all

expert_parameters = Formula(
    s.expert_parameters,
    s.ffn_matrices * s.hidden_size * s.ffn_size,
    "An expert is a gated feed-forward block of its own.",
)
routed_parameters = Formula(
    s.routed_parameters,
    s.expert_layers * s.experts * s.expert_parameters,
    "Weights of all experts of all layers.",
    where=(expert_parameters,),
)
input_embedding = Formula(
    s.input_embedding,
    s.vocabulary * s.hidden_size,
    "The table that turns a token into its first hidden state: a step reads one row a token.",
)
stored_of_parts = Formula(
    s.stored_parameters,
    s.routed_parameters + s.shared_parameters,
    "Where sources state the parts, they are known better than their rounded sum.",
)
routed_by_share = Formula(
    s.routed_parameters,
    s.routed_share * s.stored_parameters,
    "A model that grows keeps its proportions: so much of it is experts.",
)
embedding_by_share = Formula(
    s.input_embedding,
    s.embedding_share * s.stored_parameters,
    "A model that grows keeps its proportions: so much of it is its input embedding.",
)
shared_parameters = Formula(
    s.shared_parameters,
    s.stored_parameters - s.routed_parameters - s.input_embedding,
    "What is neither an expert nor the input embedding is read for every token.",
)
active_parameters = Formula(
    s.active_parameters,
    s.shared_parameters + s.routed_parameters * s.experts_per_token / s.experts,
    "A token passes through the shared weights and the experts that it is routed to.",
    where=(shared_parameters,),
)

hidden_bytes = Formula(
    s.hidden_bytes,
    s.hidden_size * s.activation_bytes,
    "The hidden state that one token carries from layer to layer.",
)

# The cache: three ways to keep keys and values

cached_values = Formula(
    s.cached_values,
    s.kv_vectors * s.hidden_size,
    "With a key and a value for every head, both are as wide as the hidden state.",
)
cached_values_grouped = Formula(
    s.cached_values,
    s.kv_vectors * s.kv_heads * s.head_size,
    "Grouped-query attention: several heads share one key and one value.",
)
cached_values_latent = Formula(
    s.cached_values,
    s.latent_size + s.position_size,
    "Latent attention: one short vector stands for the keys and values of all heads.",
)
kv_bytes_per_token = Formula(
    s.kv_bytes_per_token,
    s.layers * s.cached_values * s.cache_value_bytes,
    "Each layer keeps its numbers for every token of context.",
    where=(cached_values,),
)
kv_bytes_grouped = kv_bytes_per_token.using(
    cached_values_grouped,
    about="Cache of a token with grouped-query attention.",
)
kv_bytes_latent = kv_bytes_per_token.using(
    cached_values_latent,
    about="Cache of a token with latent attention.",
)
key_width_latent = Formula(
    s.key_width,
    s.one_token * (s.latent_size + s.position_size),
    "In a step, a head compares the whole of what is cached.",
)
value_width_latent = Formula(
    s.value_width,
    s.one_token * s.latent_size,
    "In a step, a head sums up what is cached, but for the part of the position.",
)
key_width_expanded = Formula(
    s.key_width,
    s.head_size + s.one_token * s.position_size,
    "In a prompt, keys are made from the latent vector, and the position goes with them.",
)
attention_flop = Formula(
    s.attention_flop,
    s.multiply_add * s.layers * s.heads * (s.key_width + s.value_width),
    "Each head compares the new token with one of the context, and adds up its value.",
)
attended_context = Formula(
    s.attended_context,
    (1 - s.windowed_share) * s.context + s.windowed_share * Min(s.context, s.window),
    "Layers with a sliding window attend to the last tokens only.",
)
kept_context = Formula(
    s.kept_context,
    s.attended_context + s.kept_share * (s.context - s.attended_context),
    "A layer with a window forgets what it does not attend to; one that selects keeps it.",
    where=(attended_context,),
)
