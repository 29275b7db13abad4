"""People out of tables: who lives in each small area, and who has which condition.

A condition is given by order sampling (Rosén 1997, doi:10.1016/S0378-3758(96)00186-3): everyone eligible in a
cell gets the odds of their own uniform u, u / (1 - u), divided by their own odds of the condition, and the cell's
published number of people with the lowest values has it.  Margins are met to the person, odds between people are
those of a logistic model, and u is looked up by person and condition, so that nobody's luck depends on who else is
drawn.

While conditions are drawn, people lie in *runs*: everyone of one district, tenth of deprivation, year of age and sex,
side by side.  What a run shares is looked up once, and every cell of a table is a union of runs.
"""

import numpy as np

from kernels.draws import block
from kernels.jit import leaf, njit

N_AGES = 111
N_LEVELS = 6  # of the count of physical conditions: none, 1, 2, 3, 4, 5 or more
SCORE_STEPS = 1024
BUCKETS = 256
LOW = np.uint32(0x1FF)  # bits 0-8: the physical conditions
MENTAL = np.uint32(0x3FFE00)  # bits 9-21: the mental health conditions
PART = np.uint32(0x3FF)


@leaf
def walk(rank, step, size):
    """Return the next place on a lattice of `size` places that is walked by `step` (both below `size`)."""
    rank += step
    return rank - size if rank >= size else rank


@njit
def settle(first, band_count, district, year_end, size, step, offset, n_female, people, sex_step, sex_offset,
           area, ordinal, age, sex):  # fmt: skip
    """Fill `area`, `ordinal`, `age` and `sex`: area by band, district by year and sex, all exactly.

    `band_count` int32[area, band]; `year_end` int64[district, band, year] cumulative people up to each age
    0-110 of the district's band; `size`, `step`, `offset` int64[district, band] its lattice. `n_female`, `people`,
    `sex_step`, `sex_offset` int64[district, year]: the women among the people of a year, and their lattice.
    """
    n_areas, n_bands = band_count.shape
    rank = offset.copy()
    sex_rank = sex_offset.copy()
    shift = np.zeros(size.shape, np.int64)
    bucket = np.zeros((*size.shape, BUCKETS), np.uint8)  # the year in which a bucket of ranks begins
    for d in range(size.shape[0]):
        for b in range(n_bands):
            while (size[d, b] >> shift[d, b]) >= BUCKETS:
                shift[d, b] += 1
            year = 0
            for k in range(BUCKETS):
                while year < N_AGES - 1 and year_end[d, b, year] <= (k << shift[d, b]):
                    year += 1
                bucket[d, b, k] = year
    for a in range(n_areas):
        d = district[a]
        row = first[a]
        for b in range(n_bands):
            at = rank[d, b]
            for _ in range(band_count[a, b]):
                y = np.int64(bucket[d, b, at >> shift[d, b]])
                while year_end[d, b, y] <= at:
                    y += 1
                at = walk(at, step[d, b], size[d, b])
                place = sex_rank[d, y]
                sex_rank[d, y] = walk(place, sex_step[d, y], people[d, y])
                area[row] = a
                ordinal[row] = row - first[a]
                age[row] = y
                sex[row] = 0 if place < n_female[d, y] else 1
                row += 1
            rank[d, b] = at


@njit
def fill_ethnicity(first, group_end, step, offset, ethnicity):
    """Fill `ethnicity`: each area's five groups exactly (`group_end` int64[area, group] cumulative)."""
    for a in range(group_end.shape[0]):
        size = np.int64(first[a + 1]) - first[a]
        rank = offset[a]
        for row in range(first[a], first[a + 1]):
            group = 0
            while group_end[a, group] <= rank:
                group += 1
            ethnicity[row] = group
            rank = walk(rank, step[a], size)


@njit
def sort_into_runs(group, code, area, ordinal, age, sex, start, order, id0, id1):
    """Fill `start` int32[run + 1], `order` int32[person] (rows) and the id words of the people, run by run.

    `group` int64[area]: district × 10 + tenth; run = (group × 111 + age) × 2 + sex.
    """
    n_runs = start.size - 1
    for row in range(area.size):
        start[(group[area[row]] * N_AGES + age[row]) * 2 + sex[row] + 1] += 1
    for run in range(n_runs):
        start[run + 1] += start[run]
    fill = start[:-1].copy()
    for row in range(area.size):
        a = area[row]
        run = (group[a] * N_AGES + age[row]) * 2 + sex[row]
        at = fill[run]
        fill[run] = at + 1
        order[at] = row
        id0[at] = code[a]
        id1[at] = ordinal[row]


@njit
def count_with(start, bits, given, count):
    """Fill `count` float64[run] with the people who have all bits of `given`."""
    for run in range(start.size - 1):
        n = 0
        for i in range(start[run], start[run + 1]):
            n += bits[i] & given == given
        count[run] = n


@njit
def sum_odds(start, bits, low, middle, high, total):
    """Fill `total` float64[run] with the summed odds of its people (tables of odds as in `give`)."""
    for run in range(start.size - 1):
        t = 0.0
        for i in range(start[run], start[run + 1]):
            b = bits[i]
            t += low[b & LOW] * middle[(b >> np.uint32(9)) & PART] * high[b >> np.uint32(19)]
        total[run] = t


@leaf
def own_odds(key0, key1, c0, c1, purpose):
    """Return the odds u / (1 - u) of a person's 64-bit uniform for one purpose."""
    w0, w1, _, _ = block(key0, key1, c0, c1, purpose, 0)
    u = (np.float64(w0) * 4294967296.0 + np.float64(w1) + 0.5) / 18446744073709551616.0
    u = min(u, 0.9999999999999998)
    return u / (1.0 - u)


@njit
def give(
    start, cell_start, cell_runs, target, eligible, given, mark, id0, id1, bits,
    decile, low, middle, high, key0, key1, purpose,
):  # fmt: skip
    """Set `mark` in `bits` for exactly `target[cell]` eligible people of each cell (all, if fewer).

    Cell c is the runs `cell_runs[cell_start[c] : cell_start[c + 1]]`.  One over the odds of a person is
    `decile[tenth]` × `low` float64[512] by bits 0-8 × `middle` float64[1024] by bits 9-18 × `high` float64[2048] by
    bits 19-29.  Only those with all bits of `given` can have it.
    """
    largest = 0
    for c in range(target.size):
        n = 0
        for k in range(cell_start[c], cell_start[c + 1]):
            n += start[cell_runs[k] + 1] - start[cell_runs[k]]
        largest = max(largest, n)
    value = np.empty(largest, np.float64)
    lowest = np.empty(largest, np.float64)
    slope = 1.0  # of the limit in the wanted share: a first guess for the next cell
    for c in range(target.size):
        if target[c] <= 0:
            continue
        n = 0
        n_able = 0
        for k in range(cell_start[c], cell_start[c + 1]):
            run = cell_runs[k]
            if not eligible[run & 1, (run >> 1) % N_AGES]:
                continue
            begin = start[run]
            size = start[run + 1] - begin
            factor = decile[(run // (2 * N_AGES)) % 10]
            if given == 0:
                for i in range(size):
                    value[n + i] = own_odds(key0, key1, id0[begin + i], id1[begin + i], purpose)
                for i in range(size):
                    b = bits[begin + i]
                    odds = low[b & LOW] * middle[(b >> np.uint32(9)) & PART] * high[b >> np.uint32(19)]
                    value[n + i] *= factor * odds
                n_able += size
            else:
                for i in range(size):
                    b = bits[begin + i]
                    value[n + i] = np.inf
                    if b & given == given:
                        odds = low[b & LOW] * middle[(b >> np.uint32(9)) & PART] * high[b >> np.uint32(19)]
                        u = own_odds(key0, key1, id0[begin + i], id1[begin + i], purpose)
                        value[n + i] = u * factor * odds
                        n_able += 1
            n += size
        wanted = min(np.int64(target[c]), n_able)
        if wanted == 0:
            continue
        limit = wanted_lowest(value, n, wanted, 1.25 * slope * wanted / n_able, lowest)
        slope = limit * n_able / wanted
        left = wanted
        for i in range(n):
            left -= value[i] < limit
        n = 0
        for k in range(cell_start[c], cell_start[c + 1]):
            run = cell_runs[k]
            if not eligible[run & 1, (run >> 1) % N_AGES]:
                continue
            begin = start[run]
            size = start[run + 1] - begin
            for i in range(size):
                if value[n + i] < limit:
                    bits[begin + i] |= mark
            for i in range(size):  # several at the limit itself: in order
                if left > 0 and value[n + i] == limit:
                    bits[begin + i] |= mark
                    left -= 1
            n += size


@njit
def wanted_lowest(value, n, wanted, guess, lowest):
    """Return the `wanted`-th lowest of `value[:n]`; `guess` is about there, `lowest` is room for n."""
    while True:
        m = 0
        for i in range(n):
            lowest[m] = value[i]
            m += value[i] <= guess
        if m >= wanted:
            return np.partition(lowest[:m], wanted - 1)[wanted - 1]
        guess = max(guess * 2.0, 1e-300)


@njit
def finish(
    order, bits, n_conditions, cmd, severe_cmd, anxiety, scores, severity_ends, first_use, n_uses, area, ordinal, code,
    key0, key1, purpose, conditions, phq9, gad7, severity, past_use,
):  # fmt: skip
    """Fill conditions, the two symptom scores, the severity of the worst condition and past use, by row.

    `scores` uint8[group, score, step]: groups well, case with anxiety, case without, severe with, severe
    without; `severity_ends` float64[bit, 2]: shares mild, and mild or moderate, of people with the condition
    (−1: not counted). Half of the people share one luck for both scores, so that they go together.  One luck
    settles the severity of all of a person's conditions; the worst counts.
    """
    for i in range(order.size):
        conditions[order[i]] = bits[i]
    for row in range(area.size):
        w0, w1, w2, w3 = block(key0, key1, code[area[row]], ordinal[row], purpose, 0)
        word = conditions[row]
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
        position = 0
        rest = word
        while rest != 0:
            if rest & np.uint32(1) and severity_ends[position, 0] >= 0.0:
                level = 1
                if u >= severity_ends[position, 1]:
                    level = 3
                elif u >= severity_ends[position, 0]:
                    level = 2
                worst = max(worst, level)
            rest >>= np.uint32(1)
            position += 1
        severity[row] = worst
        past_use[row] = (word >> first_use) & ((np.uint32(1) << n_uses) - np.uint32(1))
        conditions[row] = word & ((np.uint32(1) << n_conditions) - np.uint32(1))


@njit
def levels(kind, level, columns, conditions, number):
    """Fill `number` int32[person] with the mixed-radix number of each person's levels.

    Attribute f is column `kind[f]` of `columns`, or, counted from there on, the physical conditions, the mental
    ones, or one condition by its bit; `level` int32[f, 256] is what a value adds.
    """
    n_columns = len(columns)
    number[:] = 0
    for f in range(kind.size):
        of = level[f]
        if kind[f] < n_columns:
            column = columns[kind[f]]
            for i in range(number.size):
                number[i] += of[column[i]]
            continue
        mask = LOW if kind[f] == n_columns else MENTAL
        if kind[f] >= n_columns + 2:
            mask = np.uint32(1) << np.uint32(kind[f] - n_columns - 2)
        for i in range(number.size):
            word = conditions[i] & mask
            n = 0
            while word != 0:
                word &= word - np.uint32(1)
                n += 1
            number[i] += of[n]


@njit
def risk_groups(number, compact, risk, family):
    """Fill column `family` of `risk` uint16[person, family] with the group of each mixed-radix number."""
    for i in range(number.size):
        risk[i, family] = compact[number[i]]


@njit
def sum_rates(first, risk, family, rates, total):
    """Fill `total` float64[area, door of the family] with the summed rates of each small area's people."""
    for a in range(first.size - 1):
        for d in range(rates.shape[1]):
            total[a, d] = 0.0
        for row in range(first[a], first[a + 1]):
            for d in range(rates.shape[1]):
                total[a, d] += rates[risk[row, family], d]
