"""Where next: event routes first, then the first guarded group that holds, then the plain one."""

import numpy as np

from kernels.attributes import FIRST_CONDITION, of_person
from kernels.columns import EXCLUSIVE, N_RESIDENTS
from kernels.jit import kernel, leaf

LOAD, CONST, LT, LE, GT, GE, EQ, NE, AND, OR, NOT = range(11)


@kernel
def in_bed(m, r):
    """Return whether another open referral of the person has a hospital bed, waits for one, or keeps one."""
    p = m.referral[r].person
    if p >= m.sizes[N_RESIDENTS]:
        return False
    at = m.person[p].first_referral
    while at >= 0:
        ref = m.referral[at]
        if at != r and ref.state >= 0:
            if m.state[ref.state].ward != 0 or (ref.kept_post >= 0 and m.state[ref.before].ward != 0):
                return True
        at = ref.sibling
    return False


@kernel
def attribute(m, r, t, code):
    """Return one attribute of a referral: of the person, or of this visit."""
    if code < FIRST_CONDITION and code >= 8:
        ref = m.referral[r]
        if code == 8:
            from_elsewhere = m.sizes[EXCLUSIVE] != 0 and ref.person >= m.sizes[N_RESIDENTS]
            return -1.0 if from_elsewhere else float(ref.system)
        if code == 9:
            return float(ref.site)
        if code == 12:
            repeat = m.state[ref.state].repeat
            return float(m.visits[r, repeat]) if repeat >= 0 else 1.0
        if code == 13:
            return float(ref.began - ref.since) if ref.began >= 0 else float(t - ref.since)
        if code == 14:
            return float(ref.n_dna)
        if code == 15:
            return float(ref.n_sessions)
        if code == 16:
            return 1.0 if in_bed(m, r) else 0.0
    return of_person(m, m.referral[r].person, code)


@kernel
def holds(m, r, t, first, stop):
    """Evaluate a guard: a postfix program on a small stack."""
    stack = m.stack
    n = 0
    for i in range(first, stop):
        op = m.guard_code[i].op
        if op == LOAD:
            stack[n] = attribute(m, r, t, np.int64(m.guard_code[i].operand))
            n += 1
        elif op == CONST:
            stack[n] = m.guard_code[i].operand
            n += 1
        elif op == NOT:
            stack[n - 1] = 1.0 if stack[n - 1] == 0.0 else 0.0
        else:
            n -= 1
            a = stack[n - 1]
            b = stack[n]
            if op == LT:
                yes = a < b
            elif op == LE:
                yes = a <= b
            elif op == GT:
                yes = a > b
            elif op == GE:
                yes = a >= b
            elif op == EQ:
                yes = a == b
            elif op == NE:
                yes = a != b
            elif op == AND:
                yes = a != 0.0 and b != 0.0
            else:
                yes = a != 0.0 or b != 0.0
            stack[n - 1] = 1.0 if yes else 0.0
    return stack[0] != 0.0


@leaf
def pick(m, r, t, group):
    """Pick one route of a group by the visit's route word."""
    row = m.route_group[group]
    first = row.routes[0]
    stop = row.routes[1]
    word = np.int64(m.referral[r].route)
    if row.has_odds == 0:
        for i in range(first, stop - 1):
            if word < m.route[i].threshold:
                return i
        return stop - 1
    total = 0.0
    for i in range(first, stop):
        total += weight(m, r, t, i)
    reach = (float(word) + 0.5) * 2.0**-32 * total
    so_far = 0.0
    for i in range(first, stop - 1):
        so_far += weight(m, r, t, i)
        if reach < so_far:
            return i
    return stop - 1


@kernel
def weight(m, r, t, i):
    """Return a route's share times the odds that apply (an odds factor counts as often as its attribute says)."""
    value = m.route[i].share
    for j in range(m.route[i].odds[0], m.route[i].odds[1]):
        x = attribute(m, r, t, m.odds[j].attribute)
        for _ in range(np.int64(x)):  # not `**`: a power's last bit may differ between machines
            value *= m.odds[j].factor
    return value


@leaf
def route(m, r, t, event, number):
    """Return the route a referral takes on leaving its state by an event (NO_EVENT: in the ordinary way), or −1."""
    row = m.state[m.referral[r].state]
    for group in range(row.groups[0], row.groups[1]):
        g = m.route_group[group]
        if g.event != event or g.number > number:
            continue
        if g.guard[1] > g.guard[0] and not holds(m, r, t, g.guard[0], g.guard[1]):
            continue
        return pick(m, r, t, group)
    return -1
