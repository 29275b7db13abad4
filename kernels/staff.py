"""What happens to each member of staff in a month: leaves, retires, is kept, moves, or stays.

Luck is looked up by staff id, purpose and month (`kernels/draws.py`), so that it depends on nobody else.
"""

from kernels.draws import philox
from kernels.jit import njit

STAYS, LEAVES, RETIRES, KEPT, MOVES, MOVES_AWAY = 0, 1, 2, 3, 4, 5
"""Fates of a month."""
UNIT = 1.0 / 4294967296.0


@njit
def luck(key0, key1, id0, id1, purpose, occasion, words):
    """Fill `words` uint32[n, 4] with the luck of `n` ids (uint32[n] `id0`, `id1`) for one purpose and occasion."""
    for i in range(id0.size):
        words[i, 0], words[i, 1], words[i, 2], words[i, 3] = philox(key0, key1, id0[i], id1[i], purpose, occasion)


@njit
def fates(key0, key1, id0, id1, purpose, month, who, age, service, push, band_of_month, out, moves, retires,
          keeps, within, fate):  # fmt: skip
    """Fill `fate` int8[n] with what happens to `n` members of staff this month.

    `who` int8[n] row of the hazards; `age`, `service` int32[n] in months; `push` float64[n] multiplies the hazard of
    leaving; `band_of_month` int8[month of service, the last for more]; `out`, `moves` float64[who, band] and `retires`
    float64[year of age] monthly hazards; `keeps` float64[n] probability that somebody about to leave is kept; `within`
    share of those who move that stays in the area.  The words of a block: leaves, retires, moves, kept or where to.
    """
    longest = band_of_month.size - 1
    oldest = retires.size - 1
    for i in range(id0.size):
        w0, w1, w2, w3 = philox(key0, key1, id0[i], id1[i], purpose, month)
        band = band_of_month[min(service[i], longest)]
        leaves = w0 * UNIT < out[who[i], band] * push[i]
        old = w1 * UNIT < retires[min(age[i] // 12, oldest)]
        if (leaves or old) and w3 * UNIT < keeps[i]:
            fate[i] = KEPT
        elif leaves:
            fate[i] = LEAVES
        elif old:
            fate[i] = RETIRES
        elif w2 * UNIT < moves[who[i], band]:
            fate[i] = MOVES if w3 * UNIT < within else MOVES_AWAY
        else:
            fate[i] = STAYS
