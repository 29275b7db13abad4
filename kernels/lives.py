"""What happens to people's lives: they are born, grow older, fall ill, recover, move and die.

Everything here is an event on the calendar (phase 6: last in its second, once care has settled).  Ids of people who
were not there at the start: their small area and a second word whose highest two bits say how they came:
01 born to a resident (8 bits which birth, 16 the mother's number), 10 moved in (22 bits number), 11 born to somebody
who moved in (8 and 22).  Daughters born during the run do not give birth in it.
"""

import numpy as np

from kernels import columns as c
from kernels import lifetime as lt
from kernels.attributes import CONDITIONS, NAMES, risk_group
from kernels.calendar_queue import schedule
from kernels.coming import comes_in
from kernels.draws import block
from kernels.jit import kernel
from kernels.leaving import birthday_routes, leaves_care
from kernels.lifetime import (
    band_of,
    book_life,
    count_life,
    group_of,
    is_elsewhere,
    life_attribute,
    life_changes,
    life_words,
    next_life,
    open_life,
    people_change,
)
from kernels.onset import next_onset, risk_changes
from kernels.who import id_words

DAY = lt.DAY
AGE_CHANGED = np.uint64(1 << NAMES["age"])
N_MENTAL_CHANGED = np.uint64(1 << NAMES["n_mental"])
PERINATAL_CHANGED = N_MENTAL_CHANGED | np.uint64(1 << NAMES["perinatal"])
HARM_CHANGED = np.uint64((1 << NAMES["past_use"]) | (1 << NAMES["past_self_harm"]))
EPISODE_CHANGED = N_MENTAL_CHANGED | np.uint64(
    sum(1 << NAMES[name] for name in ("phq9", "gad7", "severity", "anxiety"))
)
CONDITIONS_CHANGED = np.uint64(sum(1 << NAMES[name] for name in (*CONDITIONS, "n_ltc", "n_mental", "severity")))
BOYS = 2202010000  # of 2**32: 1.053 boys to a girl (ONS births 2017, from memory)


@kernel
def mixed_in(m, p, kind, t):
    """Mix an event of somebody's life into the run's digest."""
    id0, id1 = id_words(m, p, np.uint32(0))
    h = (np.uint64(t) << np.uint64(32)) | np.uint64(id1)
    h ^= np.uint64(id0) * np.uint64(0x9E3779B97F4A7C15)
    h += np.uint64(kind + 1) * np.uint64(0xC2B2AE3D27D4EB4F)
    h ^= h >> np.uint64(29)
    h *= np.uint64(0xBF58476D1CE4E5B9)
    h ^= h >> np.uint64(32)
    m.now[c.HASH] = np.int64(np.uint64(m.now[c.HASH]) + h)


@kernel
def life_event(m, what, kind, stamp, t):
    """Carry out one event of a life, if it is still meant."""
    if kind == lt.BIRTHDAYS:
        birthdays(m, what, t)
        return
    if kind == lt.TURNS_UP:
        turns_up(m, what, stamp, t)
        return
    p = what
    if kind == lt.ARRIVES:
        settles_in(m, p, t)
        count_life(m, p, lt.N_MOVED_IN, t)
        mixed_in(m, p, kind, t)
        return
    if is_elsewhere(m, p):
        return
    if kind < lt.N_PROCESSES:
        if m.life_account[p] < 0:
            if stamp != 0:
                return
        elif m.life_row[m.life_account[p], kind].stamp != stamp:
            return
        process_event(m, p, kind, t)
    elif kind == lt.BIRTHDAY:
        has_birthday(m, p, t)
        born = m.later[p - m.sizes[c.N_AT_START]].born
        book_birthday(m, p, born, t)
        return
    elif kind == lt.IS_BORN:
        is_born(m, p, t)
    elif kind == lt.WINDOW_ENDS:
        window_ends(m, p, t)
    elif kind == lt.FADES:
        fades(m, p, t)
    elif kind == lt.PERINATAL_ILLNESS:
        if (m.life[p] & lt.WINDOW) != 0:
            m.conditions[p] |= lt.PERINATAL_BIT
            count_life(m, p, lt.N_PERINATAL, t)
            risk_changes(m, p, t, PERINATAL_CHANGED)
    elif kind == lt.ILLNESS_ENDS:
        m.conditions[p] &= np.uint32(0xFFFFFFFF) ^ lt.PERINATAL_BIT
        risk_changes(m, p, t, PERINATAL_CHANGED)
    elif m.life_row[m.life_account[p], lt.SELF_HARM].k == stamp:  # FORGOTTEN: no later episode
        m.past_use[p] &= np.uint8(255 - 16)
        risk_changes(m, p, t, HARM_CHANGED)
    mixed_in(m, p, kind, t)


@kernel
def process_event(m, p, q, t):
    """Carry out the k-th event of a process: use up its exponential, let it happen, book the next."""
    if q == lt.DEATH or q == lt.MOVES_OUT:  # once, and then they need no account
        count_life(m, p, q, t)
        goes(m, p, q, t)
        return
    a = open_life(m, p)
    account = m.life_row[a, q]
    k = np.int64(account.k)
    account.used = 0
    account.since = t
    account.k = k + 1
    words = life_words(m, p, q, k)
    if q <= lt.CMD_REMISSION and q != lt.BIRTH:
        count_life(m, p, q, t)  # counts and processes share their first numbers
    changed = CONDITIONS_CHANGED
    if q == lt.BIRTH:
        conceives(m, p, words, t)
        changed = np.uint64(0)
    elif q == lt.SELF_HARM:
        changed = HARM_CHANGED
        m.past_use[p] |= lt.HARMED_USE
        schedule_within(m, t + lt.AFTER_BIRTH, p, lt.FORGOTTEN, k + 1)
        comes_after_harm(m, p, np.int64(words[0]), t)
    elif q == lt.CMD_ONSET:
        falls_ill(m, p, words)
        changed = EPISODE_CHANGED
    elif q == lt.CMD_REMISSION:
        recovers(m, p, words)
        changed = EPISODE_CHANGED
    else:
        condition_changes(m, p, q, np.int64(words[0]), t)
    risk_changes(m, p, t, changed)
    book_life(m, p, q, t)


@kernel
def comes_after_harm(m, p, word, t):
    """Let somebody who has harmed themselves come through a door, by the shares of `life_turning_up.csv`."""
    i = 0
    while i < m.life_turn.shape[0] and m.life_turn[i].harmed <= word:
        i += 1
    if i < m.life_turn.shape[0]:
        m.person[p].entries += 1
        comes_in(m, p, m.life_turn[i].door, m.life_turn[i].tag, np.int64(m.person[p].entries), t)


@kernel
def schedule_within(m, due, p, kind, stamp):
    """Put an event of a life on the calendar if it lies within the run."""
    if due < m.now[c.HORIZON]:
        schedule(m, due, c.E_LIFE, p, kind, stamp)


@kernel
def goes(m, p, q, t):
    """Let somebody die or move away: their referrals end, their hazards are off."""
    mental = life_attribute(m, p, lt.MENTAL)
    if q == lt.DEATH:
        if mental == 2.0:
            count_life(m, p, lt.N_DEATHS_SMI, t)
        elif life_attribute(m, p, lt.CMD) > 0.0:
            count_life(m, p, lt.N_DEATHS_CMD, t)
        elif mental == 1.0:
            count_life(m, p, lt.N_DEATHS_DISORDER, t)
    people_change(m, p, np.int64(m.life_group[p]), band_of(m.age[p]), -1, t)
    n = leaves_care(m, p, t)
    for _ in range(n):
        count_life(m, p, lt.N_ENDED_BY_DEATH if q == lt.DEATH else lt.N_ENDED_BY_MOVE, t)
    m.life[p] = (m.life[p] & np.uint8(255 - 3)) | np.uint8(lt.DIED if q == lt.DEATH else lt.MOVED)


@kernel
def conceives(m, p, words, t):
    """Begin a pregnancy: birth, the end of the perinatal window and perhaps illness go on the calendar."""
    m.life[p] |= lt.WINDOW | lt.PREGNANT
    count_life(m, p, lt.N_PREGNANT, t)
    schedule_within(m, t + lt.PREGNANCY, p, lt.IS_BORN, 0)
    schedule_within(m, t + lt.LEAD, p, lt.WINDOW_ENDS, 0)
    if np.int64(words[0]) < m.life_number[lt.PERINATAL_ILL]:
        schedule_within(m, t + (np.int64(words[1]) * lt.LEAD >> 32), p, lt.PERINATAL_ILLNESS, 0)


@kernel
def window_ends(m, p, t):
    """End the perinatal window, and perinatal illness with it."""
    m.life[p] &= np.uint8(255) ^ lt.WINDOW
    m.conditions[p] &= np.uint32(0xFFFFFFFF) ^ lt.PERINATAL_BIT
    risk_changes(m, p, t, PERINATAL_CHANGED)


@kernel
def is_born(m, p, t):
    """Let a child be born, in the mother's small area and ethnic group, with an id by (mother, which birth)."""
    if (m.life[p] & lt.PREGNANT) == 0:
        return
    m.life[p] &= np.uint8(255) ^ lt.PREGNANT
    a = open_life(m, p)
    which = np.int64(m.life_row[a, lt.BIRTH].k) & 0xFF
    at = m.now[c.N_LATER]
    m.now[c.N_LATER] = at + 1
    child = m.sizes[c.N_AT_START] + at
    _, mother = id_words(m, p, np.uint32(0))
    kind = np.uint32(3 if (mother >> np.uint32(31)) != 0 else 1)
    width = np.uint32(22 if kind == 3 else 16)
    number = mother & ((np.uint32(1) << width) - np.uint32(1))
    m.later[at].id1 = (kind << np.uint32(30)) | (np.uint32(which) << width) | number
    m.later[at].mother = p
    m.later[at].born = t
    m.area[child] = m.area[p]
    m.ordinal[child] = m.ordinal[p]
    m.ethnicity[child] = m.ethnicity[p]
    words = life_words(m, child, lt.IS_BORN, 0)
    m.sex[child] = np.uint8(np.int64(words[0]) < BOYS)
    settles_in(m, child, t)
    count_life(m, child, lt.N_BIRTHS, t)
    mixed_in(m, child, lt.IS_BORN, t)


@kernel
def settles_in(m, p, t):
    """Let somebody who was born or moved in live here: hazards at all doors and of all processes from now on."""
    later = m.later[p - m.sizes[c.N_AT_START]]
    later.since = t
    m.life[p] &= np.uint8(255 - 3)
    m.life_group[p] = group_of(m, p)
    people_change(m, p, np.int64(m.life_group[p]), band_of(m.age[p]), 1, t)
    for f in range(m.family.shape[0]):
        m.risk[p, f] = risk_group(m, p, f)
    for d in range(m.door.shape[0]):
        due = next_onset(m, p, d)
        if due < m.now[c.HORIZON]:
            schedule(m, due, c.E_ONSET, p, d, 0)
    for q in range(lt.N_PROCESSES):
        if q != lt.BIRTH or later.born < 0:
            schedule_within(m, max(next_life(m, p, q, t), t), p, q, 0)
    book_birthday(m, p, later.born, t)


@kernel
def book_birthday(m, p, born, t):
    """Put the next birthday of somebody who was born or moved in on the calendar."""
    schedule_within(m, born + ((t - born) // lt.YEAR + 1) * lt.YEAR, p, lt.BIRTHDAY, 0)


@kernel
def has_birthday(m, p, t):
    """Make somebody a year older; what depends on it changes."""
    before = band_of(m.age[p])
    if m.age[p] < lt.OLDEST:
        m.age[p] += 1
    age = m.age[p]
    if band_of(age) != before:
        people_change(m, p, np.int64(m.life_group[p]), before, -1, t)
        people_change(m, p, np.int64(m.life_group[p]), band_of(age), 1, t)
    if m.age_matters[age] != 0:
        risk_changes(m, p, t, AGE_CHANGED)
    if m.person[p].n_open > 0:
        birthday_routes(m, p, t)


@kernel
def birthdays(m, chunk, t):
    """Let today's birthdays be had in 64 small areas, and come back tomorrow.

    Residents' birthdays are a lattice of their numbers, so that whose they are is worked out, not looked for.
    """
    day = t // DAY
    k = 0
    while day - (1461 * k) // 4 > 365:
        k += 1
    of_year = day - (1461 * k) // 4
    first_area = chunk << lt.AREAS_A_SECOND
    for area in range(first_area, min(first_area + (1 << lt.AREAS_A_SECOND), m.area_first.shape[0] - 1)):
        if of_year < 1:
            break
        offset = (of_year - 1 - np.int64(m.area_code[area]) * 89) % 365 * lt.BIRTHDAY_BACK % 365
        for p in range(m.area_first[area] + offset, m.area_first[area + 1], 365):
            if not is_elsewhere(m, p):
                has_birthday(m, p, t)
    schedule_within(m, t + DAY, chunk, lt.BIRTHDAYS, 0)


@kernel
def falls_ill(m, p, words):
    """Begin an episode of common mental disorder: scores, anxiety, and whether the practice treats it."""
    severe = np.int64(words[0]) < m.life_number[lt.SEVERE_SHARE]
    anxious = np.int64(words[1]) < m.life_number[lt.ANXIETY_SHARE]
    group = 1 + 2 * np.int64(severe) + np.int64(not anxious)
    m.phq9[p] = m.life_score[group, 0, np.int64(words[2]) >> 22]
    m.gad7[p] = m.life_score[group, 1, (np.int64(words[2]) >> 12) & 1023]
    m.severity[p] = max(m.severity[p], np.uint8(2 if severe else 1))
    if anxious:
        m.conditions[p] |= lt.ANXIETY_BIT
    if np.int64(words[3]) < m.life_number[lt.CMD_IN_PRIMARY_CARE]:
        m.life[p] |= lt.PRIMARY_CARE


@kernel
def recovers(m, p, words):
    """End an episode: scores fall below caseness, the practice's treatment ends."""
    m.phq9[p] = m.life_score[0, 0, np.int64(words[0]) >> 22]
    m.gad7[p] = m.life_score[0, 1, (np.int64(words[0]) >> 12) & 1023]
    m.conditions[p] &= np.uint32(0xFFFFFFFF) ^ lt.ANXIETY_BIT
    if life_attribute(m, p, lt.MENTAL) == 0.0:
        m.severity[p] = np.uint8(0)
        m.life[p] &= np.uint8(255) ^ lt.PRIMARY_CARE


@kernel
def condition_changes(m, p, q, word, t):
    """Begin (or, of `subsides`, end) one condition of a group; nothing if they have (have not) got it."""
    row = 2 * q + np.int64(m.sex[p])
    age = min(np.int64(m.age[p]), lt.OLDEST)
    which = 0
    while which < 7 and m.life_share[row, age, which] <= word:
        which += 1
    bit = m.life_bit[q, which]
    if bit < 0:
        return
    mask = np.uint32(1) << np.uint32(bit)
    if ((m.conditions[p] & mask) != 0) != (q == lt.SUBSIDES):
        return
    count_life(m, p, q, t)
    if q == lt.SUBSIDES:
        m.conditions[p] &= np.uint32(0xFFFFFFFF) ^ mask
    else:
        m.conditions[p] |= mask
    if q == lt.SMI_ONSET:
        m.severity[p] = max(m.severity[p], np.uint8(2))


@kernel
def fades(m, p, t):
    """Let the effect of treatment fade, unless it was renewed or still goes on."""
    until = np.int64(m.life_person[m.life_account[p]].treated_until)
    if until <= t and in_treatment(m, p):
        until = t + 30 * DAY
    if until > t:
        schedule_within(m, until, p, lt.FADES, 0)
        return
    m.life[p] &= np.uint8(255) ^ lt.TREATED
    count_life(m, p, lt.N_FADED, t)
    life_changes(m, p, t)


@kernel
def in_treatment(m, p):
    """Say whether somebody is in a place or a course now."""
    at = m.person[p].first_referral
    while at >= 0:
        ref = m.referral[at]
        row = m.state[ref.state]
        if (ref.flags & c.IS_BUSY) != 0 and (row.kind == c.PLACE or row.n_sessions >= 0):
            return True
        at = ref.sibling
    return False


@kernel
def does_come(m, p, d, k):
    """Say whether somebody whose onset at a door has come does come: treatment keeps some away from A&E.

    Part of those who come to a door turn up there while they wait elsewhere (`turns_up`): the door keeps the rest.
    """
    keep = m.life_keep[d]
    treated = m.door[d].site != 0 and life_attribute(m, p, lt.IS_TREATED) > 0.0
    if keep >= np.int64(1) << 32 and not treated:
        return True
    id0, id1 = id_words(m, p, m.door[d].tag)
    words = block(m.now[c.SEED], m.now[c.REPLICATION], id0, id1, m.life_purpose[5], k)
    if np.int64(words[0]) >= keep:
        return False
    if treated and np.int64(words[1]) >= m.life_number[lt.TREATED_KEEPS]:
        count_life(m, p, lt.N_KEPT_AWAY, m.now[c.T])
        return False
    return True


@kernel
def turns_up(m, r, stamp, t):
    """Let somebody who still waits turn up at another door, by the published shares; their wait goes on."""
    ref = m.referral[r]
    if ref.stamp != stamp or (ref.flags & (c.IS_WAITING | c.IS_ASIDE)) == 0:
        return
    p = ref.person
    number = (np.uint32(ref.entry) << np.uint32(16)) | np.uint32(ref.visit)
    what = m.life_purpose[4] ^ m.state[ref.state].purpose
    words = block(m.now[c.SEED], m.now[c.REPLICATION], ref.id0, ref.id1, what, number)
    i = 0
    while i < m.life_turn.shape[0] and m.life_turn[i].threshold <= np.int64(words[1]):
        i += 1
    if i == m.life_turn.shape[0]:
        return
    m.person[p].entries += 1
    count_life(m, p, lt.N_TURNED_UP, t)
    mixed_in(m, p, lt.TURNS_UP, t)
    comes_in(m, p, m.life_turn[i].door, m.life_turn[i].tag, np.int64(m.person[p].entries), t)


@kernel
def first_lives(m, n, first, found, times):
    """Find everybody's first event of every process within the run: one scan over the residents from `first` on.

    Writes (person << 8 | kind) and the second; returns how many there are, so that the caller can make room.
    """
    count = 0
    horizon = m.now[c.HORIZON]
    for p in range(first, n):
        group = np.int64(m.life_group[p])
        age = min(np.int64(m.age[p]), lt.OLDEST)
        id0 = np.uint32(m.area_code[m.area[p]])
        id1 = np.uint32(m.ordinal[p])
        for b in range(3):
            words = block(m.now[c.SEED], m.now[c.REPLICATION], id0, id1, m.life_purpose[b], np.uint32(1))
            for s in range(4):
                q = 4 * b + s
                times_q = np.int64(m.life_times[group, q])
                if times_q == 0:
                    continue
                reach = (times_q * m.life_level[q, m.area[p]]) >> 12
                reach = (reach * m.life_reach[2 * q + np.int64(m.sex[p]), age]) >> 12
                if np.int64(words[s]) >= reach:  # 1 − exp(−x) ≤ x: surely beyond the run
                    continue
                t = next_life(m, p, q, 0)
                if t < horizon:
                    if count < found.shape[0]:
                        found[count] = (np.int64(p) << 8) | q
                        times[count] = t
                    count += 1
        if (m.life[p] & lt.TREATED) != 0 or (np.int64(m.conditions[p]) & np.int64(lt.PERINATAL_BIT)) != 0:
            words = life_words(m, p, lt.FADES, 0)
            if (m.life[p] & lt.TREATED) != 0:
                count = note_one(found, times, count, p, lt.FADES, np.int64(words[0]) * m.life_number[0] >> 32)
            if (np.int64(m.conditions[p]) & np.int64(lt.PERINATAL_BIT)) != 0:
                # the later of two: as many stay ill as fall ill
                word = max(np.int64(words[1]), np.int64(words[2]))
                count = note_one(found, times, count, p, lt.ILLNESS_ENDS, word * lt.LEAD >> 32)
    return count


@kernel
def note_one(found, times, count, p, kind, t):
    """Write one event down if there is room for it, and return the new count."""
    if count < found.shape[0]:
        found[count] = (np.int64(p) << 8) | kind
        times[count] = t + 1
    return count + 1


@kernel
def book_first_lives(m, found, times, n):
    """Put first events on the calendar; pregnancies that began before the run are under way."""
    for i in range(n):
        p = found[i] >> 8
        kind = found[i] & 255
        t = times[i]
        if t >= 0:
            if t < m.now[c.HORIZON]:
                if kind == lt.FADES:
                    open_life(m, p)
                schedule(m, t, c.E_LIFE, p, kind, 0)
            continue
        a = open_life(m, p)  # conceived before the run began
        m.life_row[a, lt.BIRTH].k = 2
        m.life_row[a, lt.BIRTH].since = 0
        m.life_row[a, lt.BIRTH].stamp = 1
        m.life[p] |= lt.WINDOW
        if t + lt.PREGNANCY >= 0:
            m.life[p] |= lt.PREGNANT
            schedule_within(m, t + lt.PREGNANCY, p, lt.IS_BORN, 0)
        schedule_within(m, t + lt.LEAD, p, lt.WINDOW_ENDS, 0)
        life_changes(m, p, 0)
