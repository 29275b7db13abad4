"""Reading and changing what is known of a person, by code: for guards, odds and hazards."""

import numpy as np

from kernels.jit import kernel

CONDITIONS = (
    "diabetes copd stroke chd heart_failure asthma cancer dementia frailty depression anxiety psychosis bipolar"
    " personality_disorder eating_disorder perinatal child_emotional child_behavioural adhd autism substance_misuse"
    " self_harm learning_disability"
).split()
PAST_USE = ("crisis", "liaison", "talking_therapies", "inpatient", "self_harm")
N_PHYSICAL = 9
N_MENTAL = 13  # the bits after them; learning disability is neither

NAMES: dict[str, int] = {
    "age": 0,
    "sex": 1,
    "ethnicity": 2,
    "phq9": 3,
    "gad7": 4,
    "severity": 5,
    "past_use": 6,
    "deprivation": 7,
    "system": 8,
    "site": 9,
    "n_ltc": 10,
    "n_mental": 11,
    "visits": 12,
    "waited": 13,
    "dna": 14,
    "sessions": 15,
    "in_bed": 16,
}
FIRST_CONDITION = 20
NAMES |= {name: FIRST_CONDITION + i for i, name in enumerate(CONDITIONS)}
FIRST_USE = 50
NAMES |= {f"past_{name}": FIRST_USE + i for i, name in enumerate(PAST_USE)}
FIRST_TRAIT = 64
LAST_ALONE = 11  # codes up to here, conditions and uses need no referral


@kernel
def bits(word):
    """Return the number of set bits."""
    n = 0
    while word != 0:
        word &= word - 1
        n += 1
    return n


@kernel
def of_person(m, p, code):
    """Return one attribute of a person as a float."""
    if code >= FIRST_TRAIT:
        return m.traits[p, code - FIRST_TRAIT]
    if code >= FIRST_USE:
        return float((m.past_use[p] >> np.uint8(code - FIRST_USE)) & np.uint8(1))
    if code >= FIRST_CONDITION:
        return float((m.conditions[p] >> np.uint32(code - FIRST_CONDITION)) & np.uint32(1))
    if code == 0:
        return float(m.age[p])
    if code == 1:
        return float(m.sex[p])
    if code == 2:
        return float(m.ethnicity[p])
    if code == 3:
        return float(m.phq9[p])
    if code == 4:
        return float(m.gad7[p])
    if code == 5:
        return float(m.severity[p])
    if code == 6:
        return float(m.past_use[p])
    if code == 7:
        return float(m.area_decile[m.area[p]])
    if code == 8:
        return float(m.area_system[m.area[p]])
    if code == 10:
        return float(bits(np.int64(m.conditions[p]) & 0x1FF))
    return float(bits((np.int64(m.conditions[p]) >> 9) & 0x1FFF))


@kernel
def change_score(m, p, column, to):
    """Set phq9 (3), gad7 (4) or severity (5) of a person, kept within its range."""
    if column == 3:
        m.phq9[p] = np.uint8(min(max(to, 0), 27))
    elif column == 4:
        m.gad7[p] = np.uint8(min(max(to, 0), 21))
    else:
        m.severity[p] = np.uint8(min(max(to, 0), 3))


@kernel
def risk_group(m, p, f):
    """Return the risk group of family `f` that a person's columns put them in."""
    family = m.family[f]
    code = np.int64(0)
    for i in range(family.factors[0], family.factors[1]):
        value = of_person(m, p, m.factor_column[i])
        level = 0
        while value >= m.factor_cuts[i, level]:
            level += 1
        code += level * m.factor_stride[i]
    return m.compact[family.compact + code]
