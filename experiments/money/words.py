"""How pounds are written: whole, in thousands or millions, with sign and interval; payers and kinds by name."""

from __future__ import annotations

import math

PAYERS = {
    "ccg": "clinical commissioning groups", "specialised_commissioning": "specialised commissioning",
    "local_authority": "local authorities", "acute_trust": "acute trusts", "police": "police",
    "voluntary_sector": "voluntary sector",
}  # fmt: skip
KINDS = {
    "cash_releasing": "cash-releasing", "capacity_releasing": "capacity-releasing", "avoided": "avoided",
}  # fmt: skip
MILLION = 1_000_000


def payer(name: str) -> str:
    """Return a payer in words."""
    return PAYERS.get(name, name.replace("_", " "))


def pounds(value: float | None) -> str:
    """Return whole pounds: £1,234,567."""
    if value is None or not math.isfinite(value):
        return "–"
    return ("−" if round(value) < 0 else "") + f"£{abs(round(value)):,}"


def signed(value: float | None) -> str:
    """Return whole pounds with their sign."""
    text = pounds(value)
    return f"+{text}" if value is not None and math.isfinite(value) and round(value) > 0 else text


def short(value: float | None) -> str:
    """Return pounds as a reader says them: £1.2m, £340k, £95."""
    if value is None or not math.isfinite(value):
        return "–"
    size, sign = abs(value), "−" if value < 0 else ""
    if size >= MILLION / 2:
        return f"{sign}£{size / MILLION:,.1f}m"
    return f"{sign}£{size / 1000:,.0f}k" if size >= 1000 else f"{sign}£{size:,.0f}"


def within(value: float | None, half_width: float | None) -> str:
    """Return pounds with their half-width, if there is one."""
    return pounds(value) + ("" if half_width is None else f" ± {pounds(half_width)}")
