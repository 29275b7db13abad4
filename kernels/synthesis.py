"""People out of tables: who lives in each small area, and who has which condition.

A condition is given by order sampling (Rosén 1997, doi:10.1016/S0378-3758(96)00186-3): everyone eligible in a
cell gets logit(u) less their own log odds, and the cell's published number of people with the lowest values
has the condition.  Margins are met to the person, odds between people are those of a logistic model, and u is
looked up by person and condition, so that nobody's luck depends on who else is drawn.
"""

import numpy as np

from kernels.draws import block
from kernels.jit import njit

N_LEVELS = 6  # of the count of physical conditions: none, 1, 2, 3, 4, 5 or more
SCORE_STEPS = 1024


@njit
def count_ltc(conditions):
    """Return the number of physical conditions (bits 0-8)."""
    n = 0
    word = conditions & np.uint32(0x1FF)
    while word != 0:
        word &= word - np.uint32(1)
        n += 1
    return n


@njit
def spread(position, size, step, offset):
    """Return where `position` of `size` lands on a lattice that visits every place once."""
    return (position * step + offset) % size


@njit
def fill_ages(first, band_count, district, year_end, size, step, offset, area, ordinal, age):
    """Fill `area`, `ordinal` and `age`: each area's age bands exactly, each district's single years exactly.

    `band_count` int32[area, band]; `year_end` int64[district, band, year] cumulative people up to each age
    0-110 of the district's band; `size`, `step`, `offset` int64[district, band] its lattice.
    """
    n_areas, n_bands = band_count.shape
    seen = np.zeros(size.shape, np.int64)
    for a in range(n_areas):
        d = district[a]
        row = first[a]
        for b in range(n_bands):
            for _ in range(band_count[a, b]):
                rank = spread(seen[d, b], size[d, b], step[d, b], offset[d, b])
                seen[d, b] += 1
                area[row] = a
                ordinal[row] = row - first[a]
                age[row] = np.searchsorted(year_end[d, b], rank, side="right")
                row += 1


@njit
def fill_sexes(area, age, district, n_female, size, step, offset, sex):
    """Fill `sex`: the women of each single year in each district are exactly `n_female[district, age]`."""
    seen = np.zeros(size.shape, np.int64)
    for row in range(area.size):
        d = district[area[row]]
        y = age[row]
        rank = spread(seen[d, y], size[d, y], step[d, y], offset[d, y])
        seen[d, y] += 1
        sex[row] = 0 if rank < n_female[d, y] else 1


@njit
def fill_ethnicity(first, group_end, step, offset, ethnicity):
    """Fill `ethnicity`: each area's five groups exactly (`group_end` int64[area, group] cumulative)."""
    for a in range(group_end.shape[0]):
        size = first[a + 1] - first[a]
        for i in range(size):
            rank = spread(i, size, step[a], offset[a])
            ethnicity[first[a] + i] = np.searchsorted(group_end[a], rank, side="right")


@njit
def sort_by_cell(group, band, area, age, sex, n_cells):
    """Return (order int32[person], start int32[cell + 1]): rows by (group of area, band of age, sex)."""
    n_bands = band[-1] + 1
    start = np.zeros(n_cells + 1, np.int32)
    for row in range(area.size):
        start[(group[area[row]] * n_bands + band[age[row]]) * 2 + sex[row] + 1] += 1
    for c in range(n_cells):
        start[c + 1] += start[c]
    fill = start[:-1].copy()
    order = np.empty(area.size, np.int32)
    for row in range(area.size):
        c = (group[area[row]] * n_bands + band[age[row]]) * 2 + sex[row]
        order[fill[c]] = row
        fill[c] += 1
    return order, start


@njit
def log_odds(bits, tenth, decile_odds, count_odds, bit_odds):
    """Return a person's log odds, relative to nobody in particular, of the condition being drawn."""
    total = decile_odds[tenth] + count_odds[min(count_ltc(bits), N_LEVELS - 1)]
    word = bits
    position = 0
    while word != 0:
        if word & np.uint32(1):
            total += bit_odds[position]
        word >>= np.uint32(1)
        position += 1
    return total


@njit
def expected(order, start, area, age, bits, decile, given, rate, count):
    """Fill `count` float64[cell] with the people expected at `rate` float64[sex, age, decile].

    Eligible are those with all bits of `given`.  Cells alternate women and men.
    """
    for c in range(start.size - 1):
        total = 0.0
        sex = c % 2
        for i in range(start[c], start[c + 1]):
            row = order[i]
            if bits[row] & given == given:
                total += rate[sex, age[row], decile[area[row]] - 1]
        count[c] = total


@njit
def relative_use(order, start, area, age, bits, decile, eligible, weight, decile_odds, count_odds, bit_odds, count):
    """Fill `count` float64[cell] with summed relative risks and return their sum weighted to England.

    `weight` float64[age, decile]: people of England for each resident of that age and tenth.
    """
    england = 0.0
    for c in range(start.size - 1):
        total = 0.0
        for i in range(start[c], start[c + 1]):
            row = order[i]
            if not eligible[c % 2, age[row]]:
                continue
            tenth = decile[area[row]] - 1
            risk = np.exp(log_odds(bits[row], tenth, decile_odds, count_odds, bit_odds))
            total += risk
            england += risk * weight[age[row], tenth]
        count[c] = total
    return england


@njit
def give(
    order, start, target, area, ordinal, age, bits, code, decile, eligible, given, mark,
    decile_odds, count_odds, bit_odds, key0, key1, purpose,
):  # fmt: skip
    """Set `mark` in `bits` for exactly `target[cell]` eligible people of each cell (all, if fewer)."""
    largest = 0
    for c in range(start.size - 1):
        largest = max(largest, start[c + 1] - start[c])
    value = np.empty(largest, np.float64)
    who = np.empty(largest, np.int32)
    for c in range(start.size - 1):
        if target[c] <= 0:
            continue
        n = 0
        for i in range(start[c], start[c + 1]):
            row = order[i]
            if not eligible[c % 2, age[row]] or bits[row] & given != given:
                continue
            a = area[row]
            w0, w1, _, _ = block(key0, key1, code[a], ordinal[row], purpose, 0)
            u = (np.float64(w0) * 4294967296.0 + np.float64(w1) + 0.5) / 18446744073709551616.0
            u = min(u, 0.9999999999999998)
            value[n] = np.log(u / (1.0 - u)) - log_odds(bits[row], decile[a] - 1, decile_odds, count_odds, bit_odds)
            who[n] = row
            n += 1
        wanted = min(np.int64(target[c]), n)
        if wanted == 0:
            continue
        limit = np.partition(value[:n], wanted - 1)[wanted - 1]
        left = wanted
        for i in range(n):
            if value[i] < limit:
                bits[who[i]] |= mark
                left -= 1
        for i in range(n):  # several at the limit itself: in order of rows
            if left > 0 and value[i] == limit:
                bits[who[i]] |= mark
                left -= 1


@njit
def fill_scores(
    area, ordinal, bits, code, cmd, severe_cmd, anxiety, scores, severity_ends, key0, key1, purpose,
    phq9, gad7, severity,
):  # fmt: skip
    """Fill the two symptom scores and the severity of the worst condition.

    `scores` uint8[group, score, step]: groups well, case with anxiety, case without, severe with, severe
    without; `severity_ends` float64[bit, 2]: shares mild, and mild or moderate, of people with the condition
    (−1: not counted). Half of the people share one luck for both scores, so that they go together.  One luck
    settles the severity of all of a person's conditions; the worst counts.
    """
    for row in range(area.size):
        w0, w1, w2, w3 = block(key0, key1, code[area[row]], ordinal[row], purpose, 0)
        word = bits[row]
        group = 0
        if word & cmd:
            group = 1 if word & anxiety else 2
            if word & severe_cmd:
                group += 2
        same = w2 < np.uint32(0x80000000)
        phq9[row] = scores[group, 0, w0 >> np.uint32(22)]
        gad7[row] = scores[group, 1, (w0 if same else w1) >> np.uint32(22)]
        worst = 0
        u = np.float64(w3) / 4294967296.0
        for position in range(severity_ends.shape[0]):
            if (word >> np.uint32(position)) & np.uint32(1) and severity_ends[position, 0] >= 0.0:
                level = 1
                if u >= severity_ends[position, 1]:
                    level = 3
                elif u >= severity_ends[position, 0]:
                    level = 2
                worst = max(worst, level)
        severity[row] = worst
