"""A person's own hazards: of dying, moving, giving birth, falling ill, recovering.

A life process works as a door does (`kernels/onset.py`): its k-th event falls where the integrated hazard reaches the
k-th keyed unit exponential.  But its time is the person's age: hazard = base(age, sex) × relative hazard of the
person's life group × level of the small area, so that nobody's birthday needs looking at.  In integers: base
in 2**-46 a second, summed from birth; relative hazards and levels in 2**-12.  Who has no life account has had no
change since the start, and costs nothing.
"""

import numpy as np

from kernels import columns as c
from kernels.attributes import of_person
from kernels.calendar_queue import schedule
from kernels.draws import block, quantile
from kernels.jit import kernel
from kernels.who import begun_at, id_words

PROCESSES = (
    "death moves_out birth self_harm_episode cmd_onset cmd_remission smi_onset physical_onset old_age_onset"
    " young_onset other_onset subsides"
).split()
(
    DEATH,
    MOVES_OUT,
    BIRTH,
    SELF_HARM,
    CMD_ONSET,
    CMD_REMISSION,
    SMI_ONSET,
    PHYSICAL_ONSET,
    OLD_AGE_ONSET,
    YOUNG_ONSET,
    OTHER_ONSET,
    SUBSIDES,
) = range(12)
N_PROCESSES = 12
BIRTHDAYS, BIRTHDAY, ARRIVES, IS_BORN, WINDOW_ENDS = range(32, 37)
FADES, PERINATAL_ILLNESS, ILLNESS_ENDS, TURNS_UP, FORGOTTEN = range(37, 42)
"""What else an event of a life may be (`extra` of the event; below 12 it is a process)"""

HERE, DIED, MOVED, NOT_YET = range(4)  # the two lowest bits of `life`
WHERE = np.uint8(3)
TREATED = np.uint8(4)  # by a service, until it fades
PRIMARY_CARE = np.uint8(8)  # by a practice, while the episode lasts
WINDOW = np.uint8(16)  # pregnant, or a mother of less than a year
PREGNANT = np.uint8(32)

DAY = 86400
YEAR = np.int64(31557600)  # 365.25 days
PREGNANCY = 266 * DAY
AFTER_BIRTH = 365 * DAY
LEAD = PREGNANCY + AFTER_BIRTH  # who conceived before the run may be pregnant when it starts
OLDEST = 110
FAR = np.int64(2**31 - 2)

NUMBERS = (
    "treated_lasts treated_keeps cmd_in_primary_care smi_in_primary_care perinatal_ill severe_share anxiety_share"
    " turn_rate urgencies"
).split()
(
    TREATED_LASTS,  # seconds
    TREATED_KEEPS,  # 2**-32: share of attendances at A&E that treatment leaves
    CMD_IN_PRIMARY_CARE,  # thresholds of 32-bit words, from here on
    SMI_IN_PRIMARY_CARE,
    PERINATAL_ILL,
    SEVERE_SHARE,
    ANXIETY_SHARE,
    TURN_RATE,  # seconds of a typical wait ÷ the hazard of turning up elsewhere in it, 2**-24 units
    URGENCIES,  # least urgency (2 soon, 3 routine) of waits that are meant
) = range(9)
ATTRIBUTES = {"cmd": 200, "treated": 201, "window": 202, "mental": 203, "grave": 204, "harmed": 205, "remits": 206}
CMD, IS_TREATED, IN_WINDOW, MENTAL, GRAVE, HARMED, REMITS = range(200, 207)
SMI_BITS = (1 << 11) | (1 << 12)
DISORDER_BITS = (1 << 13) | (1 << 14) | (1 << 15) | (1 << 16) | (1 << 17) | (1 << 20)
GRAVE_BITS = (1 << 1) | (1 << 4) | (1 << 6)  # COPD, heart failure, cancer
REMIT_BITS = (1 << 5) | (1 << 13) | (1 << 14) | (1 << 16) | (1 << 17) | (1 << 18) | (1 << 20) | (1 << 21)
ANXIETY_BIT, PERINATAL_BIT, SELF_HARM_BIT = np.uint32(1 << 10), np.uint32(1 << 15), np.uint32(1 << 21)
HARMED_USE = np.uint8(16)
BIRTHDAY_STRIDE, BIRTHDAY_BACK = 226, 21  # 226 × 21 = 1 (mod 365)
AREAS_A_SECOND = 6  # 2**6 small areas have their birthdays in one second after midnight

N_COUNTS = 24
(
    N_DEATHS,
    N_MOVED_OUT,
    N_BIRTHS,
    N_SELF_HARM,
    N_CMD_ONSET,
    N_CMD_REMISSION,
    N_SMI_ONSET,
    N_PHYSICAL,
    N_OLD_AGE,
    N_YOUNG,
    N_OTHER,
    N_SUBSIDED,
    N_MOVED_IN,
    N_PREGNANT,
    N_PERINATAL,
    N_DEATHS_CMD,
    N_DEATHS_SMI,
    N_DEATHS_DISORDER,
    N_ENDED_BY_DEATH,
    N_ENDED_BY_MOVE,
    N_TURNED_UP,
    N_KEPT_AWAY,
    N_TREATED,
    N_FADED,
) = range(24)
COUNTS = (
    "deaths moved_out births self_harm_episodes cmd_onsets cmd_remissions smi_onsets physical_onsets old_age_onsets"
    " young_onsets other_onsets subsided moved_in pregnancies perinatal_illness deaths_cmd deaths_smi"
    " deaths_other_disorder referrals_ended_by_death referrals_ended_by_move turned_up_at_another_door"
    " attendances_averted_by_treatment treatments_begun treatments_faded"
).split()
CUTS = (18, 65, 75)


@kernel
def is_elsewhere(m, p):
    """Say whether somebody has died, moved away, or is still to come."""
    return (m.life[p] & WHERE) != 0


@kernel
def first_birthday(m, p):
    """Return the day of the run (1 to 365) of a resident's first birthday: spread evenly over a small area's people."""
    return 1 + (np.int64(m.ordinal[p]) * BIRTHDAY_STRIDE + np.int64(m.area_code[m.area[p]]) * 89) % 365


@kernel
def born_at(m, p, t):
    """Return the second of the run at which somebody was born (of residents: as their age and birthday have it)."""
    at = p - m.sizes[c.N_AT_START]
    if at >= 0:
        return m.later[at].born
    first = first_birthday(m, p)
    since = (t - (np.int64(m.area[p]) >> AREAS_A_SECOND) - 1) // DAY - first
    had = np.int64(0) if since < 0 else (4 * since + 3) // 1461 + 1
    return first * DAY - (np.int64(m.age[p]) - had + 1) * YEAR


@kernel
def summed(m, row, age):
    """Return the base hazard summed from birth to an age in seconds, 2**-46."""
    if age <= 0:
        return np.int64(0)
    year = min(age // YEAR, OLDEST)
    return m.life_integral[row, year] + m.life_weight[row, year] * (age - year * YEAR)


@kernel
def age_when(m, row, target, after):
    """Return the first age in seconds, from `after` on, at which the summed hazard reaches `target` (−1: never)."""
    year = min(max(after, 0) // YEAR, OLDEST)
    while year < OLDEST and m.life_integral[row, year + 1] <= target:
        year += 1
    weight = m.life_weight[row, year]
    if weight <= 0:
        return np.int64(-1)
    return year * YEAR + (target - m.life_integral[row, year] + weight - 1) // weight


@kernel
def life_begins(m, p, q):
    """Return the second from which the hazard of a process counts."""
    if q == BIRTH and p < m.sizes[c.N_AT_START]:
        return np.int64(-LEAD)
    return begun_at(m, p)


@kernel
def relative(m, p, group, q):
    """Return somebody's relative hazard of a process in a life group, 2**-12."""
    return (np.int64(m.life_times[group, q]) * m.life_level[q, m.area[p]]) >> 12


@kernel
def life_words(m, p, q, k):
    """Return the four words that say what the k-th event of a process brings."""
    id0, id1 = id_words(m, p, np.uint32(0))
    number = (np.uint32(q) << np.uint32(16)) | np.uint32(k)
    return block(m.now[c.SEED], m.now[c.REPLICATION], id0, id1, m.life_purpose[3], number)


@kernel
def exponential_of(m, p, q, k):
    """Return the k-th keyed unit exponential of a process, 2**-24."""
    id0, id1 = id_words(m, p, np.uint32(0))
    words = block(m.now[c.SEED], m.now[c.REPLICATION], id0, id1, m.life_purpose[q >> 2], np.uint32(k))
    return quantile(m.exponential, words[q & 3])


@kernel
def next_life(m, p, q, t):
    """Return the second of somebody's next event of a process (FAR if never), as things stand at second `t`."""
    times = relative(m, p, m.life_group[p], q)
    if times <= 0:
        return FAR
    k = np.int64(1)
    used = np.int64(0)
    since = life_begins(m, p, q)
    a = m.life_account[p]
    if a >= 0:
        account = m.life_row[a, q]
        k = np.int64(account.k)
        used = np.int64(account.used)
        since = np.int64(account.since)
    row = 2 * q + np.int64(m.sex[p])
    born = born_at(m, p, t)
    left = (exponential_of(m, p, q, k) - used) << 22
    target = summed(m, row, since - born) + (left << 12) // times + 1
    age = age_when(m, row, target, since - born)
    if age < 0:
        return FAR
    return min(max(born + age, since + 1), FAR)


@kernel
def book_life(m, p, q, t):
    """Put the next event of a process on the calendar, in place of what was booked (needs a life account)."""
    account = m.life_row[m.life_account[p], q]
    account.stamp += 1
    due = max(next_life(m, p, q, t), t)
    if due < m.now[c.HORIZON]:
        schedule(m, due, c.E_LIFE, p, q, account.stamp)


@kernel
def open_life(m, p):
    """Give somebody a life account: nothing used yet, since the start."""
    a = m.life_account[p]
    if a < 0:
        a = m.now[c.N_LIFE_ACCOUNTS]
        m.now[c.N_LIFE_ACCOUNTS] = a + 1
        m.life_account[p] = a
        m.life_person[a].person = p
        m.life_person[a].treated_until = 0
        for q in range(N_PROCESSES):
            row = m.life_row[a, q]
            row.used = 0
            row.since = life_begins(m, p, q)
            row.k = 1
            row.stamp = 0
    return a


@kernel
def life_attribute(m, p, code):
    """Return one attribute that life groups are made from, as a float."""
    if code < 200:
        return of_person(m, p, code)
    conditions = np.int64(m.conditions[p])
    if code == MENTAL:
        if (conditions & SMI_BITS) != 0:
            return 2.0
        return 1.0 if (conditions & DISORDER_BITS) != 0 else 0.0
    if code == CMD:
        yes = m.phq9[p] >= 10 or m.gad7[p] >= 8
    elif code == IS_TREATED:
        yes = (m.life[p] & (TREATED | PRIMARY_CARE)) != 0
    elif code == IN_WINDOW:
        yes = (m.life[p] & WINDOW) != 0
    elif code == GRAVE:
        yes = (conditions & GRAVE_BITS) != 0
    elif code == HARMED:
        yes = (conditions & np.int64(SELF_HARM_BIT)) != 0 or (m.past_use[p] & HARMED_USE) != 0
    else:
        yes = (conditions & REMIT_BITS) != 0
    return 1.0 if yes else 0.0


@kernel
def group_of(m, p):
    """Return the life group a person's columns put them in."""
    group = np.int64(0)
    for f in range(m.life_factor.shape[0]):
        factor = m.life_factor[f]
        value = life_attribute(m, p, factor.attribute)
        level = 0
        while level < 3 and value >= factor.cuts[level]:
            level += 1
        group += level * factor.stride
    return group


@kernel
def band_of(age):
    """Return the band of an age: under 18, to 64, to 74, older."""
    return np.int64(age >= CUTS[0]) + np.int64(age >= CUTS[1]) + np.int64(age >= CUTS[2])


@kernel
def people_change(m, p, group, band, by, t):
    """Count somebody into or out of the people of a class, whose time is measured."""
    row = m.life_time[m.area_system[m.area[p]], band * 12 + m.life_class[group]]
    since = max(np.int64(row.last), m.now[c.MEASURE_FROM])
    if t > since:
        row.seconds += row.n * (t - since)
    row.last = t
    row.n += by


@kernel
def count_life(m, p, what, t):
    """Count something that happened to somebody."""
    m.life_sum[what] += 1
    if t >= m.now[c.MEASURE_FROM]:
        m.life_count[what, m.area_system[m.area[p]], m.sex[p], min(np.int64(m.age[p]) // 5, 18)] += 1


@kernel
def life_changes(m, p, t):
    """Find somebody's life group anew; if it changed, what is used up stays used up and the rest is rebooked."""
    group = group_of(m, p)
    old = np.int64(m.life_group[p])
    if group == old:
        return
    band = band_of(m.age[p])
    if m.life_class[group] != m.life_class[old]:
        people_change(m, p, old, band, -1, t)
        people_change(m, p, group, band, 1, t)
    a = open_life(m, p)
    m.life_group[p] = group
    born = born_at(m, p, t)
    for q in range(N_PROCESSES):
        if m.life_times[old, q] == m.life_times[group, q]:
            continue
        account = m.life_row[a, q]
        row = 2 * q + np.int64(m.sex[p])
        passed = summed(m, row, t - born) - summed(m, row, account.since - born)
        account.used += np.uint32((relative(m, p, old, q) * passed) >> 34)
        account.since = t
        book_life(m, p, q, t)


@kernel
def is_treated(m, p, t):
    """Note that treatment has begun: its effect lasts, and is renewed by more of it."""
    a = open_life(m, p)
    until = min(t + m.life_number[TREATED_LASTS], FAR)
    m.life_person[a].treated_until = until
    if (m.life[p] & TREATED) == 0:
        m.life[p] |= TREATED
        count_life(m, p, N_TREATED, t)
        if until < m.now[c.HORIZON]:
            schedule(m, until, c.E_LIFE, p, FADES, 0)
        life_changes(m, p, t)


@kernel
def may_turn_up(m, r, t):
    """Let a resident who begins to wait, not urgently, turn up at another door if the wait is long enough."""
    ref = m.referral[r]
    if ref.person >= m.sizes[c.N_RESIDENTS] or m.state[ref.state].urgency < m.life_number[URGENCIES]:
        return
    if m.life_turn.shape[0] == 0 or m.state[ref.state].parent >= 0:
        return
    number = (np.uint32(ref.entry) << np.uint32(16)) | np.uint32(ref.visit)
    what = m.life_purpose[4] ^ m.state[ref.state].purpose
    words = block(m.now[c.SEED], m.now[c.REPLICATION], ref.id0, ref.id1, what, number)
    due = t + ((quantile(m.exponential, words[0]) * m.life_number[TURN_RATE]) >> 24) + 1
    if due < m.now[c.HORIZON]:
        schedule(m, due, c.E_LIFE, r, TURNS_UP, ref.stamp)
