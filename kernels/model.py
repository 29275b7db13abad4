"""All tables of a run behind one pointer.

Passing a hundred arrays from kernel to kernel costs more than the work they do (numba copies every array's header and
counts references at each call).  So the headers are laid side by side once, and kernels get the address: `m.referral`
is a load.  The Python object keeps the arrays alive; kernels never own, grow or free one.
"""

from __future__ import annotations

import operator

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.core.imputils import impl_ret_borrowed, lower_builtin
from numba.core.typing.templates import AttributeTemplate
from numba.core.typing.typeof import typeof
from numba.extending import infer_getattr, intrinsic, lower_getattr_generic, models, register_model
from numba.np import arrayobj

from kernels import columns as c

_TABLES: tuple[tuple[str, np.dtype | type, int], ...] = (
    # what can happen (static)
    ("state", c.STATE, 1),
    ("route", c.ROUTE, 1),
    ("odds", c.ODDS, 1),
    ("route_group", c.ROUTE_GROUP, 1),
    ("guard_code", c.CODE, 1),
    ("alternative", c.ALTERNATIVE, 1),
    ("need", c.NEED, 1),
    ("pool_of", np.int32, 2),  # [key, place]
    ("clock", c.CLOCK, 1),
    ("clock_op", c.CLOCK_OP, 1),
    ("change", c.CHANGE, 1),
    ("phase", c.PHASE, 1),
    ("opening", c.OPENING, 1),
    ("escalation", np.int32, 1),  # seconds
    ("table", np.int64, 2),  # [law, 32*64+1] duration tables
    ("counts", np.int64, 2),  # [count law, 256] thresholds
    ("normal", np.int64, 1),  # standard normal table, 2**-16
    ("toggle", c.TOGGLE, 1),  # of a week, in order of second
    ("lists_of_pool", np.int32, 1),
    ("list_pools", np.int32, 2),  # [list, pool] −1 padded
    ("hours", np.int8, 2),  # [pool, 168] 1: courses are held in this hour of the week
    ("sizes", np.int64, 1),  # N_SYSTEMS …
    # people
    ("area", np.uint16, 1),
    ("ordinal", np.uint16, 1),
    ("age", np.uint8, 1),
    ("sex", np.uint8, 1),
    ("ethnicity", np.uint8, 1),
    ("conditions", np.uint32, 1),
    ("phq9", np.uint8, 1),
    ("gad7", np.uint8, 1),
    ("severity", np.uint8, 1),
    ("past_use", np.uint8, 1),
    ("risk", np.uint16, 2),  # [person, family]
    ("reached", np.uint64, 1),
    ("person", c.PERSON, 1),
    ("traits", np.float64, 2),  # [person, trait] of stand-alone streams
    ("area_code", np.uint32, 1),
    ("area_system", np.int8, 1),
    ("area_decile", np.int8, 1),
    ("catchment", np.int64, 2),  # [area, site] cumulative thresholds
    # demand
    ("door", c.DOOR, 1),
    ("family", c.FAMILY, 1),
    ("family_door", np.int32, 1),
    ("scan", c.SCAN, 1),
    ("scan_door", np.int32, 1),
    ("rate", np.uint32, 1),  # family by family [risk, door] 2**-46 a second at profile weight 1
    ("most", np.uint32, 1),  # look by look [risk] the highest word that may lead to an onset within the horizon
    ("integral", np.int64, 2),  # [profile, hour] 2**-10 s
    ("weight", np.int64, 2),  # [profile, hour] 2**-10
    ("site_factor", np.int64, 2),  # [door, site] threshold: the share of residents who come
    ("factor_column", np.int32, 1),
    ("factor_cuts", np.float64, 2),  # [factor, cut] ascending, padded with inf
    ("factor_stride", np.int64, 1),
    ("compact", np.uint16, 1),  # family by family [mixed radix] -> risk
    ("exponential", np.int64, 1),  # unit exponential table, 2**-24
    # lives (docs/lives.md; one blank row each where they are off)
    ("area_first", np.int32, 1),  # [area + 1] first row of a small area
    ("life_integral", np.int64, 2),  # [2 × process + sex, year of age] hazard summed from birth, 2**-46
    ("life_weight", np.int64, 2),  # [2 × process + sex, year of age] hazard a second, 2**-46
    ("life_reach", np.int64, 2),  # [2 × process + sex, year of age] most that the hazard sums to in the run, 2**-32
    ("life_times", np.uint32, 2),  # [life group, process] relative hazard, 2**-12
    ("life_level", np.int64, 2),  # [process, area] relative hazard, 2**-12
    ("life_factor", c.LIFE_FACTOR, 1),
    ("life_class", np.uint8, 1),  # [life group] long-term conditions (0-3) × none, untreated, treated
    ("life_share", np.int64, 3),  # [2 × process + sex, year of age, 8] cumulative thresholds: which condition
    ("life_bit", np.int64, 2),  # [process, 8] its bit, −1 none
    ("life_score", np.uint8, 3),  # [group of scores, 2, 1024] PHQ-9, GAD-7
    ("life_number", np.int64, 1),  # numbers of `kernels/lifetime.py`
    ("life_purpose", np.uint32, 1),
    ("life_keep", np.int64, 1),  # [door] threshold: who asks there comes
    ("life_turn", c.TURN, 1),  # doors at which those who wait turn up
    ("age_matters", np.uint8, 1),  # [year of age] 1: some hazard at a door changes on this birthday
    # what is happening (a checkpoint needs these)
    ("post", c.POST, 1),
    ("pool", c.POOL, 1),
    ("clinician", c.CLINICIAN, 1),
    ("waiting", c.WAITING_LIST, 1),
    ("stream", c.STREAM, 1),
    ("referral", c.REFERRAL, 1),
    ("held_post", np.int32, 2),  # [referral, slot]
    ("held_shift", np.int32, 2),
    ("visits", np.uint16, 2),  # [referral, state of the cycle it is on]
    ("running", c.RUNNING, 2),  # [referral, slot] clocks, in any order
    ("event", c.EVENT, 1),
    ("bucket", np.int32, 1),  # [step] first event; the last bucket lies beyond the end
    ("heap_key", np.int64, 1),
    ("heap_event", np.int32, 1),
    ("account_row", c.ACCOUNT, 1),  # one a person and door they came through, linked by `next`
    ("left_group", c.LEFT, 1),  # one a risk group that a person has left, linked by `next`
    ("life", np.uint8, 1),  # [person] where they are and how they are treated: bits of `kernels/lifetime.py`
    ("life_group", np.uint16, 1),  # [person] row of `life_times`
    ("life_account", np.int32, 1),  # [person] −1: nothing has changed yet
    ("life_row", c.LIFE_ACCOUNT, 2),  # [life account, process]
    ("life_person", c.LIFE_PERSON, 1),  # [life account]
    ("later", c.LATER, 1),  # [row − residents at the start] who came or was born since
    ("life_count", np.int64, 4),  # [what, system, sex, band of age] in the measured window
    ("life_sum", np.int64, 1),  # [what] since the run's first day
    ("life_time", c.LIFE_TIME, 2),  # [system, band × class] people there
    ("cell", c.CELL, 1),
    ("histogram", np.int32, 2),  # [cell, bin]
    ("clock_cell", c.CLOCK_CELL, 1),
    ("clock_histogram", np.int32, 2),
    ("clock_hour", np.int32, 3),  # [clock cell, 168, 2] started, within
    ("pool_hour", np.int64, 2),  # [pool, hour of week] busy seconds, where asked for
    ("flow", np.int64, 2),  # [route, system]
    ("reached_count", np.int64, 2),  # [pathway, system]
    ("joining", np.int32, 1),
    ("joining_to", np.int32, 1),
    ("newly", np.int32, 1),
    ("touched", np.int32, 1),
    ("candidate", np.int32, 1),
    ("ruled", np.int32, 1),
    ("series", np.int64, 3),  # [interval, cell, 3] arrivals, waiting seconds, present seconds
    ("log", c.LOG, 1),
    ("outbox", c.EXCHANGE, 1),  # what other cells are asked for and told
    ("stack", np.float64, 1),  # for guards
    ("now", np.int64, 1),
)
NAMES = tuple(name for name, _, _ in _TABLES)
OF_LIVES = tuple(name for name in NAMES if name.startswith("life") or name in ("area_first", "age_matters", "later"))
"""Tables that say nothing where lives are off."""
PERSON = c.PERSON.names or ()
SPECS = {name: (np.dtype(dtype), ndim) for name, dtype, ndim in _TABLES}


class Model:
    """The tables of one run; attributes are numpy arrays, `address` is what kernels take."""

    def __init__(self, **tables: np.ndarray) -> None:
        missing = set(NAMES) - set(tables)
        if missing:
            raise ValueError(f"tables missing: {', '.join(sorted(missing))}")
        self._headers = np.zeros(_HEADER_WORDS, dtype=np.int64)
        self.address: int = self._headers.ctypes.data
        """Where the headers lie: what kernels take"""
        self.replace(**tables)

    def replace(self, **tables: np.ndarray) -> None:
        """Put other arrays in the place of some tables; dtype, dimensions and C order are checked."""
        for name, table in tables.items():
            dtype, ndim = SPECS[name]
            if table.dtype != dtype or table.ndim != ndim or not table.flags.c_contiguous:
                raise TypeError(f"{name}: {table.dtype}[{table.ndim}] in place of C-ordered {dtype}[{ndim}]")
            setattr(self, name, table)
            at = _OFFSETS[name]
            header = [0, 0, table.size, table.itemsize, table.ctypes.data, *table.shape, *table.strides]
            self._headers[at : at + len(header)] = header

    def __getattr__(self, name: str) -> np.ndarray:
        """Return a column of `person`, such as `n_open`: a view."""
        if name in PERSON:
            return self.person[name]
        raise AttributeError(name)


_OFFSETS: dict[str, int] = {}
_HEADER_WORDS = 0
for _name, (_, _ndim) in SPECS.items():
    _OFFSETS[_name] = _HEADER_WORDS
    _HEADER_WORDS += 5 + 2 * _ndim  # as numba lays an array out: meminfo, parent, size, itemsize, data, shape, strides


class TableType(types.Array):
    """An array of the model: indexed as it stands, never from its end, which saves a comparison at every access."""


class ModelType(types.Type):
    """The type of `m` in kernels: a pointer to array headers."""

    def __init__(self) -> None:
        super().__init__(name="ParityModel")


MODEL = ModelType()
_ARRAY_TYPES = {
    name: TableType(typeof(np.zeros((1,) * ndim, dtype)).dtype, ndim, "C") for name, (dtype, ndim) in SPECS.items()
}


@register_model(ModelType)
class _PointerModel(models.PrimitiveModel):
    def __init__(self, manager: object, fe_type: types.Type) -> None:
        super().__init__(manager, fe_type, ir.IntType(8).as_pointer())


@register_model(TableType)
class _TableModel(models.ArrayModel):
    pass


def _item(context, builder, array_type, value, indices, index_types):  # type: ignore[no-untyped-def]
    """Return the pointer to one item, without looking whether an index is negative."""
    array = arrayobj.make_array(array_type)(context, builder, value)
    inds = [context.cast(builder, i, t, types.intp) for i, t in zip(indices, index_types, strict=True)]
    return array, cgutils.get_item_pointer(
        context, builder, array_type, array, inds, wraparound=False, boundscheck=context.enable_boundscheck
    )


@lower_builtin(operator.getitem, TableType, types.Integer)
def _get_one(context, builder, sig, args):  # type: ignore[no-untyped-def]
    array_type, index_type = sig.args
    if array_type.ndim > 1:  # a row, as a plain array
        return arrayobj.getitem_arraynd_intp(context, builder, sig, args)
    _, at = _item(context, builder, array_type, args[0], [args[1]], [index_type])
    return arrayobj.load_item(context, builder, array_type, at)


@lower_builtin(operator.getitem, TableType, types.BaseTuple)
def _get_several(context, builder, sig, args):  # type: ignore[no-untyped-def]
    array_type, index_type = sig.args
    if len(index_type) != array_type.ndim or not all(isinstance(t, types.Integer) for t in index_type):
        return arrayobj.getitem_array_tuple(context, builder, sig, args)
    indices = cgutils.unpack_tuple(builder, args[1], count=len(index_type))
    _, at = _item(context, builder, array_type, args[0], indices, index_type)
    return arrayobj.load_item(context, builder, array_type, at)


def _store(context, builder, sig, args, indices, index_types):  # type: ignore[no-untyped-def]
    array_type, _, value_type = sig.args
    _, at = _item(context, builder, array_type, args[0], indices, index_types)
    value = context.cast(builder, args[2], value_type, array_type.dtype)
    arrayobj.store_item(context, builder, array_type, value, at)
    return context.get_dummy_value()


@lower_builtin(operator.setitem, TableType, types.Integer, types.Any)
def _set_one(context, builder, sig, args):  # type: ignore[no-untyped-def]
    return _store(context, builder, sig, args, [args[1]], [sig.args[1]])


@lower_builtin(operator.setitem, TableType, types.BaseTuple, types.Any)
def _set_several(context, builder, sig, args):  # type: ignore[no-untyped-def]
    indices = cgutils.unpack_tuple(builder, args[1], count=len(sig.args[1]))
    return _store(context, builder, sig, args, indices, sig.args[1])


@infer_getattr
class _ModelAttributes(AttributeTemplate):
    key = ModelType

    def generic_resolve(self, typ: ModelType, attr: str) -> types.Type | None:
        return _ARRAY_TYPES.get(attr)


@lower_getattr_generic(ModelType)
def _load_table(context, builder, typ, value, attr):  # type: ignore[no-untyped-def]
    """Load an array's header.  It cannot change while a kernel runs: LLVM is told, and keeps it in registers."""
    array_type = _ARRAY_TYPES[attr]
    array = context.make_array(array_type)(context, builder)
    unchanging = builder.module.add_metadata([])

    def load(word, layout):  # type: ignore[no-untyped-def]
        at = cgutils.gep_inbounds(builder, value, 8 * (_OFFSETS[attr] + word))
        loaded = builder.load(builder.bitcast(at, layout.as_pointer()))
        loaded.set_metadata("invariant.load", unchanging)
        return loaded

    intp = context.get_value_type(types.intp)
    array.meminfo = cgutils.get_null_value(array.meminfo.type)
    array.parent = cgutils.get_null_value(array.parent.type)
    array.nitems = load(2, intp)
    array.itemsize = intp(SPECS[attr][0].itemsize)
    array.data = load(4, array.data.type)
    ndim = array_type.ndim
    array.shape = cgutils.pack_array(builder, [load(5 + i, intp) for i in range(ndim)])
    array.strides = cgutils.pack_array(builder, [load(5 + ndim + i, intp) for i in range(ndim)])
    return impl_ret_borrowed(context, builder, array_type, array._getvalue())


@intrinsic
def model_at(typingctx, address):  # type: ignore[no-untyped-def]
    """Return the model whose headers lie at an address."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return builder.inttoptr(args[0], ir.IntType(8).as_pointer())

    return MODEL(types.int64), codegen
