"""What a Python rule is told of those who have arrived: what the file would do, and luck of its own."""

import numpy as np

from kernels import columns as c
from kernels.draws import block
from kernels.jit import kernel
from kernels.routing import route


@kernel
def usual_routes(m, referrals, t, out):
    """Write the route that each referral would take by the file: out int64[referral], an index of `route`."""
    for i in range(referrals.shape[0]):
        out[i] = route(m, referrals[i], t, c.NO_EVENT, 0)


@kernel
def uniforms(m, referrals, purpose, out):
    """Write a keyed uniform in [0, 1) of 53 bits for the present visit of each referral: out float64[referral]."""
    for i in range(referrals.shape[0]):
        ref = m.referral[referrals[i]]
        words = block(
            m.now[c.SEED],
            m.now[c.REPLICATION],
            ref.id0,
            ref.id1,
            purpose,
            (np.uint32(ref.entry) << np.uint32(16)) | np.uint32(ref.visit),
        )
        high = np.int64(words[0]) >> 5
        low = np.int64(words[1]) >> 6
        out[i] = float((high << 26) | low) * 2.0**-53
