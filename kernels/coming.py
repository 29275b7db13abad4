"""Coming through a door: a resident's referral is opened, at their hospital where the door has sites."""

import numpy as np

from kernels import columns as c
from kernels.draws import block
from kernels.jit import kernel
from kernels.referrals import open_referral, will_enter
from kernels.who import id_words


@kernel
def comes_in(m, p, d, tag, k, t):
    """Open a resident's referral by a door, keyed by a tag and the occasion `k`; nothing if they go elsewhere."""
    door = m.door[d]
    id0, id1 = id_words(m, p, tag)
    area = m.area[p]
    site = 0
    if door.site != 0:
        words = block(m.now[c.SEED], m.now[c.REPLICATION], id0, id1, door.purpose_site, k)
        while site < m.catchment.shape[1] and m.catchment[area, site] <= np.int64(words[0]):
            site += 1
        if site == m.catchment.shape[1] or np.int64(words[1]) >= m.site_factor[d, site]:
            return  # goes to a hospital elsewhere
    r = open_referral(m, p, id0, id1, k, m.area_system[area], site, t)
    will_enter(m, r, door.to)
