"""Every equation and every claim, worked by hand.

Written in plain arithmetic on literal numbers: an equation from what it says of itself and from
the meanings and units of its symbols, a claim from the text of the post and its thread and from
the sources' figures. Nothing here is loaded from the package, so that a slip in an equation, in
its data or in its rules shows as a disagreement.
"""

from __future__ import annotations

from math import log, log2, log10, sqrt
from typing import NamedTuple

# The equations. A case gives every symbol of the equation itself, and nothing beneath, so that no
# step on the way can hide another's slip. The numbers are small and differ, so that no two symbols
# can be taken for each other; they are not those of any machine. Symbols that stand for one of
# something are given another value as well: one accelerator that counts as two is counted in
# halves, and seven are then fourteen.


class Case(NamedTuple):
    """What a formula is given, each in its symbol's unit, and the result in the formula's unit.

    `why` is the reason for an input of 0 or 1 or for two equal inputs, which can hide a slip.
    """

    result: float
    given: dict[str, float]
    why: str = ""


def case(result: float, why: str = "", /, **given: float) -> Case:
    """Return a case as the table states it: the result first, then what it is worked from."""
    return Case(result, given, why)


EQUATIONS: dict[str, list[Case]] = {
    # Roofline
    "ridge_point": [case(97 / 13, peak_flops=97, memory_bandwidth=13)],
    "orders_of_magnitude": [case(log10(3000 / 7), ridge_point=3000, one_flop_per_byte=7)],
    "bytes_per_parameter": [case(12 / 7, bits_per_parameter=12, bits_per_byte=7)],
    # Five tokens take 5 × 3 operations of a weight of 7 bytes.
    "arithmetic_intensity": [
        case(5 * 3 / 7, batch=5, flop_per_parameter=3, bytes_per_parameter=7)
    ],
    # While a weight of 7 bytes is read, 11 × 7 operations can be done; a token takes 3 of them.
    "critical_batch": [
        case(11 * 7 / 3, ridge_point=11, bytes_per_parameter=7, flop_per_parameter=3)
    ],
    # Of 19 experts a token chooses 5: an expert's tokens are that share of the batch.
    "critical_batch_of_experts": [
        case(
            11 * 7 / 3 / (5 / 19),
            ridge_point=11, bytes_per_parameter=7, flop_per_parameter=3, experts=19,
            experts_per_token=5,
        )
    ],
    # Shape
    "expert_parameters": [case(5 * (7 * 11), ffn_matrices=5, hidden_size=7, ffn_size=11)],
    "routed_parameters": [case(3 * 5 * 7, expert_layers=3, experts=5, expert_parameters=7)],
    "input_embedding": [case(13 * 7, vocabulary=13, hidden_size=7)],
    "routed_by_share": [case(0.3 * 110, routed_share=0.3, stored_parameters=110)],
    "embedding_by_share": [case(0.2 * 130, embedding_share=0.2, stored_parameters=130)],
    "shared_parameters": [
        case(101 - (53 + 7), stored_parameters=101, routed_parameters=53, input_embedding=7)
    ],
    # Five experts of 12 weights each, three of them chosen.
    "active_parameters": [
        case(
            17 + 3 * 12,
            shared_parameters=17, routed_parameters=60, experts=5, experts_per_token=3,
        )
    ],
    "stored_of_parts": [case(53 + 41, routed_parameters=53, shared_parameters=41)],
    "hidden_bytes": [case(7 * 3, hidden_size=7, activation_bytes=3)],
    "cached_values": [case(3 * 7, kv_vectors=3, hidden_size=7)],
    "cached_values_grouped": [case(3 * 5 * 7, kv_vectors=3, kv_heads=5, head_size=7)],
    "cached_values_latent": [case(11 + 3, latent_size=11, position_size=3)],
    "kv_bytes_per_token": [case(3 * 5 * 7, layers=3, cached_values=5, cache_value_bytes=7)],
    "kv_bytes_grouped": [case(5 * 11 * 2, layers=5, cached_values=11, cache_value_bytes=2)],
    "kv_bytes_latent": [case(7 * 13 * 3, layers=7, cached_values=13, cache_value_bytes=3)],
    "attention_flop": [
        case(
            5 * 7 * (3 * 11 + 3 * 13),
            multiply_add=3, layers=5, heads=7, key_width=11, value_width=13,
        )
    ],
    "key_width_latent": [
        case(2 * 11 + 2 * 3, one_token=2, latent_size=11, position_size=3)
    ],
    "value_width_latent": [case(2 * 11, one_token=2, latent_size=11)],
    "key_width_expanded": [
        case(7 + 2 * 3, head_size=7, one_token=2, position_size=3)
    ],
    # A tenth of the 30 tokens that are not attended to is kept.
    "kept_context": [case(20 + 0.1 * 30, attended_context=20, kept_share=0.1, context=50)],
    # Counting
    "full_layers": [
        case(
            97 - 3 - 5 - 7 - 11,
            layers=97, windowed_layers=3, linear_layers=5, recurrent_layers=7, convolved_layers=11,
        )
    ],
    "grouped_weights": [
        case(
            5 * 7 * 11 * (4 * 13 + 6 * 2),
            one_weight=5, hidden_size=7, head_size=11, query_projections=3, heads=13,
            kv_projections=6, kv_heads=2,
        )
    ],
    "windowed_weights": [
        case(
            5 * 7 * 11 * (4 * 13 + 2 * 17),
            one_weight=5, hidden_size=7, windowed_head_size=11, query_projections=3,
            windowed_heads=13, windowed_kv_heads=17,
        )
    ],
    "query_weights": [
        case(
            5 * 7 * 13 * (11 + 3 * 2),
            one_weight=5, hidden_size=7, heads=13, head_size=11, position_size=3, one_token=2,
        )
    ],
    "query_weights_latent": [
        case(
            5 * 19 * (7 + 13 * (11 + 3 * 2)),
            one_weight=5, query_latent=19, hidden_size=7, heads=13, head_size=11,
            position_size=3, one_token=2,
        )
    ],
    "latent_weights": [
        case(
            101 + 5 * (7 * (17 + 3) * 2 + 17 * 2 * 13 * (11 + 23) + 29 * 13 * 23 * 7),
            query_weights=101, one_weight=5, hidden_size=7, latent_size=17, position_size=3,
            one_token=2, heads=13, head_size=11, value_size=23, query_projections=29,
        )
    ],
    "compressed_weights": [
        case(
            101 + 5 * (7 * 11 + 13 * 11 * 3 + 2 * 3 * 7),
            query_weights=101, one_weight=5, hidden_size=7, head_size=11, heads=13,
            output_latent=3, output_groups=2,
        )
    ],
    # A few tokens overlap, so that an entry and its gate are made twice as wide.
    "compressor_weights": [
        case(
            5 * 7 * (3 * 4 * (11 + 13) + 17 * 2 * 11),
            one_weight=5, hidden_size=7, compressed_layers=3, head_size=11, index_size=13,
            heavily_compressed_layers=17,
        )
    ],
    "index_weights": [
        case(
            5 * (7 * 3 * 11 + 13 * 11 + 13 * 3),
            one_weight=5, query_latent=7, index_heads=3, index_size=11, hidden_size=13,
        )
    ],
    "gate_weights": [
        case(
            5 * 7 * (3 * 11 + 2 * 17 * 13),
            one_weight=5, hidden_size=7, linear_value_heads=3, linear_value_size=11,
            decay_projections=2, linear_key_heads=17, linear_key_size=13,
        )
    ],
    "gate_weights_latent": [
        case(
            5 * (2 * 7 * 13 + 13 * 3 * 11 + 13 * 17 * 19),
            one_weight=5, gate_latent=13, hidden_size=7, linear_value_heads=3,
            linear_value_size=11, linear_key_heads=17, linear_key_size=19,
        )
    ],
    "gate_weights_decay": [
        case(
            5 * (7 * 3 * 11 + 13 * 7 + 13 * 17 * 19),
            one_weight=5, decay_latent=13, hidden_size=7, linear_value_heads=3,
            linear_value_size=11, linear_key_heads=17, linear_key_size=19,
        )
    ],
    "linear_weights": [
        case(
            101 + 5 * ((7 + 4) * (2 * 17 * 2 + 3 * 11) + 3 * 11 * 7 + 2 * 7 * 3),
            gate_weights=101, one_weight=5, hidden_size=7, convolution=4, linear_key_heads=17,
            linear_key_size=2, linear_value_heads=3, linear_value_size=11,
        )
    ],
    "recurrent_weights": [
        case(
            5 * (7 * (3 * 11 * 3 + 3) + 2 * 7 * 13 * 2 + 4 * (3 * 11 + 2 * 13 * 2)),
            one_weight=5, hidden_size=7, recurrent_heads=3, recurrent_head_size=11,
            recurrent_groups=13, state_size=2, convolution=4,
        )
    ],
    # Three matrices in, one back.
    "convolved_weights": [
        case(5 * (3 * 7 * 7 + 7 * 7 + 7 * 13), one_weight=5, hidden_size=7, convolution=13)
    ],
    "attention_parameters": [
        case(
            2 * 101 + 3 * 103 + 5 * 107 + 7 * 109 + 13 * 131 + 11 * 113 + 127,
            full_layers=2, attention_weights=101, windowed_layers=3, windowed_weights=103,
            linear_layers=5, linear_weights=107, recurrent_layers=7, recurrent_weights=109,
            convolved_layers=13, convolved_weights=131,
            index_layers=11, index_weights=113, compressor_weights=127,
        )
    ],
    "dense_parameters": [
        case(
            3 * 2 * 7 * (11 * 13 + 5 * 17) + 19 * 5 * 7 * 23 / 2,
            ffn_matrices=3, one_expert=2, hidden_size=7, dense_layers=11, dense_ffn_size=13,
            expert_layers=5, shared_ffn_size=17, one_weight=19, experts=23,
        )
    ],
    "narrow_expert_parameters": [case(5 * (7 * 11), ffn_matrices=5, expert_input=7, ffn_size=11)],
    "narrowing_parameters": [
        case(2 * 5 * 3 * 7 * 11, one_weight=5, expert_layers=3, hidden_size=7, expert_input=11)
    ],
    "output_embedding": [case(13 * 7, vocabulary=13, hidden_size=7)],
    "layer_input_parameters": [
        case(3 * 5 * 2 * 7 * 11, one_weight=5, layers=2, hidden_size=7, layer_input=11)
    ],
    "layer_embedding": [case(13 * 2 * 11, vocabulary=13, layers=2, layer_input=11)],
    "shared_of_shape": [
        case(
            101 + 103 + 107 + 109 + 113,
            attention_parameters=101, dense_parameters=103, narrowing_parameters=107,
            layer_input_parameters=109, output_embedding=113,
        )
    ],
    "stored_of_shape": [
        case(101 + 103 + 107, routed_parameters=101, shared_parameters=103, input_embedding=107)
    ],
    "tower_parameters": [
        case(
            5 * 2 * (4 * 7 * 7 + 2 * 7 * 11),
            one_weight=5, tower_layers=2, tower_size=7, tower_ffn_size=11,
        )
    ],
    "growing_cache": [
        case(
            2 * 3 * 5 * 7 * 11,
            cache_value_bytes=2, caching_layers=3, kv_vectors=5, kv_heads=7, head_size=11,
        )
    ],
    "growing_cache_latent": [
        case(
            2 * 3 * (7 + 11),
            cache_value_bytes=2, caching_layers=3, latent_size=7, position_size=11,
        )
    ],
    "growing_cache_selected": [
        case(
            2 * 3 * 7 / 11 / 5,
            cache_value_bytes=2, index_layers=3, index_size=7, tokens_per_key=11, one_token=5,
        )
    ],
    "growing_cache_compressed": [
        case(
            2 * (3 * (7 + 11) / 4 + 13 * 7 / 17) / 5,
            cache_value_bytes=2, compressed_layers=3, head_size=7, index_size=11,
            tokens_per_entry=4, heavily_compressed_layers=13, tokens_per_heavy_entry=17,
            one_token=5,
        )
    ],
    "passing_cache": [
        case(
            2 * 3 * 5 * 7 * 11,
            cache_value_bytes=2, windowed_caching_layers=3, kv_vectors=5, windowed_kv_heads=7,
            windowed_head_size=11,
        )
    ],
    "passing_cache_selected": [
        case(
            2 * 3 * (7 + 11),
            cache_value_bytes=2, caching_layers=3, latent_size=7, position_size=11,
        )
    ],
    "passing_cache_compressed": [
        case(2 * 3 * 7 / 5, cache_value_bytes=2, layers=3, head_size=7, one_token=5)
    ],
    "cache_of_parts": [case(7 + 11, growing_cache=7, passing_cache=11)],
    "passing_share": [case(11 / 18, growing_cache=7, passing_cache=11)],
    "linear_state_bytes": [
        case(
            5 * (4 * 3 * 11 * 7 + 2 * (6 - 1) * (2 * 17 * 11 + 3 * 7)) / 13,
            linear_layers=5, state_value_bytes=4, linear_value_heads=3, linear_key_size=11,
            linear_value_size=7, convolved_value_bytes=2, convolution=6, linear_key_heads=17,
            one_user=13,
        )
    ],
    "recurrent_state_bytes": [
        case(
            5 * (4 * 3 * 11 * 7 + 2 * (6 - 1) * (3 * 11 + 2 * 17 * 7)) / 13,
            recurrent_layers=5, state_value_bytes=4, recurrent_heads=3, recurrent_head_size=11,
            state_size=7, convolved_value_bytes=2, convolution=6, recurrent_groups=17,
            one_user=13,
        )
    ],
    "convolved_state_bytes": [
        case(
            5 * 2 * (6 - 1) * 7 / 13,
            convolved_layers=5, convolved_value_bytes=2, convolution=6, hidden_size=7, one_user=13,
        )
    ],
    "state_of_parts": [
        case(
            7 + 11 + 13,
            linear_state_bytes=7, recurrent_state_bytes=11, convolved_state_bytes=13,
        )
    ],
    "attention_flop_of_full": [
        case(
            2 * 3 * 5 * (7 + 11) / 0.3,
            multiply_add=2, full_layers=3, heads=5, key_width=7, value_width=11,
            windowed_share=0.7,
        )
    ],
    "bits_as_stored": [case(4 + 8 / 32, format_bits=4, scale_bits=8, block_size=32)],
    # Of 30 shared weights 13 are attention's and 7 the table's; the other 10 are in 5 bits.
    "shared_surplus": [
        case(
            (10 * (5 - 3) + 13 * (9 - 3) + 7 * (16 - 3)) / 2,
            shared_parameters=30, attention_parameters=13, output_embedding=7, expert_bits=3,
            other_bits=5, attention_bits=9, head_bits=16, bits_per_byte=2,
        )
    ],
    "embedding_surplus": [
        case(
            7 * (16 - 4) / 3, input_embedding=7, embedding_bits=16, expert_bits=4, bits_per_byte=3
        )
    ],
    "bits_on_average": [
        case(
            4 + 3 * (5 + 7) / 100,
            expert_bits=4, bits_per_byte=3, shared_surplus=5, embedding_surplus=7,
            stored_parameters=100,
        )
    ],
    "attended_context": [
        case(0.7 * 50 + 0.3 * 20, windowed_share=0.3, context=50, window=20),
        case(11, windowed_share=0.3, context=11, window=20),
    ],
    # Serving
    "weight_bytes": [case(13 * 3, parameters=13, bytes_per_parameter=3)],
    "flop_per_parameter": [case(2 + 3, multiplications=2, additions=3)],
    "flop_per_token": [case(3 * 13, flop_per_parameter=3, parameters=13)],
    "total_bandwidth": [case(5 * 11, chips=5, memory_bandwidth=11)],
    "compute_time": [case(7 * 11 / (3 * 5), batch=7, flop_per_token=11, chips=3, peak_flops=5)],
    "weight_time": [case(29 / 13, weight_bytes=29, total_bandwidth=13)],
    "step_time": [case(7, compute_time=3, weight_time=7), case(11, compute_time=11, weight_time=5)],
    "utilization": [case(3 / 7, compute_time=3, step_time=7)],
    "utilization_of_batch": [
        case(3 * 0.2, batch=6, one_token=2, utilization_alone=0.2),
        case(1, batch=14, one_token=2, utilization_alone=0.3),  # seven requests fill it twice
    ],
    "cost_ratio": [case(0.6 / 0.02, utilization=0.6, utilization_alone=0.02)],
    # Alone, a token takes the reading of 35 + 2 × 5 bytes; at best, that of its cache.
    "sharing_limit": [case((35 + 10) / 10, weight_bytes=35, cache_bytes=5, one_user=2)],
    "batch_to_fill": [case(3 / 0.04, one_token=3, utilization_alone=0.04)],
    "chips_needed": [
        case(8, weight_bytes=100, memory_capacity=13),  # seven hold 91
        case(7, weight_bytes=91, memory_capacity=13),
    ],
    "share_of_layer": [case(3 / 7, one_chip=3, chips=7)],
    "free_memory": [case(5 * 11 - 29, chips=5, memory_capacity=11, weight_bytes=29)],
    "compression": [case(17 / 5, bits_before=17, bits_per_parameter=5)],
    # Three layers of 5 d² weights each.
    "hidden_size": [case(sqrt(1000 / 3 / 5), parameters=1000, layers=3, block_factor=5)],
    "hidden_bytes_of_width": [case(11 * 5, hidden_size=11, activation_bytes=5)],
    "kv_bytes_of_width": [case(11 * 17 * 5, layers=11, cached_values=17, cache_value_bytes=5)],
    "cache_bytes": [case(13 * 7, context=13, kv_bytes_per_token=7)],
    "cache_total": [case(5 * 11, concurrent_users=5, cache_bytes=11)],
    "cache_breakeven": [case(101 / 7, weight_bytes=101, cache_bytes=7)],
    # Users in threes.
    "cache_to_weights": [case(3 * 7 / 101, one_user=3, cache_bytes=7, weight_bytes=101)],
    "cache_to_weights_grouped": [case(3 * 11 / 103, one_user=3, cache_bytes=11, weight_bytes=103)],
    # Users in pairs: a pair takes 14 bytes, and seven of them fit into 101.
    "users_that_fit": [case(2 * 7, one_user=2, free_memory=101, cache_bytes=7)],
    # A ring of seven, each counted as two: in each of three passes, six of seven parts are sent.
    "traffic_bytes": [
        case(
            5 * 11 * (13 * 17) * 3 * (6 / 7) / 2,
            chips=14, one_chip=2, ring_passes=3, reductions_per_layer=5, layers=11, batch=13,
            hidden_bytes=17,
        )
    ],
    "traffic_time": [case(31 / 7, traffic_bytes=31, link_bandwidth=7)],
    "slowdown_by_traffic": [case((11 + 3) / 11, weight_time=11, reduce_time=3)],
    "expert_batch": [case(11 * 3 / 7, batch=11, experts_per_token=3, experts=7)],
    "cluster_chips": [case(5 * 3, chips_per_node=5, nodes=3)],
    "parameters_per_node": [case(101 / 7, parameters=101, nodes=7)],
    "parameters_held": [
        case(11 * 5 / 3, bytes_per_chip=11, chips_per_node=5, bytes_per_parameter=3)
    ],
    "bytes_per_chip": [
        case(101 * 3 / 7, parameters_per_node=101, bytes_per_parameter=3, chips_per_node=7)
    ],
    # A decode step: how users and weights are split
    "verified_tokens": [case(5 + 2, draft_length=5, one_token_each=2)],
    "micro_users": [
        case(35 / 5, replicas=3, one_user=2, concurrent_users=35, stages=5),
        case(3 * 2, replicas=3, one_user=2, concurrent_users=20, stages=5),
    ],
    "micro_tokens": [case(7 * 3, micro_users=7, tokens_per_user_step=3)],
    "tensor_width": [case(100 / 5 / 7, chips=100, stages=5, replicas=7)],
    "stage_bandwidth": [
        case(0.3 * 7 * (100 / 5), bandwidth_share=0.3, memory_bandwidth=7, chips=100, stages=5)
    ],
    # A decode step's matrix products
    "routed_tokens": [
        case(35 / 5 * 2, one_user=3, concurrent_users=35, stages=5, tokens_per_user_step=2),
        case(3 * 2, one_user=3, concurrent_users=10, stages=5, tokens_per_user_step=2),
    ],
    # Each of four tokens leaves an expert out with a chance of 0.7.
    "coverage": [case(1 - 0.7**4, experts_per_token=3, experts=10, routed_tokens=8, one_token=2)],
    "weights_read": [
        case(
            7 * (3 * 17 + 0.4 * 50) + 3 * 11,
            bytes_per_parameter=7, replicas=3, shared_parameters=17, coverage=0.4,
            routed_parameters=50, shared_surplus=11,
        )
    ],
    "decode_weight_time": [case(101 / 13, weights_read=101, stage_bandwidth=13)],
    "active_flop_per_token": [case(3 * 101, flop_per_parameter=3, active_parameters=101)],
    # Three stages in turn, each with a third of the work and a third of the accelerators.
    "decode_compute_time": [
        case(
            3 * (7 * 11 / 3) / (0.4 * 17 * (13 / 3)),
            stages=3, micro_tokens=7, flop_per_token=11, compute_share=0.4, peak_flops=17,
            chips=13,
        )
    ],
    "unpack_time": [
        case(
            7 * ((101 - 2 * 19) / 3 * 5 / 7) / (11 * (13 / 7)),
            stages=7, weights_read=101, replicas=2, shared_surplus=19, bytes_per_parameter=3,
            unpack_flop=5, general_flops=11, chips=13,
        )
    ],
    # Of 101 bytes in 3 each, every weight passes with 17 tokens, in seven stages one by one.
    "tile_time": [
        case(
            7 * (101 / 3 * 5 * 17 / 7) / (0.4 * 11 * (13 / 7)),
            stages=7, weights_read=101, bytes_per_parameter=3, flop_per_parameter=5,
            tile_tokens=17, tile_share=0.4, peak_flops=11, chips=13,
        )
    ],
    "tile_wait": [
        case(23 - (11 + 0.7 * 5), compute_time=5, weight_time=11, work_overlap=0.3, tile_time=23),
        case(23 - (13 + 0.7 * 7), compute_time=13, weight_time=7, work_overlap=0.3, tile_time=23),
        case(0, compute_time=5, weight_time=11, work_overlap=0.3, tile_time=14),
        case(0, compute_time=13, weight_time=7, work_overlap=0.3, tile_time=14),
    ],
    "linear_time": [
        case(
            11 + 0.7 * 5 + 2 + 3,
            compute_time=5, weight_time=11, work_overlap=0.3, unpack_time=2, tile_wait=3,
        ),
        case(
            13 + 0.7 * 7 + 2 + 3,
            compute_time=13, weight_time=7, work_overlap=0.3, unpack_time=2, tile_wait=3,
        ),
    ],
    # A decode step's attention
    "cache_copies": [
        case(38.5 / 3, tensor_width=77, one_chip=2, kv_heads=3),
        case(1, tensor_width=7, one_chip=2, kv_heads=5),
    ],
    # A state of 13 bytes goes both ways, of which there are four here.
    "cache_read": [
        case(
            3 * ((5 * 7) * 11 + 13 * 4),
            micro_users=3, attended_context=5, kv_bytes_per_token=7, cache_copies=11,
            state_bytes=13, both_ways=4,
        )
    ],
    "cache_time": [case(97 / 11, cache_read=97, stage_bandwidth=11)],
    # Eleven tokens for each of three users, in 13 stages in turn.
    "attention_compute_time": [
        case(
            13 * (3 * 11 * (5 * 7) / 13) / (0.4 * 19 * (17 / 13)),
            stages=13, micro_users=3, tokens_per_user_step=22, one_token_each=2,
            attended_context=5, attention_flop=7, compute_share=0.4, attention_flops=19, chips=17,
        )
    ],
    "attention_time": [
        case(7, attention_compute_time=3, cache_time=7),
        case(11, attention_compute_time=11, cache_time=5),
    ],
    # A decode step's all-reduces
    "group_in_node": [
        case(5, tensor_width=5, node_size=7), case(7, tensor_width=11, node_size=7)
    ],
    "group_nodes": [
        case(8, tensor_width=100, group_in_node=13),  # seven nodes hold 91
        case(7, tensor_width=91, group_in_node=13),
    ],
    "reduced_bytes": [case(7 * 11 / 3, micro_tokens=7, hidden_bytes=11, replicas=3)],
    "link_sent": [
        case(11 * 3 * (6 / 7) / 2, reduced_bytes=11, ring_passes=3, group_in_node=14, one_chip=2)
    ],
    "link_sent_by_switch": [
        case(11 / 2, reduced_bytes=11, group_in_node=14, one_chip=2),
        case(0, "a group of one sends nothing", reduced_bytes=11, group_in_node=2, one_chip=2),
    ],
    # Five nodes pass round a seventh of the 11 bytes each.
    "net_sent": [
        case(
            11 / 7 * 3 * (4 / 5), reduced_bytes=11, group_in_node=7, ring_passes=3, group_nodes=5
        )
    ],
    "reduce_latency": [
        case(3 + 5, link_latency=3, group_in_node=14, one_chip=2, node_latency=5, group_nodes=7),
        case(
            5, "a group of one waits for none in its node",
            link_latency=3, group_in_node=2, one_chip=2, node_latency=5, group_nodes=7,
        ),
        case(
            3, "a group inside one node waits for none outside",
            link_latency=3, group_in_node=14, one_chip=2, node_latency=5, group_nodes=1,
        ),
    ],
    "ring_latency": [case(3 * 6 * 5, ring_passes=3, tensor_width=14, one_chip=2, hop_latency=5)],
    "tree_latency": [
        case(3 * 3 * 5, both_ways=3, tensor_width=14, one_chip=2, hop_latency=5),
        case(5 * 2 * 7, both_ways=5, tensor_width=12, one_chip=3, hop_latency=7),
    ],
    "reduce_time": [
        case(
            3 * 5 * (29 / 13 + 31 / 17 + 11),
            layers=3, reductions_per_layer=5, link_sent=29, link_bandwidth=13, net_sent=31,
            node_bandwidth=17, reduce_latency=11,
        )
    ],
    # A decode step's exchange between experts, and from stage to stage
    # A stage of 20 accelerators, 8 of them in a node; or one of 7, all in a node.
    "outside_share": [
        case((20 - 8) / 20, node_size=8, stages=3, chips=60),
        case(0, node_size=8, stages=3, chips=21),
    ],
    "inside_share": [
        case((8 - 2) / 20, node_size=8, stages=3, chips=60, one_chip=2),
        case((7 - 2) / 7, node_size=8, stages=3, chips=21, one_chip=2),
    ],
    # Each token goes to three experts; a stage has 17/5 accelerators.
    "exchanged_bytes": [case(3 + 5, bytes_there=3, bytes_back=5)],
    "exchange_latency": [case(11 + 11 + 11, both_ways=3, one_way_latency=11)],
    "exchange_sent": [
        case(
            7 * 3 * (11 * 13) / (17 / 5),
            micro_tokens=7, experts_per_token=6, one_expert=2, hidden_size=11, exchanged_bytes=13,
            chips=17, stages=5,
        )
    ],
    "exchange_time": [
        case(
            3 * (29 * 0.3 / 7 + 29 * 0.6 / 5 + 11),
            exchanging_layers=3, exchange_sent=29, inside_share=0.3, link_bandwidth=7,
            outside_share=0.6, node_bandwidth=5, exchange_latency=11,
        )
    ],
    # Five stages have four boundaries.
    "handover_time": [
        case(
            4 * (29 / (2 * 7) + 3),
            stages=5, reduced_bytes=29, one_chip=2, node_bandwidth=7, node_latency=3,
        )
    ],
    "exposed_traffic": [
        case(
            0.7 * (3 + 5 + 7), traffic_overlap=0.3, reduce_time=3, exchange_time=5, handover_time=7
        )
    ],
    # The parts of a decode step, as far as nothing hides them
    "exposed_latency": [
        case(
            0.7 * (3 * 5) * 11,
            traffic_overlap=0.3, layers=3, reductions_per_layer=5, reduce_latency=11,
        )
    ],
    "exposed_volume": [
        case(
            0.7 * (3 * 5) * (29 / 13 + 31 / 17),
            traffic_overlap=0.3, layers=3, reductions_per_layer=5, link_sent=29,
            link_bandwidth=13, net_sent=31, node_bandwidth=17,
        )
    ],
    "exposed_exchange": [case(0.7 * 5, traffic_overlap=0.3, exchange_time=5)],
    "exposed_handover": [case(0.7 * 7, traffic_overlap=0.3, handover_time=7)],
    # Five guesses, each of a tenth of a step.
    "guess_time": [case(5 * (11 * 0.1), step_time=11, draft_length=5, draft_cost=0.1)],
    "work_hidden": [
        case(0.3 * 5, work_overlap=0.3, compute_time=5, weight_time=11),
        case(0.3 * 7, work_overlap=0.3, compute_time=13, weight_time=7),
    ],
    "attention_hidden": [
        case(3, attention_compute_time=3, cache_time=7),
        case(5, attention_compute_time=11, cache_time=5),
    ],
    # The whole of a decode step, and what comes of it
    "fixed_time": [case(3 * 7, layers=3, layer_time=7)],
    "full_step_time": [
        case(
            3 + 5 + 7 + 11, linear_time=3, attention_time=5, exposed_traffic=7, fixed_time=11
        )
    ],
    # Three guesses: the first counts if it is right, the second if both are, and so on.
    "accepted_tokens": [
        case(
            2 * (1 + 0.3 + 0.3 * 0.3 + 0.3 * 0.3 * 0.3),
            one_token_each=2, draft_length=6, acceptance=0.3,
        )
    ],
    "round_time": [case(7 + 3 * (0.2 * 7), step_time=7, draft_length=3, draft_cost=0.2)],
    "user_speed": [case(3 / 7, accepted_tokens=3, round_time=7)],
    "throughput": [case(5 * 11, concurrent_users=5, tokens_per_second_per_user=11)],
    "ideal_compute_time": [
        case(
            3 * 5 * (7 / 11 + 13 * 17 / 19) / 23,
            concurrent_users=3, accepted_tokens=5, flop_per_token=7, peak_flops=11,
            attended_context=26, one_token_each=2, attention_flop=17, attention_flops=19, chips=23,
        )
    ],
    "flops_utilization": [case(3 / 7, ideal_compute_time=3, round_time=7)],
    # Five micro-batches, each with a reading of weights and caches.
    "bandwidth_utilization": [
        case(
            5 * (29 + 13) / (11 * 17 * 3),
            concurrent_users=35, micro_users=7, weights_read=29, cache_read=13, chips=11,
            memory_bandwidth=17, round_time=3,
        )
    ],
    "cost_per_token": [case(3 * 5 / 7, chips=3, chip_rent=5, throughput=7)],
    "energy_per_token": [case(3 * 5 / 7, chips=3, chip_power=5, throughput=7)],
    # The time to read two copies of the shared weights and all experts, over a token's time.
    "critical_batch_at_work": [
        case(
            ((2 * 17 + 100) * 5 / (0.3 * 7)) / (3 * 41 / (0.4 * 11)),
            replicas=2, shared_parameters=17, routed_parameters=100, bytes_per_parameter=5,
            bandwidth_share=0.3, memory_bandwidth=7, flop_per_parameter=3, active_parameters=41,
            compute_share=0.4, peak_flops=11,
        )
    ],
    "critical_users": [case(5 * (21 / 2), stages=5, critical_batch=21, tokens_per_user_step=2)],
    # What must fit for it
    "weights_held": [
        case(
            5 * (101 + 17 + 7 + 17 + 7) + 3 * (11 + 13),
            bytes_per_parameter=5, stored_parameters=101, replicas=3, shared_parameters=17,
            input_embedding=7, shared_surplus=11, embedding_surplus=13,
        )
    ],
    "cache_held": [
        case(
            3 * ((5 * 7) * 11 + 13),
            concurrent_users=3, kept_context=5, kv_bytes_per_token=7, cache_copies=11,
            state_bytes=13,
        )
    ],
    "memory_needed": [case(29 + 13, weights_held=29, cache_held=13)],
    # Three copies with two places each: ten users need two rows of six, and so do twelve.
    "cache_filled": [
        case(
            12 * ((5 * 7) * 11 + 19),
            replicas=3, one_user=2, concurrent_users=users, kept_context=5, kv_bytes_per_token=7,
            cache_copies=11, state_bytes=19,
        )
        for users in (10, 12)
    ],
    "memory_filled": [
        case(
            (29 + 31) / (13 * 17), weights_held=29, cache_filled=31, chips=13, memory_capacity=17
        )
    ],
    # Three copies of five embeddings, each seven bytes wider than the other weights.
    "weights_loaded": [
        case(
            (101 + 3 * 5 * 7) * 1.25,
            weights_held=101, replicas=3, wide_parameters=5, wide_bytes=11, bytes_per_parameter=4,
            loading_share=0.25,
        )
    ],
    "activation_peak": [
        case(
            5 * 7 * (3 + 22 / 11),
            passed_tokens=5, hidden_bytes=7, whole_width=3, split_width=22, tensor_width=11,
        )
    ],
    "memory_started": [
        case(
            101 + 13 * (19 + 23 + 0.375 * 1000),
            weights_loaded=101, chips=13, graph_memory=19, activation_peak=23, runtime_share=0.25,
            fragment_share=0.125, memory_reported=1000,
        )
    ],
    "memory_lent": [case(0.3 * (7 * 11), engine_share=0.3, chips=7, memory_reported=11)],
    "memory_usable": [case(0.3 * (7 * 11), usable_share=0.3, chips=7, memory_capacity=11)],
    "room": [case(101 - 29, memory_usable=101, weights_held=29)],
    # A third of the room holds four times 2 × (5 × 7 × 11 + 15) bytes, with some left or with none,
    # or three times.
    "largest_batch": [
        case(
            3 * 4 * 2,
            room=11000, replicas=3, one_user=2, kept_context=5, kv_bytes_per_token=7,
            cache_copies=11, state_bytes=15,
        ),
        case(
            3 * 4 * 2,
            room=9600, replicas=3, one_user=2, kept_context=5, kv_bytes_per_token=7,
            cache_copies=11, state_bytes=15,
        ),
        case(
            3 * 3 * 2,
            room=9300, replicas=3, one_user=2, kept_context=5, kv_bytes_per_token=7,
            cache_copies=11, state_bytes=15,
        ),
    ],
    # The prefill before it
    "prompt_tokens": [case(7, prompt=7)],
    # On average 5 of 10; in a window of 4, the first four tokens see 2, the other six see 4.
    "prompt_attended": [
        case(0.7 * 5 + 0.3 * (4 * 2 + 6 * 4) / 10, windowed_share=0.3, prompt=10, window=4),
        case(3, windowed_share=0.3, prompt=6, window=10),
    ],
    "prompt_attention_time": [
        case(
            7 * (3 * 13 * (5 * 11) / 7) / (0.4 * 23 * (19 / 7)),
            stages=7, micro_users=3, tokens_per_user_step=26, one_token_each=2, prompt_attended=5,
            prompt_attention_flop=11, compute_share=0.4, attention_flops=23, chips=19,
        )
    ],
    # Seven micro-batches: six follow the first, each after a stage's third of a step.
    "prompt_flop_per_token": [
        case(
            3 * (101 - 31 * (1 - 2 / 7)), flop_per_parameter=3, active_parameters=101,
            output_embedding=31, one_token_each=2, tokens_per_user_step=7,
        )
    ],
    "prefill_time": [
        case(7 + 6 * (7 / 3), step_time=7, concurrent_users=35, micro_users=5, stages=3),
        case(7, step_time=7, concurrent_users=2, micro_users=5, stages=3),
    ],
    "request_time": [
        case(5 + 22 / 3 * 7, prefill_time=5, answer=22, accepted_tokens=3, round_time=7)
    ],
    # Load
    "standing_time": [
        case(3 + 5 + 7 + 11, weight_time=3, unpack_time=5, exposed_latency=7, fixed_time=11)
    ],
    # Of 17 seconds a prompt shares 0.3 of the 5 that a step takes anyway, or of its own standing 4;
    # two copies read at once.
    "prompt_time": [
        case(
            (17 - 0.3 * 5) / (2 * 7),
            prefill_time=17, prompt_sharing=0.3, standing_time=5, prompt_standing=11,
            replicas=2, one_user=7,
        ),
        case(
            (3 - 0.3 * 3) / (2 * 7),
            prefill_time=3, prompt_sharing=0.3, standing_time=5, prompt_standing=4,
            replicas=2, one_user=7,
        ),
        case(
            (17 - 0.3 * 4) / (2 * 7),
            prefill_time=17, prompt_sharing=0.3, standing_time=5, prompt_standing=4,
            replicas=2, one_user=7,
        ),
    ],
    # Of five there in units of 2, three are others.
    "reading_time": [
        case(7 + 3 / 5 * 11 / 2, prefill_time=7, round_time=11, one_user=2, concurrent_users=5)
    ],
    # Of eleven in units of 3, eight are others; of 24 served ones, so large a share is beside it.
    "others_share": [case(8 / 11, admitted_users=11, one_user=3)],
    "users_of_a_step": [case(3 + 8 / 11 * 24, one_user=3, others_share=8 / 11, served_users=24)],
    # 31 users in units of 19, whose five hosts take 2 seconds for each of theirs; three tokens a
    # step; a prompt of 13 seconds of each of the twelve others, for each 17 tokens of an answer.
    "time_per_token": [
        case(
            ((7 + 2 * 31 / 5) / 3 + 12 * 13 / 17) / 19,
            round_time=7, host_time=2, concurrent_users=31, replicas=5, accepted_tokens=3,
            prompt_time=13, answer=17, one_user=19,
        )
    ],
    "work_per_token": [case(5 + 13 / 17, time_per_token=5, prompt_time=13, answer=17)],
    "entry_time": [case(3 + 5 + 7, engine_delay=3, queue_wait=5, reading_time=7)],
    "answer_time": [case(7 * 5 * 3, answer=7, one_user=5, time_per_token=3)],
    "admitted_users": [
        case(5, concurrency=11, one_user=3, largest_batch=5),
        case(7, concurrency=7, one_user=3, largest_batch=11),
        case(3, concurrency=11, one_user=3, largest_batch=2),
    ],
    # Of 12 seconds 7 are the answer; and of the 5 before it, 1.2 are those of the own prompt, which
    # two units in three copies take 0.2 each.
    "served_users": [
        case(
            24 * 8.2 / 12,
            admitted_users=24, answer_time=7, entry_time=5, one_user=2, replicas=3, prompt_time=0.2,
        )
    ],
    # Beside itself, of 13 users in units of 3: ten thirds, half of them before it.
    "burst_wait": [
        case(
            0.3 * (10 / 3 / 2) * 7 / 5,
            burst_share=0.3, admitted_users=13, one_user=3, prefill_time=7, replicas=5,
        )
    ],
    # Of 20 requests 8 are in, and 12 wait: 12/8 of a stay.
    "memory_wait": [
        case(12 / 8 * (7 + 5), concurrency=20, admitted_users=8, answer_time=7, entry_time=5)
    ],
    "first_token_time": [
        case(3 + 5 + 7, entry_time=3, burst_wait=5, memory_wait=7),
    ],
    "requests_done": [
        case(7 / 5.2, served_users=7, answer_time=3, one_user=2, replicas=11, prompt_time=0.1)
    ],
    "decoding_users": [case(0.5 * 7, requests_done=0.5, answer_time=7)],
    # Five machines at 3 dollars a second, needed half of the time: 7 of 50 seconds for 11 tokens
    # of a prompt, 43 for 13 of an answer.
    "prompt_token_cost": [
        case(5 * 3 * 7 / 11 * 2, chips=5, chip_rent=3, prompt_time=7, prompt=11, busy_share=0.5)
    ],
    "answer_token_cost": [
        case(
            5 * 3 * 43 / 13 * 2,
            chips=5, chip_rent=3, requests_done=0.02, prompt_time=7, answer=13, busy_share=0.5,
        )
    ],
    "reading_share": [case(0.2 * 3, request_rate=0.2, prompt_time=3)],
    # Busy three fifths of the time: half of 7 seconds is left of the one that is read, and each
    # that waits is found by two and a half.
    "queue_wait": [case(0.6 * (7 / 2) / (1 - 0.6), reading_share=0.6, prefill_time=7)],
    # Of seven readers that are busy three fifths of the time, all are so in the cube of that.
    "queue_wait_of_several": [
        case(5 / 14 * 0.6**3 / 0.4, prefill_time=5, readers=7, reading_share=0.6),
    ],
    # Half of 7 seconds with a chance of 0.6; and of 13 users in units of 3, of whom each is done
    # with two of 17 tokens in a step, five hosts take in a fifth each. Of both, 0.9 is others'.
    "queue_wait_replaced": [
        case(
            0.9 * (7 / 2 * 0.6 + (13 / 3 * 2 / 17 / 5) * 7 / 2),
            prefill_time=7, reading_share=0.6, served_users=13, one_user=3, accepted_tokens=2,
            answer=17, replicas=5, others_share=0.9,
        )
    ],
    "uncached_prompt": [case(110 - 0.3 * 110, input_length=110, cached_share=0.3)],
    # 33 are held; those that are read, 44, come after 22 others on average. In a window of 50,
    # 17 come after 41.5 on average, and 27 after 50; in one of 90, all as if there were none; in
    # one of 20, each after 20.
    "cached_prompt_attended": [
        case(
            0.8 * (33 + 22) + 0.2 * (17 * 41.5 + 27 * 50) / 44,
            windowed_share=0.2, input_length=110, cached_share=0.3, prompt=44, window=50,
        ),
        case(
            0.8 * (33 + 22) + 0.2 * 55,
            windowed_share=0.2, input_length=110, cached_share=0.3, prompt=44, window=90,
        ),
        case(
            0.8 * (33 + 22) + 0.2 * 20,
            windowed_share=0.2, input_length=110, cached_share=0.3, prompt=44, window=20,
        ),
    ],
    # Of 60 accelerators in two stages 30 hold a layer: six nodes of five, so that five sixths of
    # the experts lie outside; but five copies, of three each, serve 24 of them, or all of 7.
    "outside_share_once": [
        case(5 * 3 / 24, node_size=5, stages=2, chips=60, one_expert=3, experts_per_token=24),
        case(5 / 6, node_size=5, stages=2, chips=60, one_expert=3, experts_per_token=7),
        case(
            0,
            node_size=35, stages=2, chips=60, one_expert=3, experts_per_token=24,
        ),
    ],
    "transfer_time": [
        case(
            2 * 110 * 3 / (5 * 7),
            one_user=2, input_length=110, kv_bytes_per_token=3, chips=5, transfer_bandwidth=7,
        )
    ],
    "prompt_rate": [case(7 / 3, readers=7, prompt_time=3)],
    # Demand
    "concurrent_users": [case(35 / 3, batch=35, tokens_per_user_step=3)],
    "concurrent_users_at_ridge": [case(101 / 3, critical_batch=101, tokens_per_user_step=3)],
    "concurrent_users_to_fill": [case(77 / 5, critical_batch=77, tokens_per_user_step=5)],
    # A month of 100/7 days, 11 of them with use.
    "daily_use": [
        case(13 * 11 / (100 / 7), use_on_active_days=13, active_days=11, month=100, day=7)
    ],
    "time_share": [case(3 / 7, daily_use=3, day=7)],
    "user_base": [case(35 / 0.3, concurrent_users=35, time_share=0.3)],
    "mean_load": [case(101 / 7, requests=101, period=7)],
    "steady_margin": [case(11 / 7, mean_load=11, trough_load=7)],
    "steady_user_base": [case(35 * 3, user_base=35, steady_margin=3)],
    "audience_share": [case(29 / 101, user_base=29, audience=101)],
    # Each of 13 users sends 3 × 7/13 messages a day, answered in 11/5 seconds.
    "generation_time": [
        case(
            (3 * 7 / 13) * (11 / 5),
            message_rate=3, day=7, audience=13, tokens_per_message=11,
            tokens_per_second_per_user=5,
        )
    ],
    "generating_time_share": [case(5 * 0.3 / 7, daily_use=5, generation_share=0.3, day=7)],
    "user_base_by_sessions": [case(29 / 0.2, concurrent_users=29, time_share=0.2)],
    "steady_base_by_sessions": [case(29 * 5, user_base=29, steady_margin=5)],
    "user_base_by_messages": [case(31 / 0.7, concurrent_users=31, time_share=0.7)],
    # Market
    # The arithmetic of a token is worth 35 x 3/7 = 15 of the 35 bytes, a cache of two users 2 x 5;
    # each token comes with four of a prompt, which take 4 x 15, alone or not.
    "sharing_limit_of_requests": [
        case(
            (35 + 10 + 60) / (15 + 60),
            weight_bytes=35, cache_bytes=5, one_user=2, one_token=3, critical_batch=7,
            read_per_written=4,
        ),
        case(
            (35 + 10 + 20) / (10 + 20),
            weight_bytes=35, cache_bytes=5, one_user=2, one_token=3, critical_batch=21,
            read_per_written=4,
        ),
    ],
    "saturated_cost": [
        case(29 / (7 * 3), unit_rent=29, full_users=7, tokens_per_second_per_user=3)
    ],
    "service_cost": [
        case(29 / (5 * 3), unit_rent=29, busy_users=5, tokens_per_second_per_user=3)
    ],
    # A token may cost 2 × 3 dollars; a user gets five of them each second.
    "efficient_users": [
        case(
            29 / (2 * 3 * 5),
            unit_rent=29, cost_factor=2, saturated_cost=3, tokens_per_second_per_user=5,
        )
    ],
    # Its price, and the electricity of the 0.3 × 7 seconds in which it generates, over the tokens.
    "own_cost": [
        case(
            (101 + 5 * 3 * (0.3 * 7)) / (11 * (0.3 * 7)),
            purchase_price=101, machine_power=5, electricity_price=3, time_used=0.3, lifetime=7,
            throughput=11,
        )
    ],
    # Written off over 7, with 3 a year on the half of 101 that is tied up, and 5 watts at 11.
    "owning_cost": [
        case(
            101 / 7 + 3 * 101 / 2 + 5 * 11,
            chip_price=101, lifetime=7, cost_of_capital=3, chip_power=5, electricity_price=11,
        )
    ],
    "fleet_cost": [case(7 * 3, chips=7, chip_rent=3)],
    "revenue": [
        case(
            2 * 3 + 5 * 7 + 11 * 13,
            input_tokens=2, input_price=3, cached_tokens=5, cached_price=7, output_tokens=11,
            output_price=13,
        )
    ],
    "margin": [case((29 - 11) / 11, revenue=29, fleet_cost=11)],
    # Silicon
    "tokens_per_second_per_chip": [
        case(0.3 * 101 / 7, utilization=0.3, peak_flops=101, flop_per_token=7)
    ],
    "tokens_per_second_per_user": [case(3 / 7, tokens_per_user_step=3, token_interval=7)],
    "audience_chips": [
        case(
            11 * 3 / 7, active_users=11, tokens_per_second_per_user=3, tokens_per_second_per_chip=7
        )
    ],
    "speed_of_words": [case(5 / 0.7, reading_rate=5, words_per_token=0.7)],
    "chips_for_readers": [
        case(
            13 * 5 / 3, active_users=13, tokens_per_second_per_user=5, tokens_per_second_per_chip=3
        )
    ],
    "readers_at_once": [case(11 * 0.3, audience=11, time_share=0.3)],
    "chips_for_audience": [
        case(
            13 * 5 / 3, active_users=13, tokens_per_second_per_user=5, tokens_per_second_per_chip=3
        )
    ],
    # All users together are due 2 × 11 tokens, of which three chips make 3 × 5 a second.
    "token_interval": [
        case(
            2 * 11 / (3 * 5),
            tokens_per_user_step=2, active_users=11, audience_chips=3,
            tokens_per_second_per_chip=5,
        )
    ],
    "reading_rate": [case(0.7 * 5, words_per_token=0.7, tokens_per_second_per_user=5)],
    "mask_cost_per_chip": [case(101 / 7, mask_cost=101, audience_chips=7)],
    "break_even_chips": [
        case(101 / (0.3 * 7), mask_cost=101, acceptable_share=0.3, chip_price=7)
    ],
    "budget_chips": [case(97 / 13, budget=97, chip_price=13)],
    "wafers_needed": [
        case(8, weight_bytes=100, unit_capacity=13),  # seven hold 91
        case(7, weight_bytes=91, unit_capacity=13),
    ],
    "model_dies": [case(100 / 13, parameters=100, weights_per_die=13)],
    "compute_growth": [case(5 * 5 * 5, size_ratio=5, geometry=3)],
    "bandwidth_growth": [case(5 * 5, size_ratio=5, geometry=3)],
    "imbalance_growth": [case(29 / 7, compute_growth=29, bandwidth_growth=7)],
    "imbalance_exponent": [case(log(29) / log(5), imbalance_growth=29, size_ratio=5)],
    # Brain
    "power_ratio": [case(3 * 700 / 20, one_chip=3, chip_power=700, brain_power=20)],
    "synapse_bytes": [case(101 * 5 / 7, synapses=101, bits_per_synapse=5, bits_per_byte=7)],
    "implied_bits": [case(11 * 7 / 101, capacity=11, bits_per_byte=7, synapses=101)],
    "fan_out": [case(101 / 7, synapses=101, neurons=7)],
    "target_bits": [
        case(3 * log2(2.5 * 97 / 7), bit_per_choice=3, euler=2.5, neurons=97, fan_out=7)
    ],
    "wired_bytes": [
        case(101 * (5 + 3) / 7, synapses=101, bits_per_synapse=5, target_bits=3, bits_per_byte=7)
    ],
    "cells": [case(11 + 29, neurons=11, other_cells=29)],
    "genome_bytes": [
        case(11 * 3 * 29 / 7, cells=11, genomes_per_cell=3, genome_bits=29, bits_per_byte=7)
    ],
    "recording_time": [case(101 / 7, capacity=101, recording_rate=7)],
    "seeing_time": [
        case(101 * 7 * 5 / (3 * 11), capacity=101, bits_per_byte=7, video_compression=5, eyes=3,
             retina_rate=11)
    ],
}  # fmt: skip
"""At least one case for every formula, by its name."""

THROUGH_STEPS: dict[str, Case] = {
    "hidden_bytes": case(7 * 3, hidden_size=7, activation_bytes=3),
    "hidden_bytes_of_width": case(
        7 * sqrt(1000 / 3 / 5), activation_bytes=7, parameters=1000, layers=3, block_factor=5
    ),
    "kv_bytes_per_token": case(
        3 * (11 * 5) * 7, layers=3, kv_vectors=11, hidden_size=5, cache_value_bytes=7
    ),
    "kv_bytes_grouped": case(
        3 * (11 * 5 * 13) * 7,
        layers=3, kv_vectors=11, kv_heads=5, head_size=13, cache_value_bytes=7,
    ),
    "kv_bytes_latent": case(
        3 * (11 + 5) * 7, layers=3, latent_size=11, position_size=5, cache_value_bytes=7
    ),
    "kv_bytes_of_width": case(
        3 * (11 * sqrt(1000 / 3 / 5)) * 7,
        layers=3, kv_vectors=11, parameters=1000, block_factor=5, cache_value_bytes=7,
    ),
    "concurrent_users_at_ridge": case(
        (101 / 13) * (12 / 7) / 3 / 2,
        peak_flops=101, memory_bandwidth=13, bits_per_parameter=12, bits_per_byte=7,
        flop_per_parameter=3, tokens_per_user_step=2,
    ),
    "concurrent_users_to_fill": case(
        3 / 0.04 / 2, one_token=3, utilization_alone=0.04, tokens_per_user_step=2
    ),
    "user_base": case(
        (35 / 3) / (5 / 7), batch=35, tokens_per_user_step=3, daily_use=5, day=7
    ),
    "user_base_by_sessions": case(
        (35 / 3) / (5 * 0.2 / 7),
        batch=35, tokens_per_user_step=3, daily_use=5, generation_share=0.2, day=7,
    ),
    # Of each second, the messages of all 13 users take 17 × 11/50 seconds of generation.
    "user_base_by_messages": case(
        (35 / 3) / (17 * (11 / 50) / 13),
        batch=35, tokens_per_user_step=3, message_rate=17, tokens_per_message=11, audience=13,
        tokens_per_second_per_user=50, day=7,
    ),
    "steady_user_base": case(
        (35 / 3) / (5 / 7) * (101 / 11 / 2),
        batch=35, tokens_per_user_step=3, daily_use=5, day=7, requests=101, period=11,
        trough_load=2,
    ),
    "steady_base_by_sessions": case(
        (35 / 3) / (5 * 0.2 / 7) * (101 / 11 / 2),
        batch=35, tokens_per_user_step=3, daily_use=5, generation_share=0.2, day=7, requests=101,
        period=11, trough_load=2,
    ),
    # A user has 5 tokens; a layer keeps six vectors of each.
    "cache_to_weights": case(
        5 * (6 * sqrt(5003 / (12 * 19)) * 19 * 11) / (5003 * 4),
        bits_per_parameter=36, bits_per_byte=9, context=5, kv_vectors=6, layers=19,
        cache_value_bytes=11, parameters=5003,
    ),
    "cache_to_weights_grouped": case(
        5 * (6 * 17 * 13 * 19 * 11) / (101 * 4),
        bits_per_parameter=36, bits_per_byte=9, context=5, kv_vectors=6, kv_heads=17,
        head_size=13, layers=19, cache_value_bytes=11, parameters=101,
    ),
    "audience_chips": case(
        11 * (2 / 5) / (0.3 * 101 / (3 * 7)),
        active_users=11, tokens_per_user_step=2, token_interval=5, utilization=0.3,
        peak_flops=101, flop_per_parameter=3, parameters=7,
    ),
    "chips_for_readers": case(
        11 * (5 / 0.7) / (0.3 * 101 / (3 * 7)),
        active_users=11, reading_rate=5, words_per_token=0.7, utilization=0.3, peak_flops=101,
        flop_per_parameter=3, parameters=7,
    ),
    # Of 17 users, those who read at a moment: 7 seconds on each of 3 days of 29.
    "chips_for_audience": case(
        17 * 7 * 3 / 29 * (5 / 0.7) / (0.3 * 101 / (3 * 13)),
        audience=17, use_on_active_days=7, active_days=3, month=29, reading_rate=5,
        words_per_token=0.7, utilization=0.3, peak_flops=101, flop_per_parameter=3, parameters=13,
    ),
}  # fmt: skip
"""Formulas of one equation, told apart by the steps they rest on: worked from the first inputs."""


# The claims: what each says, what it should say, and the verdict


class Hand(NamedTuple):
    """One claim by hand; figures are in `unit`, and None where there is nothing to compute.

    `on_facts` is the pair of a value and its verdict. `values` are the numbers that the worked
    equation must show besides its result, where the result alone could not tell them apart.
    """

    verdict: str
    unit: str | None = None
    value: float | None = None
    recomputed: float | None = None
    on_facts: tuple[float, str] | None = None
    against: tuple[str, ...] = ()
    values: tuple[tuple[str, float], ...] = ()


NOT_A_QUANTITY = Hand("not a quantity")

# Of the H100 SXM: dense operations a second in 8 bits, and bytes a second.
SXM_FLOPS = 1978.9e12
SXM_BANDWIDTH = 3.35e12
SXM_CRITICAL_BATCH = SXM_FLOPS / SXM_BANDWIDTH / 2  # two operations a byte

GPT4_FLOPS = 560e9  # a token, as reported
WORDS_PER_TOKEN = 0.75

# Seconds a day that tokens are generated for a weekly user: 18e9 messages a week from 700
# million users, 211 tokens each, at 21 tokens a second.
GENERATION = 18e9 / 7 / 700e6 * 211 / 21

# Twice the width of a layer of the post's example: its keys and values in bytes, and its hidden
# state in 16 bits. Twelve times the square of the width are a twentieth of 1.6 trillion weights.
POST_HIDDEN = 2 * sqrt(1.6e12 / 20 / 12)

SYNAPSE_BYTES = 5e14 * 4.7 / 8

CLAIMS: dict[str, Hand] = {
    # The post
    "karma": NOT_A_QUANTITY,
    "name-of-a-chip": NOT_A_QUANTITY,
    "name-of-a-precision": NOT_A_QUANTITY,
    "name-of-a-model": NOT_A_QUANTITY,
    "h100-flops": Hand(
        "assumption", "FLOP/second/chip", 3e15, on_facts=(SXM_FLOPS, "off")
    ),
    "h100-bandwidth": Hand("assumption", "TB/s/chip", 3, on_facts=(3.35, "holds")),
    "bits-per-byte": Hand("holds", "byte/parameter", 1, 8 / 8),
    "orders-of-magnitude": Hand(
        "holds", "dimensionless", 3, log10(3e15 / 3e12),
        on_facts=(log10(SXM_FLOPS / SXM_BANDWIDTH), "holds"),
    ),
    "model-parameters": Hand("assumption", "parameter", 1.6e12, on_facts=(1.8e12, "roughly")),
    "gpus-needed": Hand("holds", "chip", 20, 1600 / 80, on_facts=(1600 / 80, "holds")),
    "h100-memory": Hand("assumption", "GB/chip", 80, on_facts=(80, "holds")),
    "layers": Hand("assumption", "dimensionless", 20, on_facts=(120, "off")),
    "tensor-parallelism": Hand("assumption", "chip", 20, on_facts=(8, "off")),
    "share-of-layer": Hand("holds", "percent", 5, 100 / 20),
    "operations-per-parameter": Hand(
        "holds", "FLOP/parameter/token", 2, 1 + 1,
        values=(("multiplications", 1), ("additions", 1)),
    ),
    "operations-per-pass": Hand("holds", "FLOP/token", 3.2e12, 2 * 1.6e12),
    "compute-time": Hand(
        "holds", "ms", 0.05, 3.2e12 / (20 * 3e15) * 1e3,
        on_facts=(3.2e12 / (20 * SXM_FLOPS) * 1e3, "off"),
    ),
    "total-bandwidth": Hand("holds", "TB/s", 60, 20 * 3, on_facts=(20 * 3.35, "roughly")),
    "model-bytes": Hand("holds", "TB", 1.6, 1.6),
    "memory-time": Hand(
        "holds", "ms", 27, 1.6e12 / 60e12 * 1e3,
        on_facts=(1.6e12 / (20 * 3.35e12) * 1e3, "roughly"),
    ),
    "utilization-alone": Hand(
        "holds", "percent", 0.2, (3.2 / 60_000) / (1.6 / 60) * 100,
        on_facts=(2 / (SXM_FLOPS / SXM_BANDWIDTH) * 100, "off"),
    ),
    "nvlink-bandwidth": Hand("assumption", "TB/s/chip", 1, on_facts=(0.9, "roughly")),
    # Forty exchanges, each delayed by 5 µs in a node and 60 µs between nodes. What is added up are
    # 81,650 numbers of 16 bits: seven eighths of twice that by NVLink, and two thirds of twice an
    # eighth of it from node to node, where there are three.
    "traffic-makes-worse": Hand(
        "holds", "dimensionless", 1,
        on_facts=(
            1
            + 40 * (65e-6 + POST_HIDDEN * 2 * (7 / 8 / 450e9 + 2 / 3 / 8 / 50e9))
            / (1.6e12 / (20 * 3.35e12)),
            "holds",
        ),
    ),
    "thousand-uses": Hand("assumption", "token", 1000, on_facts=(SXM_CRITICAL_BATCH, "off")),
    "single-user": NOT_A_QUANTITY,
    "thousands-of-users": Hand("assumption", "user", sqrt(1000 * 9000)),
    # 2000 tokens, a byte for each of the keys and values of 20 layers, over 1.6 TB.
    "hidden-states": Hand(
        "holds", "percent", 100, 2000 * POST_HIDDEN * 20 / 1.6e12 * 100,
        # Llama-3-70B: 80 layers, 8 heads of 128 numbers, a byte for each key and each value.
        on_facts=(2000 * (80 * 8 * 128 * 2) / 70.55e9 * 100, "holds"),
        values=(("cache_value_bytes", 1), ("context", 2000), ("bits_per_parameter", 8)),
    ),
    # Three nodes have 24 × 80 GB, of which the weights take 1600 GB.
    "batch-hundred": Hand(
        "assumption", "user", 100,
        on_facts=(320e9 // (2000 * POST_HIDDEN * 20), "off"),
    ),
    "utilization-hundred": Hand(
        "holds", "percent", 20, 100 * 0.2, on_facts=(100 / SXM_CRITICAL_BATCH * 100, "off")
    ),
    "economies-of-scale": NOT_A_QUANTITY,
    "thousand-times-cost": Hand(
        "inconsistent", "dimensionless", 1000, 100 / 0.2,
        on_facts=(SXM_CRITICAL_BATCH, "off"), against=("utilization-alone",),
    ),
    "users-needed": Hand(
        "inconsistent", "user", 1000, 100 / 0.2,
        on_facts=(SXM_CRITICAL_BATCH, "off"), against=("utilization-alone",),
    ),
    "imbalance": Hand(
        "holds", "FLOP/byte", 1000, 3000 / 3, on_facts=(SXM_FLOPS / SXM_BANDWIDTH, "off")
    ),
    # A user's minutes of a calendar day: 16 on each of 13.2 days of a month.
    "minutes-per-day": Hand(
        "assumption", "minute", 10, on_facts=(16 * 13.2 / (365.25 / 12), "roughly")
    ),
    "user-base": Hand(
        "holds", "user", 144_000, 1000 * 24 * 60 / 10,
        on_facts=(SXM_CRITICAL_BATCH * 86_400 / GENERATION, "off"),
    ),
    "around-the-clock": NOT_A_QUANTITY,
    "steady-user-base": Hand(
        "assumption", "user", 1e6,
        on_facts=(
            SXM_CRITICAL_BATCH / (GENERATION / 86400) * 27_303_999 / (7 * 24 * 60) / 1280, "roughly"
        ),
    ),
    "hobbyists": NOT_A_QUANTITY,
    "h100-power": Hand("assumption", "watt/chip", 700, on_facts=(700, "holds")),
    "brain-compute": Hand("assumption", "FLOP/second", 3e15, on_facts=(1e15, "off")),
    "power-ratio": Hand("roughly", "dimensionless", 30, on_facts=(700 / 20, "roughly")),
    "synapses": Hand("assumption", "synapse", 100e12, on_facts=(500e12, "off")),
    "synapse-bytes": Hand(
        "assumption", "TB", 100, on_facts=(SYNAPSE_BYTES / 1e12, "off")
    ),
    "brain-batch": Hand("assumption", "dimensionless", 1),
    "few-actors": NOT_A_QUANTITY,
    # Geometry and hardware
    "geometry": Hand("assumption", "dimensionless", 1),
    "more-sram": NOT_A_QUANTITY,
    "year": NOT_A_QUANTITY,
    "decade-neuromorphic": Hand("assumption", "year", 10),
    "decade-in-memory": Hand("assumption", "year", 10),
    "quantization": Hand("assumption", "dimensionless", 100, on_facts=(16 / 4, "off")),
    # Etched
    "loaded-once": Hand(
        "holds", "FLOP/parameter/token", 2, 1 + 1,
        values=(("multiplications", 1), ("additions", 1)),
    ),
    "gpt3-parameters": Hand("assumption", "parameter", 175e9, on_facts=(175e9, "holds")),
    "examples-of-batches": NOT_A_QUANTITY,
    "gpu-batch": Hand("assumption", "token", 64, on_facts=(SXM_CRITICAL_BATCH, "off")),
    "asic-batch": Hand("assumption", "token", 2500),
    "centralized-like-training": NOT_A_QUANTITY,
    "mask-cost": Hand("assumption", "dollar", 1e6, on_facts=(10e6, "off")),
    # A tenth of a chip of 30,000 dollars is 3,000 dollars, and a set of masks costs ten million.
    "mask-volume": Hand(
        "assumption", "chip", sqrt(10_000 * 900_000), on_facts=(10e6 / 3000, "off")
    ),
    "small-model-flops": Hand("assumption", "FLOP/token", 3e9, on_facts=(GPT4_FLOPS, "off")),
    "asic-flops": Hand("assumption", "FLOP/second/chip", 3e15, on_facts=(SXM_FLOPS, "off")),
    "tokens-per-chip": Hand(
        "holds", "token/second/chip", 1e6, 3e15 / 3e9, on_facts=(SXM_FLOPS / GPT4_FLOPS, "off")
    ),
    # Of a hundred million in a week, each uses it for 16 minutes on 13.2 days of a month.
    "active-users": Hand(
        "assumption", "user", 10e6, on_facts=(100e6 * 16 * 13.2 / (1440 * 365.25 / 12), "off")
    ),
    # 600 words a minute are ten a second.
    "chips-for-audience": Hand(
        "holds", "chip", 100, 10e6 * 10 / 1e6,
        on_facts=(10e6 * 10 / WORDS_PER_TOKEN / (SXM_FLOPS / GPT4_FLOPS), "off"),
    ),
    # 10 ms is 100 tokens a second: 6,000 a minute, not the 600 of the same sentence.
    "token-interval": Hand(
        "inconsistent", "ms", 10, 10e6 / (100 * 1e6) * 1e3,
        on_facts=(10e6 / (100 * SXM_FLOPS / GPT4_FLOPS) * 1e3, "off"), against=("reading-rate",),
    ),
    "reading-rate": Hand(
        "holds", "word/minute/user", 600, 100 * 1e6 / 10e6 * 60,
        on_facts=(100 * 1e6 / 10e6 * 60 * WORDS_PER_TOKEN, "roughly"),
    ),
    "openai-chips": Hand(
        "assumption", "chip", sqrt(100 * 9000),
        # Of 100 million, those who use it at a moment: 16 minutes on each of 13.2 days a month.
        on_facts=(
            100e6 * 16 * 13.2 / (365.25 / 12) / (24 * 60)
            * 10 / WORDS_PER_TOKEN / (SXM_FLOPS / GPT4_FLOPS),
            "holds",
        ),
    ),
    "smaller-production": NOT_A_QUANTITY,
    "large-model-flops": Hand("assumption", "FLOP/token", 3e12, on_facts=(GPT4_FLOPS, "off")),
    "chips-corrected": Hand(
        "holds", "chip", 100_000, 10e6 * 10 / (3e15 / 3e12),
        on_facts=(10e6 * 10 / WORDS_PER_TOKEN / (SXM_FLOPS / GPT4_FLOPS), "off"),
    ),
    # The replies
    "gpus-for-a-million": Hand("assumption", "chip", 20, on_facts=(1e6 / 30_000, "off")),
    "buyers-of-chips": NOT_A_QUANTITY,
    "hundredfold-cheaper": Hand("assumption", "dimensionless", 100),
    "free-gpt2": NOT_A_QUANTITY,
    "cost-limits-training": NOT_A_QUANTITY,
    "changing-models": NOT_A_QUANTITY,
    # The nearest power of ten is 1e12.
    "flops-per-token-range": Hand(
        "assumption", "FLOP/token", sqrt(1e12 * 1e13), on_facts=(GPT4_FLOPS, "holds")
    ),
    # Twice as many is the same power of ten.
    "flops-per-parameter": Hand(
        "holds", "FLOP/parameter/token", 1, 1 + 1,
        values=(("multiplications", 1), ("additions", 1)),
    ),
    "training-budget": Hand("assumption", "dollar", 1e9),
    "training-to-inference": Hand("assumption", "dimensionless", 1),
    "design-budget": Hand("assumption", "dollar", 1e6, on_facts=(542.2e6, "off")),
    # MI300X
    "mi300x-memory": Hand("assumption", "GB/chip", 192, on_facts=(192, "holds")),
    "fp4-weights": Hand("assumption", "bit/parameter", 4),
    # 900 GB over 192 GB is 4.7 chips: five.
    "gpt4-on-a-node": Hand("holds", "chip", 8, on_facts=(-(-1.8e12 / 2 // 192e9), "holds")),
    "double-batch": Hand("assumption", "dimensionless", 2),
    "cache-use-before": Hand("assumption", "percent", 10),
    "cache-use-after": Hand("assumption", "percent", 30),
    # The brain
    "brain-capacity": Hand("assumption", "PB", 2.5, on_facts=(SYNAPSE_BYTES / 1e15, "off")),
    "brain-watts": Hand("assumption", "watt", 20, on_facts=(20, "holds")),
    "brain-like-ai": NOT_A_QUANTITY,
    "oversampled-wires": Hand("assumption", "PB", 2.5),
    "all-genomes": Hand(
        "holds", "PB", 2.5, on_facts=((86.1e9 + 84.6e9) * 2 * 2 * 3.055e9 / 8 / 1e15, "holds")
    ),
    "never-full": NOT_A_QUANTITY,
    "unknown-petabytes": NOT_A_QUANTITY,
    "jpeg-rate": Hand("assumption", "MB/s", 1),
    "jpeg-lifetime": Hand("holds", "year", 60, 2.5e15 / 1e6 / (365.25 * 24 * 3600)),
    # Two eyes of ten million bits a second, against 60 years.
    "everything-perceived": Hand(
        "assumption", "year", 60, on_facts=(2.5e15 * 8 * 2 / (2 * 1e7) / (365.25 * 86400), "holds")
    ),
    "years-ago": NOT_A_QUANTITY,
    "chapter-number": NOT_A_QUANTITY,
    "few-bits": Hand("assumption", "bit/synapse", sqrt(2 * 5), on_facts=(4.7, "holds")),
    "large-synapse-bits": Hand("assumption", "bit/synapse", 5, on_facts=(4.7, "holds")),
    "median-synapse-bits": Hand("assumption", "bit/synapse", 1, on_facts=(4.7, "off")),
    "roadmap-bits": Hand("assumption", "bit", 1e15, on_facts=(5e14 * 4.7, "off")),
    "space-dimensions": NOT_A_QUANTITY,
    "sparsity-redundancy": NOT_A_QUANTITY,
    "current-paradigm": NOT_A_QUANTITY,
    "more-memory": NOT_A_QUANTITY,
    "name-of-a-user": NOT_A_QUANTITY,
    # SemiAnalysis
    "openai-batch": Hand("assumption", "token", 4000),
    "batch-per-expert": Hand("holds", "token", 500, 4000 * 2 / 16),
    "cluster-gpus": Hand("holds", "chip", 128, 8 * 16),
    "tensor-ways": Hand("assumption", "chip", 8, on_facts=(8, "holds")),
    "pipeline-ways": Hand("assumption", "dimensionless", 16),
    "node-gpus": Hand("assumption", "chip", 8, on_facts=(8, "holds")),
    # Eight GPUs of 30 GiB hold 129 billion parameters of two bytes, and eight of 15 as many of one:
    # 130 billion in two digits. But 130 billion take 30.3 and 15.1 GiB, which is not less.
    "node-parameters": Hand(
        "holds", "parameter", 130e9, 8 * 30 * 1024**3 / 2, on_facts=(1.8e12 / 16, "roughly"),
    ),
    "gpu-bytes-16bit": Hand(
        "roughly", "GiB/chip", 30, 130e9 * 2 / 8 / 1024**3,
        on_facts=(1.8e12 / 16 * 2 / 8 / 1024**3, "holds"),
    ),
    "gpu-bytes-8bit": Hand(
        "roughly", "GiB/chip", 15, 130e9 / 8 / 1024**3,
        on_facts=(1.8e12 / 16 / 8 / 1024**3, "holds"),
    ),
    "a100-memory": Hand("holds", "GB/chip", 40, 130 * 2 / 8, on_facts=(1800 / 16 * 2 / 8, "holds")),
    "large-usage": NOT_A_QUANTITY,
    # The last comment
    "list-marker": NOT_A_QUANTITY,
    "thousandfold-compute": Hand(
        "assumption", "dimensionless", 1000, on_facts=(SXM_CRITICAL_BATCH, "off")
    ),
    "popular-is-cheaper": NOT_A_QUANTITY,
}  # fmt: skip
