"""A slow, plain twin of a person's own hazards: they are summed year by year in Python's own whole numbers."""

from kernels import columns as c
from kernels import entry
from kernels import lifetime as lt

YEAR = int(lt.YEAR)


def first_birthday(m, p):
    """The day of the run of a resident's first birthday."""
    return 1 + (int(m.ordinal[p]) * 226 + int(m.area_code[m.area[p]]) * 89) % 365


def age_in_seconds(m, p):
    """A resident's age when the run starts."""
    return (int(m.age[p]) + 1) * YEAR - first_birthday(m, p) * 86400


def exponential(table, word):
    """The quantile of a 32-bit word, by the definition of the table (docs/architecture.md, Laws)."""
    octave = 0
    while octave < 31 and (word >> (31 - octave)) & 1:
        octave += 1
    width = 31 - octave
    low = word & ((1 << width) - 1)
    node, part = (low >> (width - 6), width - 6) if width >= 6 else (low << (6 - width), 0)
    rest = low & ((1 << part) - 1) if part else 0
    a, b = int(table[64 * octave + node]), int(table[64 * octave + node + 1])
    return a + ((b - a) * rest >> part)


def due(m, p, q, k, used, since):
    """The second of a resident's k-th event of a process: hazards are added up from `since` until the luck is used."""
    word = entry.block(
        int(m.now[c.SEED]), int(m.now[c.REPLICATION]), int(m.area_code[m.area[p]]), int(m.ordinal[p]),
        int(m.life_purpose[q // 4]), k,
    )[q % 4]  # fmt: skip
    times = int(m.life_times[m.life_group[p], q]) * int(m.life_level[q, m.area[p]]) >> 12
    if times == 0:
        return int(lt.FAR)
    left = ((exponential(m.exponential, int(word)) - used << 22) << 12) // times + 1
    row, age = 2 * q + int(m.sex[p]), age_in_seconds(m, p) + since
    begun = age
    while True:
        year = min(age // YEAR, 110)
        weight = int(m.life_weight[row, year])
        last = (year + 1) * YEAR - age if year < 110 else 1 << 62
        if weight * last > left:  # in this year of age, or never
            return min(since + age - begun - -left // weight, int(lt.FAR)) if weight else int(lt.FAR)
        left -= weight * last
        age += last
