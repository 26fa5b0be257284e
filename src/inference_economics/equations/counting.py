"""The weights, the cache and the state of a model, counted from its shape."""

from ..algebra import symbols as s
from ..algebra.formula import Formula

# Layers

full_layers = Formula(
    s.full_layers,
    s.layers - s.windowed_layers - s.linear_layers - s.recurrent_layers - s.convolved_layers,
    "A layer that has neither a window nor a state attends to the whole context.",
)

# Weights of one layer's attention, or of what is in its place

grouped_weights = Formula(
    s.attention_weights,
    s.one_weight
    * s.hidden_size
    * s.head_size
    * ((s.query_projections + 1) * s.heads + s.kv_projections * s.kv_heads),
    "Queries, an output gate where there is one, keys, values, and the way back.",
)
windowed_weights = Formula(
    s.windowed_weights,
    s.one_weight
    * s.hidden_size
    * s.windowed_head_size
    * ((s.query_projections + 1) * s.windowed_heads + 2 * s.windowed_kv_heads),
    "A layer with a window may have other heads than those that attend to all.",
)
query_weights = Formula(
    s.query_weights,
    s.one_weight * s.hidden_size * s.heads * (s.head_size + s.position_size * s.one_token),
    "Every head's queries are made from the hidden state, with a part for the position.",
)
query_weights_latent = Formula(
    s.query_weights,
    s.one_weight
    * s.query_latent
    * (s.hidden_size + s.heads * (s.head_size + s.position_size * s.one_token)),
    "Queries, too, are made from a latent vector.",
)
latent_weights = Formula(
    s.attention_weights,
    s.query_weights
    + s.one_weight
    * (
        s.hidden_size * (s.latent_size + s.position_size) * s.one_token
        + s.latent_size * s.one_token * s.heads * (s.head_size + s.value_size)
        # The way back, and before it a gate of the same size where there is one.
        + s.query_projections * s.heads * s.value_size * s.hidden_size
    ),
    "A latent vector is made, keys and values are made from it, and the heads' results go back.",
    where=(query_weights,),
)
compressed_weights = Formula(
    s.attention_weights,
    s.query_weights
    + s.one_weight
    * (
        s.hidden_size * s.head_size
        + s.heads * s.head_size * s.output_latent
        + s.output_groups * s.output_latent * s.hidden_size
    ),
    "One vector serves all heads as key and value; groups of heads put out a latent vector each.",
)
compressor_weights = Formula(
    s.compressor_weights,
    s.one_weight
    * s.hidden_size
    * (
        4 * s.compressed_layers * (s.head_size + s.index_size)
        + 2 * s.heavily_compressed_layers * s.head_size
    ),
    "An entry and its gate are made from a few tokens, overlapping, or from many.",
)
index_weights = Formula(
    s.index_weights,
    s.one_weight
    * (
        s.query_latent * s.index_heads * s.index_size
        + s.hidden_size * (s.index_size + s.index_heads)
    ),
    "To select tokens, small heads compare small keys, each head with a weight.",
)
gate_weights = Formula(
    s.gate_weights,
    s.one_weight
    * s.hidden_size
    * (
        s.linear_value_heads * s.linear_value_size
        + s.decay_projections * s.linear_key_heads * s.linear_key_size
    ),
    "The hidden state gates the output, and in some models makes the decay of each number.",
)
gate_weights_latent = Formula(
    s.gate_weights,
    s.one_weight
    * s.gate_latent
    * (
        2 * s.hidden_size
        + s.linear_value_heads * s.linear_value_size
        + s.linear_key_heads * s.linear_key_size
    ),
    "Gates of output and decay are made from latent vectors.",
)
gate_weights_decay = Formula(
    s.gate_weights,
    s.one_weight
    * (
        s.hidden_size * s.linear_value_heads * s.linear_value_size
        + s.decay_latent * (s.hidden_size + s.linear_key_heads * s.linear_key_size)
    ),
    "The hidden state gates the output; the decay of each number is made from a latent vector.",
)
linear_weights = Formula(
    s.linear_weights,
    s.gate_weights
    + s.one_weight
    * (
        (s.hidden_size + s.convolution)
        * (2 * s.linear_key_heads * s.linear_key_size + s.linear_value_heads * s.linear_value_size)
        + s.hidden_size * s.linear_value_heads * (s.linear_value_size + 2)
    ),
    "Queries, keys and values, a convolution over them, the way back, and for each head how "
    "strongly it writes and how fast it forgets.",
    where=(gate_weights,),
)
recurrent_weights = Formula(
    s.recurrent_weights,
    s.one_weight
    * (
        s.hidden_size * (3 * s.recurrent_heads * s.recurrent_head_size + s.recurrent_heads)
        + 2 * s.hidden_size * s.recurrent_groups * s.state_size
        + s.convolution
        * (s.recurrent_heads * s.recurrent_head_size + 2 * s.recurrent_groups * s.state_size)
    ),
    "What goes in, its gate and the way back; what each group writes and reads; a convolution.",
)
convolved_weights = Formula(
    s.convolved_weights,
    s.one_weight * s.hidden_size * (4 * s.hidden_size + s.convolution),
    "What goes in, a gate before and one after, the way back; a convolution.",
)
attention_parameters = Formula(
    s.attention_parameters,
    s.full_layers * s.attention_weights
    + s.windowed_layers * s.windowed_weights
    + s.linear_layers * s.linear_weights
    + s.recurrent_layers * s.recurrent_weights
    + s.convolved_layers * s.convolved_weights
    + s.index_layers * s.index_weights
    + s.compressor_weights,
    "Each kind of layer has its weights.",
    where=(full_layers,),
)

# All weights

dense_parameters = Formula(
    s.dense_parameters,
    s.ffn_matrices
    * s.one_expert
    * s.hidden_size
    * (s.dense_layers * s.dense_ffn_size + s.expert_layers * s.shared_ffn_size)
    + s.one_weight * s.expert_layers * s.hidden_size * s.experts / s.one_expert,
    "Blocks without experts, experts that every token passes through, and what chooses the others.",
)
narrow_expert_parameters = Formula(
    s.expert_parameters,
    s.ffn_matrices * s.expert_input * s.ffn_size,
    "An expert may take less than the hidden state.",
)
narrowing_parameters = Formula(
    s.narrowing_parameters,
    2 * s.one_weight * s.expert_layers * s.hidden_size * s.expert_input,
    "The hidden state is made narrow before the experts, and wide after them.",
)
output_embedding = Formula(
    s.output_embedding,
    s.vocabulary * s.hidden_size,
    "The table that gives each entry of the vocabulary its score is read for every token.",
)
layer_input_parameters = Formula(
    s.layer_input_parameters,
    3 * s.one_weight * s.layers * s.hidden_size * s.layer_input,
    "A token's own input is made for every layer, gated there, and brought to the hidden state.",
)
layer_embedding = Formula(
    s.input_embedding,
    s.vocabulary * s.layers * s.layer_input,
    "Each layer has a table of its own: a step reads one row a token.",
)
shared_of_shape = Formula(
    s.shared_parameters,
    s.attention_parameters
    + s.dense_parameters
    + s.narrowing_parameters
    + s.layer_input_parameters
    + s.output_embedding,
    "What every token passes through; norms and biases are too few to count.",
    where=(attention_parameters, output_embedding),
)
stored_of_shape = Formula(
    s.stored_parameters,
    s.routed_parameters + s.shared_parameters + s.input_embedding,
    "All weights: experts, what every token passes through, and tables that are looked up.",
)
tower_parameters = Formula(
    s.tower_parameters,
    s.one_weight * s.tower_layers * s.tower_size * (4 * s.tower_size + 2 * s.tower_ffn_size),
    "A tower is a plain transformer.",
)

# The cache

growing_cache = Formula(
    s.growing_cache,
    s.cache_value_bytes * s.caching_layers * s.kv_vectors * s.kv_heads * s.head_size,
    "Layers that attend to all keep a key and a value of every token.",
)
growing_cache_latent = Formula(
    s.growing_cache,
    s.cache_value_bytes * s.caching_layers * (s.latent_size + s.position_size),
    "Layers that attend to all keep a latent vector of every token.",
)
growing_cache_selected = Formula(
    s.growing_cache,
    s.cache_value_bytes * s.index_layers * s.index_size / s.tokens_per_key / s.one_token,
    "A step reads the small keys of all tokens, to select.",
)
growing_cache_compressed = Formula(
    s.growing_cache,
    s.cache_value_bytes
    * (
        s.compressed_layers * (s.head_size + s.index_size) / s.tokens_per_entry
        + s.heavily_compressed_layers * s.head_size / s.tokens_per_heavy_entry
    )
    / s.one_token,
    "An entry serves several tokens.",
)
passing_cache = Formula(
    s.passing_cache,
    s.cache_value_bytes
    * s.windowed_caching_layers
    * s.kv_vectors
    * s.windowed_kv_heads
    * s.windowed_head_size,
    "Layers with a window keep a key and a value of its tokens.",
)
passing_cache_selected = Formula(
    s.passing_cache,
    s.cache_value_bytes * s.caching_layers * (s.latent_size + s.position_size),
    "A step reads the latent vectors of the tokens that are selected.",
)
passing_cache_compressed = Formula(
    s.passing_cache,
    s.cache_value_bytes * s.layers * s.head_size / s.one_token,
    "Every layer keeps the last tokens one by one.",
)
cache_of_parts = Formula(
    s.kv_bytes_per_token,
    s.growing_cache + s.passing_cache,
    "What a token takes for good, and what it takes for a while.",
)
passing_share = Formula(
    s.windowed_share,
    s.passing_cache / (s.growing_cache + s.passing_cache),
    "So much of a token's cache is kept or read for a while only.",
)
linear_state_bytes = Formula(
    s.linear_state_bytes,
    s.linear_layers
    * (
        s.state_value_bytes * s.linear_value_heads * s.linear_key_size * s.linear_value_size
        + s.convolved_value_bytes
        * (s.convolution - 1)
        * (2 * s.linear_key_heads * s.linear_key_size + s.linear_value_heads * s.linear_value_size)
    )
    / s.one_user,
    "A head keeps a matrix as high as its keys and as wide as its values, and the last inputs.",
)
recurrent_state_bytes = Formula(
    s.recurrent_state_bytes,
    s.recurrent_layers
    * (
        s.state_value_bytes * s.recurrent_heads * s.recurrent_head_size * s.state_size
        + s.convolved_value_bytes
        * (s.convolution - 1)
        * (s.recurrent_heads * s.recurrent_head_size + 2 * s.recurrent_groups * s.state_size)
    )
    / s.one_user,
    "Each number of the width has a small state of its own, and the last inputs are kept.",
)
convolved_state_bytes = Formula(
    s.convolved_state_bytes,
    s.convolved_layers * s.convolved_value_bytes * (s.convolution - 1) * s.hidden_size / s.one_user,
    "A short convolution keeps the last inputs.",
)
state_of_parts = Formula(
    s.state_bytes,
    s.linear_state_bytes + s.recurrent_state_bytes + s.convolved_state_bytes,
    "States do not grow with the context.",
)

# Arithmetic of attention, where layers differ

attention_flop_of_full = Formula(
    s.attention_flop,
    s.multiply_add
    * s.full_layers
    * s.heads
    * (s.key_width + s.value_width)
    / (1 - s.windowed_share),
    "Only layers that attend to all compare every token, and they are not all.",
    where=(full_layers,),
)

# Bits

bits_as_stored = Formula(
    s.bits_per_parameter,
    s.format_bits + s.scale_bits / s.block_size,
    "A weight takes its own bits and its share of what its block has in common.",
)
shared_surplus = Formula(
    s.shared_surplus,
    (
        s.shared_parameters * (s.other_bits - s.expert_bits)
        + s.attention_parameters * (s.attention_bits - s.other_bits)
        + s.output_embedding * (s.head_bits - s.other_bits)
    )
    / s.bits_per_byte,
    "Attention, and the table that gives the scores, may be stored in other bits than the rest.",
    where=(attention_parameters, output_embedding),
)
embedding_surplus = Formula(
    s.embedding_surplus,
    s.input_embedding * (s.embedding_bits - s.expert_bits) / s.bits_per_byte,
    "Most formats leave tables that are looked up in 16 bits.",
)
bits_on_average = Formula(
    s.bits_per_parameter,
    s.expert_bits
    + s.bits_per_byte * (s.shared_surplus + s.embedding_surplus) / s.stored_parameters,
    "What is stored in more bits than the experts raises the average over all weights.",
    where=(shared_surplus, embedding_surplus),
)
