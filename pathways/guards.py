"""Guards: small conditions on a person, such as `age >= 65 and psychosis and visits < 3`.  No code is run.

    condition := both { "or" both }          both := one { "and" one }
    one       := "not" one | "(" condition ")" | value [ comparison value ]
    value     := name | number [unit]        comparison := < <= > >= == !=

A name that stands alone means that it is not 0.  A number with a unit of time is in seconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pathways.durations import SECONDS_PER_UNIT
from pathways.errors import InputError, nearest, one_of

CONDITIONS = (
    "diabetes", "copd", "stroke", "chd", "heart_failure", "asthma", "cancer", "dementia", "frailty",
    "depression", "anxiety", "psychosis", "bipolar", "personality_disorder", "eating_disorder", "perinatal",
    "child_emotional", "child_behavioural", "adhd", "autism", "substance_misuse", "self_harm", "learning_disability",
)  # fmt: skip
"""Names of the bits of a person's conditions, bit 0 first."""

PAST_USES = ("crisis", "liaison", "talking_therapies", "inpatient", "self_harm")
"""Names of the bits of `past_use`, bit 0 first."""

COLUMNS = (
    "age", "sex", "ethnicity", "phq9", "gad7", "severity", "past_use", "n_open", "n_ltc", "n_mental",
    "deprivation", "system", "site", "visits", "waited", "dna", "sessions", "in_bed",
)  # fmt: skip

VOCABULARY = frozenset(COLUMNS) | frozenset(CONDITIONS)

COMPARISONS = {"<": "LT", "<=": "LE", ">": "GT", ">=": "GE", "==": "EQ", "!=": "NE"}
_SYMBOLS = {op: sign for sign, op in COMPARISONS.items()}
_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d*)?|\.\d+)|([A-Za-z_][A-Za-z0-9_]*)|(<=|>=|==|!=|<|>|\(|\)|-)|(.))")
DEEPEST = 32
"""Values the stack machine can hold."""


@dataclass(frozen=True)
class Expr:
    """A condition as the steps of a stack machine.

    Steps: LOAD name, CONST number; LT LE GT GE EQ NE take two values and leave 1 or 0; AND, OR take two
    truths; NOT one.  A value is true when it is not 0.
    """

    steps: tuple[tuple[str, str | float | None], ...]

    def postfix(self) -> list[tuple[str, str | float | None]]:
        """Return the steps in order: (operation, operand)."""
        return list(self.steps)

    def names(self) -> tuple[str, ...]:
        """Return the names the condition asks for, in order of first use."""
        return tuple(dict.fromkeys(str(operand) for op, operand in self.steps if op == "LOAD"))

    def both(self, other: Expr) -> Expr:
        """Return the condition that this and the other hold."""
        return Expr((*self.steps, *other.steps, ("AND", None)))

    def holds(self, values: Mapping[str, float]) -> bool:
        """Evaluate the condition on named numbers."""
        stack: list[float] = []
        for op, operand in self.steps:
            match op:
                case "LOAD":
                    stack.append(float(values[str(operand)]))
                case "CONST":
                    stack.append(float(operand or 0))
                case "NOT":
                    stack.append(float(not stack.pop()))
                case _:
                    right, left = stack.pop(), stack.pop()
                    stack.append(float(_OPERATIONS[op](left, right)))
        return bool(stack[0])

    def __str__(self) -> str:
        stack: list[str] = []
        for op, operand in self.steps:
            match op:
                case "LOAD":
                    stack.append(str(operand))
                case "CONST":
                    stack.append(f"{operand:.17g}")
                case "NOT":
                    stack.append(f"not ({stack.pop()})")
                case "AND" | "OR":
                    right, left = stack.pop(), stack.pop()
                    stack.append(f"({left}) {op.lower()} ({right})")
                case _:
                    right, left = stack.pop(), stack.pop()
                    stack.append(f"{left} {_SYMBOLS[op]} {right}")
        return stack[0]


_OPERATIONS = {
    "LT": lambda a, b: a < b,
    "LE": lambda a, b: a <= b,
    "GT": lambda a, b: a > b,
    "GE": lambda a, b: a >= b,
    "EQ": lambda a, b: a == b,
    "NE": lambda a, b: a != b,
    "AND": lambda a, b: bool(a) and bool(b),
    "OR": lambda a, b: bool(a) or bool(b),
}


def parse(text: object, vocabulary: Iterable[str] = VOCABULARY, *, file: object = None, key: str = "if") -> Expr:
    """Read a condition; names outside `vocabulary` are refused with the nearest right word."""
    if not isinstance(text, str) or not text.strip():
        raise InputError(file=file, key=key, value=text, expected='a condition such as "age >= 65 and psychosis"')
    return _Parser(text, frozenset(vocabulary), file, key).whole()


class _Parser:
    """Recursive descent over the tokens of one condition."""

    def __init__(self, text: str, vocabulary: frozenset[str], file: object, key: str) -> None:
        self.text, self.vocabulary, self.file, self.key = text, vocabulary, file, key
        self.tokens = [found[0].strip() for found in _TOKEN.finditer(text) if found[0].strip()]
        self.steps: list[tuple[str, str | float | None]] = []

    def whole(self) -> Expr:
        self.condition(0)
        if self.tokens:
            raise self.refusal(f"the condition to end before {self.tokens[0]!r} (join parts by and, or)")
        depth = deepest = 0
        for op, _ in self.steps:
            depth += {"LOAD": 1, "CONST": 1, "NOT": 0}.get(op, -1)
            deepest = max(deepest, depth)
        if deepest > DEEPEST:
            raise self.refusal(f"a condition nested less deeply (at most {DEEPEST} values at once)")
        return Expr(tuple(self.steps))

    def refusal(self, expected: str, suggestion: str | None = None) -> InputError:
        return InputError(file=self.file, key=self.key, value=self.text, expected=expected, suggestion=suggestion)

    def next_is(self, *words: str) -> bool:
        return bool(self.tokens) and self.tokens[0] in words

    def condition(self, level: int) -> None:
        self.both(level)
        while self.next_is("or"):
            self.tokens.pop(0)
            self.both(level)
            self.steps.append(("OR", None))

    def both(self, level: int) -> None:
        self.one(level)
        while self.next_is("and"):
            self.tokens.pop(0)
            self.one(level)
            self.steps.append(("AND", None))

    def one(self, level: int) -> None:
        if level > DEEPEST:
            raise self.refusal("fewer brackets")
        if self.next_is("not"):
            self.tokens.pop(0)
            self.one(level + 1)
            self.steps.append(("NOT", None))
        elif self.next_is("("):
            self.tokens.pop(0)
            self.condition(level + 1)
            if not self.next_is(")"):
                raise self.refusal("a closing bracket )")
            self.tokens.pop(0)
        else:
            self.value()
            if self.next_is(*COMPARISONS):
                op = COMPARISONS[self.tokens.pop(0)]
                self.value()
                self.steps.append((op, None))
                if self.next_is(*COMPARISONS):
                    raise self.refusal("one comparison at a time (write a < b and b < c)")

    def value(self) -> None:
        if not self.tokens:
            raise self.refusal("a name or a number at the end")
        token = self.tokens.pop(0)
        negative = token == "-"
        if negative and self.tokens:
            token = self.tokens.pop(0)
        if token[0].isdigit() or token[0] == ".":
            number = float(token) * (-1.0 if negative else 1.0)
            if self.tokens and re.fullmatch(r"[A-Za-z]+", self.tokens[0]) and not self.next_is("and", "or"):
                unit = self.tokens.pop(0)
                if unit not in SECONDS_PER_UNIT:
                    raise self.refusal(f"a unit of time after {token}", nearest(unit, SECONDS_PER_UNIT))
                number *= SECONDS_PER_UNIT[unit]
            self.steps.append(("CONST", number))
        elif re.fullmatch(r"[A-Za-z_]\w*", token) and token not in ("and", "or", "not") and not negative:
            if token not in self.vocabulary:
                raise self.refusal(
                    f"a name that is known in place of {token!r}: {one_of(sorted(self.vocabulary))}",
                    nearest(token, self.vocabulary),
                )
            self.steps.append(("LOAD", token))
        else:
            raise self.refusal(f"a name or a number in place of {token!r}")
