"""The tables the loops work on.  Entry i of every array is one state, one route, one referral …

Tables are numpy records (one cache line or two a row); `model.py` says which there are.
Times are int32 seconds since the run's start; places: 0 the whole area, then systems, then A&E sites.
"""

import numpy as np

CONTACT, PLACE, WAIT, DECISION, END = range(5)
NO_EVENT, FULL, REFUSED, CLOSED, LEFT_WAITING, WAITING, DNA, MISSED, DETERIORATED, DROPPED_OUT, TURNS = range(11)
AREA, SYSTEM, SITE, SYSTEM_AND_SITE = range(4)
AT_START = 0xE0000000  # id word 0 of people who are there when the run starts
STREAM_ID = 0xF0000000  # id word 0 of arrivals of a stream
STAFF, PLACES, COURSE = range(3)
MANY = 1 << 29  # caseload places of a clinician who stands for as many as are needed: more than this

STATE = np.dtype(
    [
        ("kind", "i1"),
        ("urgency", "i1"),
        ("rule", "i1"),  # a Python rule decides here
        ("pathway", "i1"),
        ("scope", "i1"),  # by which place the tallies are kept
        ("list_scope", "i1"),  # by which place people wait
        ("closed", "i1"),  # 1: nobody may join while no one is on shift
        ("marks", "u1"),  # past_use bits set when seen
        ("keep", "i1"),  # sessions: one clinician to the end
        ("dna_allowed", "i1"),
        ("exchange", "i1"),  # −1, else who is here may be a guest elsewhere: percent of beds a host keeps free
        ("ward", "i1"),  # who is here, or waits to be, has a hospital bed or is about to
        ("simple", "i1"),  # one need of one person, no group, no course: the fast path
        ("cell_base", "i4"),
        ("list_base", "i4"),  # -1: needs nobody
        ("parent", "i2"),  # state whose recurring contact this is, else -1
        ("child", "i2"),  # state of the recurring contact, else -1
        ("repeat", "i2"),  # column of the visit counters, else -1 (visited once)
        ("cycle", "i2"),  # states one can come back to from one another: the number of their group, else -1
        ("alternative", "i2", (2,)),  # range in Alternatives
        ("minutes", "i2"),
        ("residual", "i2"),  # equilibrium residual law of the people there at the start, -1: as if fresh
        ("travel", "i2"),
        ("records", "i2"),
        ("patience", "i2"),
        ("dna_minutes", "i2"),
        ("first_minutes", "i2"),
        ("n_sessions", "i2"),  # row of the count laws, -1: no sessions
        ("change", "i2", (2,)),  # changes when finished
        ("session_change", "i2"),
        ("groups", "i2", (2,)),  # range in RouteGroups
        ("enters", "i2", (2,)),  # clock operations on entering
        ("seen", "i2", (2,)),  # clock operations when seen or admitted
        ("leaves", "i2", (2,)),  # clock operations on leaving (pauses end)
        ("opens", "i2", (2,)),  # range in Openings
        ("escalations", "i2", (2,)),  # range in Escalations
        ("phases", "i2", (2,)),  # recurring contacts: range in Phases
        ("blocked_by", "i2"),
        ("worsens_above", "i2"),  # going beyond this is the event `deteriorated`, -1 none
        ("worsens", "i1"),  # column that gets worse while waiting, -1 none
        ("own_pace", "i1"),  # 1: everybody at a pace of their own, exponential about the mean
        ("worsening", "i8"),  # 2**-32 per second
        ("queue_limit", "i4"),
        ("hold_after", "i4"),
        ("within", "i4"),
        ("every", "i4"),
        ("group_size", "i4"),
        ("group_least", "i4"),
        ("group_within", "i4"),
        ("dna", "i8"),  # 32-bit thresholds
        ("drop_out", "i8"),
        ("purpose", "u4"),
        ("purpose_travel", "u4"),
        ("purpose_session", "u4"),
        ("purpose_pace", "u4"),
    ],
    align=True,
)

ROUTE = np.dtype([("to", "i4"), ("share", "f8"), ("threshold", "i8"), ("odds", "i4", (2,))], align=True)
ODDS = np.dtype([("attribute", "i4"), ("factor", "f8")], align=True)
ROUTE_GROUP = np.dtype(
    [
        ("event", "i4"),
        ("number", "i4"),
        ("guard", "i4", (2,)),
        ("routes", "i4", (2,)),
        ("has_odds", "i4"),
    ],
    align=True,
)
CODE = np.dtype([("op", "i4"), ("operand", "f8")], align=True)
ALTERNATIVE = np.dtype([("needs", "i4", (2,)), ("slots", "i4")], align=True)
NEED = np.dtype([("key", "i4"), ("scope", "i4"), ("count", "i4"), ("kind", "i4"), ("seconds", "i4")], align=True)
CLOCK_OP = np.dtype([("op", "i4"), ("clock", "i4")], align=True)
START, STOP, PAUSE, RESUME, CANCEL, START_ARRIVAL = range(6)
CLOCK = np.dtype(
    [("within", "i4"), ("scope", "i4"), ("finished", "i4"), ("cell_base", "i4"), ("pathway", "i4")], align=True
)
CHANGE = np.dtype([("column", "i4"), ("mean", "i8"), ("sd", "i8"), ("purpose", "u4")], align=True)
PHASE = np.dtype([("until", "i4"), ("every", "i4")], align=True)
OPENING = np.dtype(
    [
        ("state", "i4"),
        ("tag", "u4"),
        ("first", "i8"),  # opened by visits whose first word lies in [first, stop); all of them: [0, 2**32)
        ("stop", "i8"),
    ],
    align=True,
)
STREAM = np.dtype(
    [
        ("to", "i4"),
        ("person", "i4"),  # first template row
        ("n_persons", "i4"),
        ("system", "i1"),
        ("site", "i1"),
        ("interval", "i4"),  # law of a renewal stream, -1: Poisson
        ("profile", "i4"),
        ("start", "i4"),
        ("stop", "i4"),
        ("rate", "i8"),  # 2**-46 events a second at profile weight 1
        ("id", "u4"),
        ("purpose", "u4"),
        ("ordinal", "i8"),  # arrivals so far
        ("position", "i8"),  # integral of the profile at the next arrival, 2**-10 s
        ("since", "i4"),
    ],
    align=True,
)
DOOR = np.dtype(
    [
        ("to", "i4"),
        ("profile", "i4"),
        ("site", "i4"),
        ("slot", "i4"),  # word of the onset block
        ("purpose", "u4"),  # of the onset block
        ("purpose_site", "u4"),
        ("tag", "u4"),
        ("pathway", "i4"),
        ("family", "i4"),
        ("stride", "i4"),  # of risk groups in the table of rates: doors of the family
        ("rate", "i8"),  # its first entry there, for risk group 0
    ],
    align=True,
)
FAMILY = np.dtype(  # doors that share risk groups
    [
        ("doors", "i4", (2,)),  # range in `family_door`
        ("factors", "i4", (2,)),  # range in the tables of factors
        ("rate", "i8"),  # first entry in `rate`: [risk, door of the family] from there
        ("compact", "i8"),  # first entry in `compact`
        ("depends", "u8"),  # bit set of the attribute codes that matter
    ],
    align=True,
)
SCAN = np.dtype(  # one look of the first scan: the doors of one family that share a block of luck
    [
        ("block", "i4"),
        ("family", "i4"),
        ("doors", "i4", (2,)),  # range in `scan_door`
        ("most", "i8"),  # first entry in `most`: [risk] from there
    ],
    align=True,
)
POST = np.dtype(
    [
        ("pool", "i4"),
        ("size", "i4"),
        ("free", "i4"),
        ("ends", "i4"),
        ("shift", "i4"),
        ("on", "i1"),
        ("open", "i1"),  # contacts may start (on, and not within last_start of the end)
        ("leaving", "i4"),  # busy people of this shift who were taken away: they finish and go home
    ],
    align=True,
)
TOGGLE = np.dtype([("second", "i4"), ("post", "i4"), ("what", "i4"), ("length", "i4")], align=True)
GO_OFF, CLOSE, COME_ON = range(3)
POOL = np.dtype(
    [
        ("posts", "i4", (2,)),
        ("lists", "i4", (2,)),  # range in `lists_of_pool`
        ("clinicians", "i4", (2,)),
        ("kind", "i4"),
        ("alone", "i4"),  # its one list needs no other pool
        ("free", "i4"),
        ("on", "i4"),
        ("busy", "i4"),
        ("over", "i4"),  # still busy after their shift
        ("kept", "i4"),  # free but held for a joint request
        ("queued", "i4"),  # referrals on its lists
        ("blocked", "i4"),  # places held by people who are ready to leave
        ("last", "i4"),
        ("touched", "i4"),
        ("busy_seconds", "i8"),
        ("on_seconds", "i8"),
        ("over_seconds", "i8"),
        ("kept_seconds", "i8"),
        ("blocked_seconds", "i8"),
        ("contacts", "i8"),
        ("face_seconds", "i8"),
        ("other_seconds", "i8"),  # travel and records
        ("dna_seconds", "i8"),
    ],
    align=True,
)
CLINICIAN = np.dtype([("pool", "i4"), ("places", "i4"), ("seconds", "i4")], align=True)
WAITING_LIST = np.dtype([("head", "i4"), ("tail", "i4"), ("n", "i4"), ("state", "i4"), ("seen_at", "i8")], align=True)
PERSON = np.dtype(  # what happens to a person in a run
    [
        ("contact", "i4"),  # referral in contact now, else -1
        ("account", "i4"),  # first onset account, or −2 − row of LEFT, or −1
        ("first_referral", "i4"),  # first open referral, else -1
        ("entries", "u2"),  # referrals opened that were not born at a door
        ("n_open", "u1"),
    ],
    align=True,
)
NOBODY = np.array((-1, -1, -1, 0, 0), PERSON)
REFERRAL = np.dtype(
    [
        ("id0", "u4"),
        ("id1", "u4"),
        ("person", "i4"),
        ("tie", "u4"),
        ("since", "i4"),  # entered the present state
        ("next", "i4"),
        ("prev", "i4"),
        ("minutes", "u4"),  # the visit's words
        ("dna", "u4"),
        ("route", "u4"),
        ("began", "i4"),
        ("stamp", "u4"),  # counts on with every change: events that carry an older one are void
        ("state", "i2"),
        ("entry", "u2"),
        ("visit", "u2"),
        ("system", "i1"),
        ("site", "i1"),
        ("flags", "u1"),
        ("n_dna", "u1"),
        ("n_sessions", "u1"),
        ("n_planned", "u1"),
        ("n_missed", "u1"),
        ("n_slots", "u1"),
        ("n_booked", "u1"),  # sessions booked so far, kept or not
        ("sibling", "i4"),  # next open referral of the same person
        ("link", "i4"),  # the recurring contact of a stay, and back
        ("clinician", "i4"),
        ("second", "i4"),  # the other clinician of a course that two hold together, else -1
        ("course_seconds", "i4"),  # a week, of each
        ("kept_post", "i4"),  # the place a blocked person still holds
        ("opened", "i4"),
        ("home_row", "i4"),  # of a guest: their referral at home
        ("home_stamp", "u4"),
        ("kept_shift", "u2"),
        ("course_pool", "u2"),
        ("home_cell", "i2"),  # -1: no guest
        ("before", "i2"),  # the state they came from
    ],
    align=True,
)
REFERRAL_BYTES = REFERRAL.itemsize
RUNNING = np.dtype(  # a clock that runs, or is paused, for a referral
    [
        ("clock", "u2"),  # 1 + which; 0: nothing here
        ("hour", "u2"),  # 1 + hour of the week of its start; 0: it started before measuring began
        ("since", "i4"),  # the second from which its time counts; below 0, paused: -1 - seconds elapsed
    ],
    align=True,
)

IS_WAITING, IS_BUSY, IS_ASIDE, IS_ORPHAN, IS_DNA = 1, 2, 4, 8, 16
IS_ELSEWHERE = 32  # in a hospital bed that is none of the area's

EVENT = np.dtype(
    [("time", "i4"), ("what", "i4"), ("next", "i4"), ("stamp", "u4"), ("kind", "u1"), ("extra", "u1")], align=True
)
EVENT_BYTES = EVENT.itemsize
(
    E_END,
    E_RELEASE,
    E_SESSION,
    E_ROSTER,
    E_ARRIVAL,
    E_ONSET,
    E_DUE,
    E_GROUP,
    E_PATIENCE,
    E_ESCALATE,
    E_FLUSH,
    E_LIFE,
) = range(12)
PHASE_OF = np.array([0, 0, 0, 1, 2, 2, 2, 2, 4, 5, 0, 6], dtype=np.int64)

CELL = np.dtype(
    [
        ("arrivals", "i8"),
        ("began", "i8"),
        ("completed", "i8"),
        ("waited", "i8"),
        ("left", "i8"),
        ("full", "i8"),
        ("closed", "i8"),
        ("dna", "i8"),
        ("missed", "i8"),
        ("due", "i8"),
        ("within", "i8"),
        ("wait_seconds", "i8"),
        ("queue_seconds", "i8"),
        ("queued", "i8"),
        ("stay_seconds", "i8"),
        ("n_waiting", "i8"),
        ("n_present", "i8"),
        ("waiting_seconds", "i8"),
        ("present_seconds", "i8"),
        ("last_waiting", "i4"),
        ("last_present", "i4"),
    ],
    align=True,
)
CLOCK_CELL = np.dtype(
    [("started", "i8"), ("stopped", "i8"), ("within", "i8"), ("seconds", "i8"), ("lost", "i8")], align=True
)
ACCOUNT = np.dtype(  # which onset a person comes to next at one door
    [
        ("since", "i4"),  # second of the last
        ("next", "i4"),  # the same person's next account, by door; behind the last −2 − row of LEFT, or −1
        ("k", "u2"),
        ("door", "u1"),
    ],
    align=True,
)
LEFT = np.dtype(  # a risk group that a person was in
    [
        ("until", "i4"),
        ("next", "i4"),  # the group they left before, −1: none
        ("group", "u2"),
        ("family", "u1"),
    ],
    align=True,
)
LIFE_FACTOR = np.dtype([("attribute", "i4"), ("stride", "i4"), ("cuts", "f8", (3,))], align=True)
LIFE_ACCOUNT = np.dtype([("used", "u4"), ("since", "i4"), ("k", "u2"), ("stamp", "u2")])
LIFE_PERSON = np.dtype([("person", "i4"), ("treated_until", "i4")])
LATER = np.dtype(  # `born`: second of the run, mostly before it
    [("born", "i8"), ("id1", "u4"), ("mother", "i4"), ("since", "i4")], align=True
)
LIFE_TIME = np.dtype([("seconds", "i8"), ("n", "i4"), ("last", "i4")])
TURN = np.dtype([("door", "i4"), ("tag", "u4"), ("threshold", "i8"), ("harmed", "i8")], align=True)
LOG = np.dtype(
    [
        ("time", "i4"),
        ("id0", "u4"),
        ("id1", "u4"),
        ("entry", "u2"),
        ("visit", "u2"),
        ("state", "i2"),
        ("kind", "i2"),
    ]
)
EXCHANGE = np.dtype(
    [
        ("time", "i4"),
        ("urgency", "i4"),
        ("tie", "u4"),
        ("id0", "u4"),
        ("id1", "u4"),
        ("entry", "i4"),
        ("kind", "i4"),
        ("state", "i4"),  # where a bed is wanted
        ("cell", "i4"),  # the other cell
        ("keep_free", "i4"),  # percent of its beds that a host does not give to guests
        ("row", "i4"),  # of the referral at home
        ("stamp", "u4"),
    ],
    align=True,
)
ASKS, IS_OVER = range(2)
TOLD = np.dtype(
    [
        ("second", "i4"),
        ("kind", "i4"),
        ("state", "i4"),
        ("id0", "u4"),
        ("id1", "u4"),
        ("entry", "i4"),
        ("cell", "i4"),  # the other cell
        ("row", "i4"),  # of the referral at home
        ("stamp", "u4"),
        ("to", "i4"),  # the cell that is told
    ],
    align=True,
)
TAKES_IN, IS_TAKEN, IS_BACK = range(3)
# words of the board by which threads share out cells, each on a line of its own
NEXT, N_READY, IS_OPEN, UNTIL, LAST, MET, N_TOLD = 0, 8, 16, 24, 25, 26, 27
N_BOARD = 32
OVER, WAITS = range(2)
L_JOINED, L_BEGAN, L_ENDED, L_LEFT, L_FULL, L_CLOSED, L_DNA, L_MISSED, L_SESSION, L_GONE = range(10)


N_SYSTEMS, N_SITES, N_RESIDENTS, EXCLUSIVE, SLOTS, WEEK_SECOND, N_AT_START = range(7)


(
    T,
    STEP,
    STEP_FACTOR,
    STEP_SHIFT,
    BUCKET,
    MEASURE_FROM,
    SEED,
    REPLICATION,
    FREE_REFERRAL,
    N_FREE_REFERRAL,
    FREE_EVENT,
    N_FREE_EVENT,
    HEAP,
    N_JOINING,
    N_NEWLY,
    N_TOUCHED,
    N_RULED,
    N_LOG,
    LOGGING,
    HASH,
    N_EVENTS,
    N_ACCOUNTS,
    SERIES_EVERY,
    RESUME_AT,
    MATCH_NO,
    HORIZON,
    N_CONTACTS,
    N_WAITED,
    WEEK_OFFSET,
    HOURLY,
    FAULT,
    EXCHANGING,
    N_OUTBOX,
    LIVES,
    N_LIFE_ACCOUNTS,
    N_LATER,
    N_LEFT,
    N_SCALARS,
) = range(38)

DONE, GROW, RULE, LOG_FULL = range(4)
