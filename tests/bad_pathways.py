# ruff: noqa: E501  (one line a fault reads best)
"""A good pathway file, and a corpus of single changes that each make it bad."""

GOOD = """
name = "corpus"
start = "2016-04-04"
[arrivals.calls]
to = "call"
per_hour = 4
hour_of_day = [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]
attributes = { age = 40, urban = 1 }
[team.line]
staff = [{ hours = "Mon-Fri 09:00-17:00", nurse = 2, doctor = 1, least = 1 }, { hours = "24/7", nurse = 1 }]
last_start = "15 min"
[team.beds]
places = 4
[[team.beds.target]]
measure = "occupancy"
at_most = 0.85
[state.call]
kind = "contact"
team = "line"
roles = { nurse = 1 }
or_roles = [{ doctor = 1 }]
minutes = { lognormal = { mean = "20 min", sd = "10 min" } }
urgency = "urgent"
patience = { exponential = { mean = "2 h" } }
standard = { within = "1 h", share = 0.9 }
[state.sort]
kind = "decision"
[state.course]
kind = "contact"
team = "line"
roles = { nurse = 1 }
minutes = { constant = "50 min" }
dna = 0.1
sessions = { number = { uniform = { low = 4, high = 8 } }, every = "1 week", change = { column = "phq9", mean = -1 } }
group = { size = 8, least = 4 }
[state.ward]
kind = "place"
team = "beds"
stay = { gamma = { mean = "9 days", sd = "9 days" } }
queue_limit = 0
contacts = { every = [{ until = "2 days", every = "12 h" }, { every = "1 day" }], roles = { nurse = 1 }, minutes = { constant = "20 min" }, team = "line" }
[state.rest]
kind = "wait"
minutes = { constant = "1 day" }
[state.home]
kind = "end"
[clock.whole]
starts = ["arrival"]
stops = ["home"]
standard = { within = "4 h", share = 0.95, status = "national" }
[[route]]
from = "call"
to = "sort"
share = 1.0
[[route]]
from = "call"
to = "home"
when = "left_waiting"
share = 1.0
[[route]]
from = "sort"
to = "ward"
if = "age >= 65 and urban"
share = 1.0
[[route]]
from = "sort"
to = "ward"
share = 0.3
odds = { psychosis = 2.0 }
[[route]]
from = "sort"
to = "course"
share = 0.7
[[route]]
from = "course"
to = "home"
share = 1.0
[[route]]
from = "course"
to = "rest"
when = "dna"
share = 1.0
[[route]]
from = "rest"
to = "course"
share = 0.6
[[route]]
from = "rest"
to = "home"
share = 0.4
[[route]]
from = "ward"
to = "home"
share = 1.0
[[route]]
from = "ward"
to = "rest"
when = "full"
share = 1.0
"""

# (old text, new text, what the message must name, nearest right word)
CORPUS = {
    "misspelt top key": ('start = "2016', 'strat = "2016', "strat", "start"),
    "misspelt state key": ("patience =", "patiense =", "state.call.patiense", "patience"),
    "misspelt route key": ("share = 0.3\n", "shar = 0.3\n", "shar", "share"),
    "misspelt team key": ("places = 4", "plases = 4", "team.beds.plases", "places"),
    "misspelt clock key": ("stops =", "stop =", "clock.whole.stop", "stops"),
    "misspelt arrival key": ("per_hour = 4", "per_huor = 4", "arrivals.calls.per_huor", "per_hour"),
    "misspelt table": ("[arrivals.calls]", "[arivals.calls]", "arivals", "arrivals"),
    "misspelt kind": ('kind = "contact"\nteam = "line"\nroles = { nurse = 1 }\nor', 'kind = "contakt"\nteam = "line"\nroles = { nurse = 1 }\nor', "state.call.kind", "contact"),
    "misspelt urgency": ('"urgent"', '"urgnet"', "state.call.urgency", "urgent"),
    "misspelt law": ("lognormal", "lognormel", "lognormel", "lognormal"),
    "misspelt unit": ('"20 min", sd', '"20 mins", sd', "20 mins", "min"),
    "misspelt team name": ('team = "beds"', 'team = "bed"', "state.ward.team", "beds"),
    "misspelt role": ("roles = { nurse = 1 }\nor", "roles = { nures = 1 }\nor", "nures", "nurse"),
    "misspelt alternative role": ("[{ doctor = 1 }]", "[{ docter = 1 }]", "docter", "doctor"),
    "misspelt route end": ('to = "sort"', 'to = "sortt"', "sortt", "sort"),
    "misspelt arrival state": ('to = "call"', 'to = "cal"', "arrivals.calls.to", "call"),
    "misspelt clock state": ('stops = ["home"]', 'stops = ["hone"]', "clock.whole.stops", "home"),
    "misspelt event": ('"left_waiting"', '"left_waitin"', "left_waitin", "left_waiting"),
    "misspelt attribute in a guard": ("age >= 65", "aeg >= 65", "aeg", "age"),
    "misspelt attribute in odds": ("psychosis =", "psycosis =", "psycosis", "psychosis"),
    "misspelt measure": ('"occupancy"', '"ocupancy"', "team.beds.target", "occupancy"),
    "misspelt status": ('"national"', '"natinal"', "clock.whole.standard.status", "national"),
    "misspelt column": ('"phq9"', '"phq"', "state.course.sessions.change.column", "phq9"),
    "misspelt day": ("Mon-Fri 09", "Mon-Fry 09", "Mon-Fry", "Fri"),
    "shares that sum to 0.9": ("share = 0.7", "share = 0.6", "0.9", None),
    "shares that sum to 1.1": ("share = 0.3", "share = 0.4", "1.1", None),
    "a share above 1": ("share = 0.3", "share = 1.3", "1.3", None),
    "a negative share": ("share = 0.3", "share = -0.3", "-0.3", None),
    "negative minutes": ('"20 min", sd', '"-20 min", sd', "-20 min", None),
    "no time at all": ('"20 min", sd', '"0 min", sd', "0 min", None),
    "minutes without a unit": ('"20 min", sd', "20, sd", "state.call.minutes.lognormal.mean", None),
    "months": ('"9 days", sd', '"1 month", sd', "1 month", None),
    "an unreachable state": ("[state.home]", '[state.attic]\nkind = "end"\n[state.home]', "state.attic", None),
    "a dead end": ('to = "course"\nshare = 0.6\n[[route]]\nfrom = "rest"\nto = "home"\nshare = 0.4', 'to = "rest"\nshare = 1.0', "state.rest", None),
    "no way out": ('from = "ward"\nto = "home"', 'from = "ward"\nto = "ward"', "state.ward", None),
    "a zero-time cycle": ('from = "sort"\nto = "course"', 'from = "sort"\nto = "sort"', "sort → sort", None),
    "a missing plain route": ('from = "call"\nto = "sort"\nshare = 1.0', 'from = "call"\nto = "sort"\nif = "age"\nshare = 1.0', "plain route", None),
    "patience without a route": ('when = "left_waiting"', 'when = "waiting 1 h"', "left_waiting", None),
    "a limit without a route": ('when = "full"', 'when = "waiting 1 h"', "full", None),
    "dna without a route": ('when = "dna"', 'when = "waiting 1 h"', "dna", None),
    "closed without a route": ("[team.beds]", '[team.beds]\nclosed = "refuse"', "closed", None),
    "more staff than there are": ("or_roles = [{ doctor = 1 }]", "or_roles = [{ nurse = 4 }]", "at most 3", None),
    "half a nurse": ("roles = { nurse = 1 }\nor", "roles = { nurse = 0.5 }\nor", "0.5", None),
    "a standard above 1": ("share = 0.95", "share = 95", "95", None),
    "sessions before the last is over": ('every = "1 week"', 'every = "30 min"', "state.course.sessions.every", None),
    "visits before the last is over": ('every = "12 h"', 'every = "10 min"', "state.ward.contacts.every", None),
    "a place without places": ("places = 4", 'closed = "keep"', "team.beds.places", None),
    "a key of another kind": ('kind = "decision"', 'kind = "decision"\npatience = { constant = "1 h" }', "state.sort.patience", None),
    "a contact without a team": ('team = "line"\nroles = { nurse = 1 }\nor_roles = [{ doctor = 1 }]\n', "", "state.call.team", None),
    "a contact without minutes": ('minutes = { constant = "50 min" }\n', "", "state.course.minutes", None),
    "a place without a stay": ('stay = { gamma = { mean = "9 days", sd = "9 days" } }\n', "", "state.ward.stay", None),
    "a state without a kind": ('[state.home]\nkind = "end"', "[state.home]", "state.home.kind", None),
    "two rates": ("per_hour = 4", "per_hour = 4\nper_day = 4", "arrivals.calls", None),
    "no rate": ("per_hour = 4\n", "", "arrivals.calls", None),
    "a negative rate": ("per_hour = 4", "per_hour = -4", "-4", None),
    "a profile of 23 hours": ("hour_of_day = [1,", "hour_of_day = [", "24 numbers", None),
    "a date that is none": ('"2016-04-04"', '"2016-04-31"', "2016-04-31", None),
    "hours that are none": ("09:00-17:00", "9-17", "team.line.staff[0].hours", None),
    "a route from an end": ('from = "ward"\nto = "home"', 'from = "home"\nto = "ward"', "no route from an end", None),
    "a way in that leads nowhere": ("[arrivals.calls]", '[door.gp]\nto = "call"\nshare = 0.5\n[arrivals.calls]', "0.5", None),
    "a name with a blank": ('name = "corpus"', 'name = "the corpus"', "the corpus", None),
    "a duplicate state": ("[state.rest]", "[state.home]", "Cannot declare", None),
    "no TOML": ("[state.home]", "[state.home", "TOML", None),
    "true as a number": ("per_hour = 4", "per_hour = true", "True", None),
    "infinitely many": ("per_hour = 4", "per_hour = inf", "inf", None),
    "blocked by a state that does not follow": ("queue_limit = 0", 'queue_limit = 0\nblocked_by = "sort"', "state.ward.blocked_by", None),
    "more patients at the start than beds": ("queue_limit = 0", "queue_limit = 0\nat_start = 5", "state.ward.at_start", None),
    "a group too small": ("least = 4", "least = 9", "state.course.group.least", None),
    "rising until": ('{ every = "1 day" }]', '{ until = "1 day", every = "1 day" }]', "state.ward.contacts.every", None),
}  # fmt: skip
