"""The page of a risk analysis: how large the gap may be, what to ask first, the register, what could be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from experiments.reports import blocks, words
from experiments.reports.page import rendered
from experiments.risk import charts

MILLION = 1e-6
OUTCOMES = {
    "gap_posts": ("The gap in posts", "posts (WTE)", 1.0),
    "gap_pounds": ("The gap in pounds", "million pounds a year", MILLION),
}
LUCK_TITLES = {
    "luck_of_demand": "luck of a year and what the surrogate misses: posts needed",
    "luck_of_staff": "luck of a year and what the surrogate misses: staff",
}
OF = "Posts and staff are whole-time equivalents (WTE) in 2020/21."


def html(document: Mapping[str, Any]) -> str:
    """Return the page."""
    sections = [_answer(document), _questions(document), _mitigations(document), _register(document), _method(document)]
    return rendered(
        sections, title=f"Risk: {document['place']}", kind="Risk in posts and in pounds, 2020/21",
        heading=document["place"], scenario=document["said"], numbers_in="risk.xlsx",
    )  # fmt: skip


def level_of(document: Mapping[str, Any], outcome: str, level: str, place: str | None = None) -> Mapping[str, Any]:
    """Return a percentile's row."""
    place = place or document["place"]
    return next(
        row for row in document["percentiles"]
        if (row["outcome"], row["place"], row["level"]) == (outcome, place, level)
    )  # fmt: skip


def headline(document: Mapping[str, Any]) -> str:
    """Return the answer in a sentence or two."""
    posts = {level: level_of(document, "gap_posts", level)["value"] for level in ("P50", "P80", "P95")}
    pounds = {level: level_of(document, "gap_pounds", level)["value"] * MILLION for level in ("P50", "P80", "P95")}
    return (
        f"In 2020/21 posts needed exceed staff in post by {words.count(posts['P50'])} WTE in the middle case (P50); by "
        f"at most {words.count(posts['P80'])} in 80 of 100 cases (P80), {words.count(posts['P95'])} in 95. Closing the "
        f"gap costs £{pounds['P50']:,.1f} million a year at P50, £{pounds['P80']:,.1f} million at P80, "
        f"£{pounds['P95']:,.1f} million at P95."
    )


def _answer(document: Mapping[str, Any]) -> blocks.Section:
    rows = []
    for place in dict.fromkeys(row["place"] for row in document["percentiles"]):
        for outcome, (title, _, scale) in OUTCOMES.items():
            digits = 2 if scale == MILLION else 0
            values = [level_of(document, outcome, level, place) for level in ("P50", "P80", "P95")]
            rows.append(
                (place, title + (", £ million a year" if scale == MILLION else ""),
                 *(_with_band(row, scale, digits) for row in values))
            )  # fmt: skip
    table = blocks.Table(
        "The gap by place", ("place", "what", "P50", "P80", "P95"), rows, words=("place", "what"),
        note="In brackets what the surrogates leave open (95 %). Percentiles of places do not add up: not all are bad "
        "at once.",
    )  # fmt: skip
    return blocks.Section(
        "answer", "How large the gap may be",
        [blocks.Words(headline(document), "answer"), blocks.Words(OF, "note"),
         blocks.Group("The probability of a gap larger than so much", _curves(document)), table],
    )  # fmt: skip


def _with_band(row: Mapping[str, Any], scale: float, digits: int) -> str:
    value, low, high = (words.number(row[key] * scale, digits) for key in ("value", "low", "high"))
    return f"{value} ({low} to {high})"


def _curves(document: Mapping[str, Any]) -> list[blocks.Figure]:
    found = []
    for outcome, (title, unit, scale) in OUTCOMES.items():
        curve = [row for row in document["curves"] if row["outcome"] == outcome]
        levels = [level_of(document, outcome, level) for level in ("P50", "P80", "P95")]
        drawing = charts.exceedance(curve, levels, f"{title.lower()}, {unit}", scale, f"{title}: exceedance curve")
        table = blocks.Table(
            title, ("larger than", "probability"),
            [(words.number(row["value"] * scale, 1), words.percent(row["exceeded"])) for row in curve[::5]],
        )  # fmt: skip
        found.append(blocks.Figure(title, drawing, table))
    return found


def _questions(document: Mapping[str, Any]) -> blocks.Section:
    columns = (
        "", "question", "total index", "share of variance known", "posts narrower", "£ million narrower",
        "worth to a plan, £1,000", "rank by share known",
    )  # fmt: skip
    rows = [
        (str(row["rank"]), row["question"], f"{row['total_index']:.2f} ± {row['total_half_width']:.2f}",
         words.percent(row["share_of_variance"]), words.number(row["posts_narrower"], 1),
         words.number(row["pounds_narrower"] * MILLION, 2), words.count(row["evppi_pounds"] / 1000),
         str(row["rank_by_value"]))
        for row in document["questions"]
    ]  # fmt: skip
    together, decision = document["questions_together"], document["decision"]
    note = (
        "Total index: share of the variance of the gap in posts that the input causes, alone and with others, inputs "
        "drawn independently (Sobol), with its error at 95 %, the surrogate's included. Known: what goes of the "
        "variance when the answer is known, and with it more of what goes together with it. Narrower: by how much the "
        "standard deviation then falls. Worth to a plan: what knowing saves on average a year when posts are planned "
        f"at least cost, a post too few costing £{decision['too_few_pounds']:,.0f} and one too many "
        f"£{decision['too_many_pounds']:,.0f} a year."
    )
    said = (
        f"With all {len(rows)} answers known the standard deviation of the gap falls from "
        f"{words.count(together['spread_posts'])} to {words.count(together['spread_posts_known'])} posts, and from "
        f"£{together['spread_pounds'] * MILLION:,.1f} to £{together['spread_pounds_known'] * MILLION:,.1f} million."
    )
    return blocks.Section(
        "questions", "The top five questions",
        [blocks.Table("", columns, rows, words=("question",), note=note), blocks.Words(said), *_tornados(document)],
    )  # fmt: skip


def titles(document: Mapping[str, Any]) -> dict[str, str]:
    """Return what each input is called, luck included."""
    return {**{row["input"]: row["title"] for row in document["inputs"]}, **LUCK_TITLES}


def _tornados(document: Mapping[str, Any]) -> list[blocks.Block]:
    found: list[blocks.Block] = []
    named = titles(document)
    for outcome, (title, unit, scale) in OUTCOMES.items():
        rows = [row for row in document["tornado"] if row["outcome"] == outcome][:15]
        table = blocks.Table(
            title, ("input", "low", "high", "gap if low", "gap if high"),
            [(named[row["input"]], f"{row['low']:.3g}", f"{row['high']:.3g}",
              words.number(row["gap_if_low"] * scale, 2), words.number(row["gap_if_high"] * scale, 2))
             for row in rows],
            words=("input",),
        )  # fmt: skip
        drawing = charts.tornado(rows, named, unit, scale, f"{title}: tornado")
        found.append(blocks.Figure(f"{title}: what each input does alone, all others at their medians", drawing, table))
    return found


def _register(document: Mapping[str, Any]) -> blocks.Section:
    rows = document["register"]
    columns = (
        "", "risk", "cause", "effect", "owner", "OD action", "decision body", "due", "likelihood", "impact", "rating",
        "scored by",
    )  # fmt: skip
    table = blocks.Table(
        "The register", columns,
        [(str(i + 1), row["risk"], row["cause"], row["effect"], row["owner"], row["od_action"], row["decision_body"],
          str(row["due_date"]), str(row["likelihood"]), str(row["impact"]), row["rating"], _scored(row))
         for i, row in enumerate(rows)],
        words=(*columns[1:8], "rating", "scored by"),
        note="Scores by the model: likelihood from how often the driver alone, as it may vary, makes the gap larger by "
        "half a per cent of the posts needed, or of their pounds, or more; impact from how much larger it then is; the "
        "worse of the two.",
    )  # fmt: skip
    drawing = charts.heat_map(rows, "Risk register: likelihood against impact")
    count = {name: sum(row["rating"] == name for row in rows) for name in charts.RATING_COLOURS}
    small = blocks.Table("", ("rating", "risks"), [(name, str(n)) for name, n in count.items()], words=("rating",))
    return blocks.Section("register", "The risk register", [blocks.Figure("Five by five", drawing, small), table])


def _scored(row: Mapping[str, Any]) -> str:
    if row["scored_by"] == "judgement":
        return f"judgement ({row['confidence']})"
    worse = f"{words.count(row['effect_posts'])} posts" if row["by"] == "posts" else _million(row["effect_pounds"])
    return f"model: {words.percent(row['probability'])}, then {worse}"


def _million(pounds: float) -> str:
    return f"£{pounds * MILLION:,.2f} million"


def _mitigations(document: Mapping[str, Any]) -> blocks.Section:
    columns = (
        "mitigation", "kind", "changes", "posts of the gap closed", "95 % of sets", "pounds of the gap, £1,000 a year",
        "costs, £1,000 a year", "posts for £100,000 a year", "P80 after", "source",
    )  # fmt: skip
    rows = [
        (row["title"], row["kind"], row["changes"],
         f"{words.number(row['posts_closed'], 1)} ± {words.number(row['half_width'], 1)}"
         + (", may be chance" if row["may_be_chance"] else ""),
         words.between(row["posts_low"], row["posts_high"]),
         words.count(row["pounds_saved"] / 1000), words.count(row["cost_pounds"] / 1000),
         _value(row),
         words.count(row["p80_after"]), row["source"])
        for row in document["mitigations"]
    ]  # fmt: skip
    note = (
        "Each is simulated at the same points with the same luck, with and without; ± is the error of the mean, the "
        "next column what it closes in 95 % of the joint sets. Costs are beyond the posts themselves: what training "
        "and schemes cost, and what the table adds."
    )
    return blocks.Section(
        "mitigations", "What could be done, best value first",
        [blocks.Table("", columns, rows, words=("mitigation", "kind", "changes", "source"), note=note)],
    )  # fmt: skip


def _value(row: Mapping[str, Any]) -> str:
    free = row["posts_for_100k"] is None and row["posts_closed"] > 0
    return "costs nothing" if free else words.number(row["posts_for_100k"], 2)


def _method(document: Mapping[str, Any]) -> blocks.Section:
    points = document["points"]
    said = (
        f"{points['demand']} simulated points of what is needed and {points['staff']} of staff, spread over all inputs "
        f"at once, were turned into polynomials; {document['sets']:,} joint sets of the inputs, correlated as the "
        "table says, were read off them, each with the luck of a year and the surrogate's own error drawn anew."
    )
    return blocks.Section(
        "method", "Where the numbers come from",
        [blocks.Words(said), _inputs(document), _together(document), _surrogates(document), _agreement(document),
         _indices(document)],
    )  # fmt: skip


def _inputs(document: Mapping[str, Any]) -> blocks.Table:
    columns = ("input", "part", "drives", "law", "95 % between", "source", "how sure")
    rows = [
        (row["title"], row["part"], row["drives"], row["law"], words.between(row["low"], row["high"], 2), row["source"],
         row["confidence"])
        for row in document["inputs"]
    ]  # fmt: skip
    return blocks.Table("Uncertain inputs", columns, rows, words=(*columns[:4], *columns[5:]))


def _together(document: Mapping[str, Any]) -> blocks.Table:
    named = titles(document)
    rows = [
        (named[row["one"]], named[row["other"]], f"{row['rank']:+.2f}", row["source"])
        for row in document["correlations"]
    ]
    columns = ("input", "goes with", "rank correlation", "source")
    return blocks.Table("What goes together", columns, rows, words=("input", "goes with", "source"))


def _surrogates(document: Mapping[str, Any]) -> blocks.Table:
    columns = ("what", "points", "terms", "mean", "spread", "explained", "error", "of it luck", "of it the surrogate's")
    rows = [
        (words.titled(row["measure"]), str(row["points"]), str(row["terms"]), words.number(row["mean"]),
         words.number(row["spread"]), words.percent(max(row["q2"], 0.0)), words.number(row["error"]),
         words.number(row["luck"]), words.number(row["own_error"]))
        for row in document["surrogates"]
    ]  # fmt: skip
    note = "Error: root mean square at points left out. It is part of every interval on this page."
    return blocks.Table("How good the surrogates are", columns, rows, words=("what",), note=note)


def _agreement(document: Mapping[str, Any]) -> blocks.Table:
    rows = [
        (OUTCOMES[row["outcome"]][0], row["ways"].replace(" ~ ", " and "), f"{row['rank_correlation']:.2f}")
        for row in document["agreement"]
    ]
    columns = ("outcome", "two ways to rank the inputs", "rank correlation")
    return blocks.Table("Do the rankings agree?", columns, rows, words=columns[:2])


def _indices(document: Mapping[str, Any]) -> blocks.Table:
    named = titles(document)
    rows = [
        (OUTCOMES[row["outcome"]][0], named[row["input"]], f"{row['first']:.3f} ± {row['first_half_width']:.3f}",
         f"{row['total']:.3f} ± {row['total_half_width']:.3f}")
        for row in sorted(document["sensitivity"], key=lambda row: (row["outcome"], -row["total"]))
    ]  # fmt: skip
    columns: Sequence[str] = ("outcome", "input", "first-order index", "total index")
    return blocks.Table("Sobol indices, inputs independent", columns, rows, words=columns[:2], folded=True)
