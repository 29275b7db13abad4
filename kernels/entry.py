"""The kernels that Python calls: each takes the address of a run's tables (`Model.address`)."""

from kernels import onset, steps, tallies
from kernels.calendar_queue import schedule
from kernels.jit import kernel, njit
from kernels.model import model_at


@kernel
def advance(address, until):
    """Run to second `until` (a multiple of the step); return DONE, GROW, RULE or LOG_FULL."""
    return steps.advance(model_at(address), until)


@kernel
def book(address, t, kind, what):
    """Put one event on the calendar."""
    schedule(model_at(address), t, kind, what, 0, 0)


@kernel
def book_arrival(address, stream):
    """Put the next arrival of a stream on the calendar."""
    steps.next_arrival(model_at(address), stream)


@kernel
def fill(address, state, person, id0, n):
    """Let `n` people be in (or wait for) a state when the run starts."""
    steps.fill(model_at(address), state, person, id0, n)


@kernel
def flush(address, t):
    """Bring every integral up to second `t`, so that tallies can be read."""
    tallies.flush(model_at(address), t)


@njit
def first_onsets(address, n_residents, found, times):
    """Find everybody's first onset at every door within the horizon (see `onset.first_onsets`)."""
    return onset.first_onsets(model_at(address), n_residents, found, times)


@njit
def book_first_onsets(address, found, times, n):
    """Put first onsets on the calendar."""
    onset.book_first_onsets(model_at(address), found, times, n)


@kernel
def change_risk(address, p, t):
    """Recompute a person's risk group after their columns changed, and rebook what depends on it."""
    onset.risk_changes(model_at(address), p, t)


@kernel
def send(address, referral, route, t):
    """Send a referral that a Python rule has decided along a route (an index of `route`)."""
    steps.send(model_at(address), referral, route, t)
