"""Arithmetic against memory bandwidth: the imbalance, and the batch that cures it."""

from ..algebra import symbols as s
from ..algebra.expressions import log10
from ..algebra.formula import Formula

ridge_point = Formula(
    s.ridge_point,
    s.peak_flops / s.memory_bandwidth,
    "Operations that an accelerator can do in the time it takes to read one byte.",
)
orders_of_magnitude = Formula(
    s.orders_of_magnitude,
    log10(s.ridge_point / s.one_flop_per_byte),
    "The imbalance in powers of ten.",
    where=(ridge_point,),
)
bytes_per_parameter = Formula(
    s.bytes_per_parameter,
    s.bits_per_parameter / s.bits_per_byte,
    "Storage of one weight.",
)
arithmetic_intensity = Formula(
    s.arithmetic_intensity,
    s.batch * s.flop_per_parameter / s.bytes_per_parameter,
    "Every weight that is read once is used once for each token of the batch.",
    where=(bytes_per_parameter,),
)
critical_batch = Formula(
    s.critical_batch,
    s.ridge_point * s.bytes_per_parameter / s.flop_per_parameter,
    "The batch at which the arithmetic takes as long as the reading of the weights.",
    where=(ridge_point, bytes_per_parameter),
)
critical_batch_of_experts = Formula(
    s.critical_batch,
    s.ridge_point * s.bytes_per_parameter / s.flop_per_parameter * s.experts / s.experts_per_token,
    "Each expert sees its share of the batch only: the batch must be that many times as large.",
    where=(ridge_point, bytes_per_parameter),
)
