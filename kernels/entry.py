"""The kernels that Python calls: each takes the address of a run's tables (`Model.address`)."""

import numpy as np

from kernels import capacity, columns, draws, exchange, lifetime, lives, matching, onset, rules, steps, tallies
from kernels.calendar_queue import schedule
from kernels.jit import entry, njit
from kernels.model import model_at
from kernels.together import take_part


@entry
def advance(addresses, order, groups, nearest, beds, mail, home, sorting, told, board, codes):
    """Run cells (int64[cell] addresses) to second `board[LAST]`, a multiple of the step, with whoever else calls this.

    Parameters
    ----------
    order, groups : int64[cell] numbers of cells, and int64[group + 1] where each group of them begins
    nearest, beds, mail, home, sorting, told : see `meeting.meet`
    board : int64[word] what the threads that work together say to each other
    codes : int64[cell]; DONE, GROW, RULE or LOG_FULL is written: whoever is not done stopped on the way

    Returns OVER, or WAITS if others are still at work: come back in a moment (see `together.take_part`).
    """
    return take_part(addresses, order, groups, nearest, beds, mail, home, sorting, told, board, codes)


@entry
def book(address, t, kind, what):
    """Put one event on the calendar."""
    schedule(model_at(address), t, kind, what, 0, 0)


@entry
def book_arrival(address, stream):
    """Put the next arrival of a stream on the calendar."""
    steps.next_arrival(model_at(address), stream)


@entry
def fill(address, state, person, id0, first, n):
    """Let `n` more people, from number `first` on, be in (or wait for) a state when the run starts."""
    steps.fill(model_at(address), state, person, id0, first, n)


@entry
def match(address, t):
    """Let whoever waits begin, if somebody is free."""
    matching.match(model_at(address), t)


@entry
def flush(address, t):
    """Bring every integral up to second `t`, so that tallies can be read."""
    tallies.flush(model_at(address), t)


@njit
def first_onsets(address, n_residents, found, times):
    """Find everybody's first onset at every door within the horizon (see `onset.first_onsets`)."""
    m = model_at(address)
    n_blocks = 0
    for s in range(m.scan.shape[0]):
        n_blocks = max(n_blocks, m.scan[s].block + 1)
    words = np.empty((4 * n_blocks, onset.CHUNK), np.uint32)
    id0, id1 = np.empty(onset.CHUNK, np.uint32), np.empty(onset.CHUNK, np.uint32)
    lowest, mask = np.empty(onset.CHUNK, np.uint32), np.empty(onset.CHUNK, np.uint64)
    return onset.first_onsets(m, n_residents, found, times, words, id0, id1, lowest, mask)


@njit
def book_first_onsets(address, found, times, n):
    """Put first onsets on the calendar."""
    onset.book_first_onsets(model_at(address), found, times, n)


@njit
def change_risks(address, people, first, t):
    """Recompute the risk groups of people whose columns changed, and rebook what depends on them.

    Starts at entry `first` of `people` (int64 rows) and returns the entry before which room ran out.
    """
    return onset.risks_change(model_at(address), people, first, t)


@entry
def next_onset(address, p, d):
    """Return the second of a person's next onset at one door."""
    return onset.next_onset(model_at(address), p, d)


@entry
def resize_post(address, i, size, t):
    """Change how many people or places a post group has; whoever waits is matched at once."""
    m = model_at(address)
    capacity.resize_post(m, i, size, t)
    m.now[columns.RESUME_AT] = t


@entry
def clinicians_change(address, p, by, t):
    """Count clinicians who hold courses in or out; whoever waits is matched at once."""
    m = model_at(address)
    capacity.clinicians_change(m, p, by, t)
    m.now[columns.RESUME_AT] = t


@njit
def usual_routes(address, referrals, t, out):
    """Write the route each referral would take by the file (see `rules.usual_routes`)."""
    rules.usual_routes(model_at(address), referrals, t, out)


@njit
def uniforms(address, referrals, purpose, out):
    """Write a keyed uniform for each referral's present visit (see `rules.uniforms`)."""
    rules.uniforms(model_at(address), referrals, purpose, out)


@entry
def send(address, referral, route, t):
    """Send a referral that a Python rule has decided along a route (an index of `route`)."""
    steps.send(model_at(address), referral, route, t)


@entry
def block(key0, key1, c0, c1, c2, c3):
    """Return the four 32-bit words of one block of luck (see `draws.philox`)."""
    return draws.block(key0, key1, c0, c1, c2, c3)


@entry
def free_beds(address, state, keep_free):
    """Return how many guests a state could take in now, `keep_free` percent of its beds left free."""
    return exchange.free_beds(model_at(address), state, keep_free)


@entry
def takes_in(address, state, id0, id1, entry, cell, row, stamp, t):
    """Take in a guest from another cell; they are in bed when the run goes on."""
    m = model_at(address)
    exchange.takes_in(m, state, id0, id1, entry, cell, row, stamp, t)
    m.now[columns.RESUME_AT] = t


@entry
def is_taken(address, r):
    """Void the end that was booked for somebody who is now a guest elsewhere; return the stamp their return needs."""
    ref = model_at(address).referral[r]
    ref.stamp += 1
    return ref.stamp


@entry
def is_back(address, r, stamp, t):
    """Let somebody whose stay in another cell is over go on at home."""
    m = model_at(address)
    steps.is_back(m, r, stamp, t)
    m.now[columns.RESUME_AT] = t


@njit
def first_lives(address, n, found, times):
    """Find everybody's first event of every life process (see `lives.first_lives`)."""
    return lives.first_lives(model_at(address), n, 0, found, times)


@entry
def change_lives(address, p, t):
    """Find one person's life group anew (see `lifetime.life_changes`)."""
    lifetime.life_changes(model_at(address), p, t)


@entry
def next_life(address, p, process, t):
    """Return the second of a person's next event of a life process."""
    return lifetime.next_life(model_at(address), p, process, t)


@entry
def group_of(address, p):
    """Return the life group a person's columns put them in."""
    return lifetime.group_of(model_at(address), p)


@entry
def born_at(address, p, t):
    """Return the second of the run at which somebody was born."""
    return lifetime.born_at(model_at(address), p, t)


@njit
def book_first_lives(address, found, times, n):
    """Put the first events of lives on the calendar."""
    lives.book_first_lives(model_at(address), found, times, n)
