"""Words that several threads read and write at once: taking a turn, and saying that something is done.

Each is one instruction of the processor (C11 atomics); what a thread wrote before it is there for whoever reads it.
"""

from numba.core import cgutils, types
from numba.extending import intrinsic
from numba.np import arrayobj


def _at(context, builder, array_type, board, index):  # type: ignore[no-untyped-def]
    array = arrayobj.make_array(array_type)(context, builder, board)
    return cgutils.gep_inbounds(builder, array.data, index)


def _is_board(board) -> bool:  # type: ignore[no-untyped-def]
    return isinstance(board, types.Array) and board.dtype == types.int64


@intrinsic
def add(typingctx, board, at, by):  # type: ignore[no-untyped-def]
    """Add to `board[at]` and return what stood there before; nobody else comes between (board: int64[word])."""
    if not _is_board(board):
        return None

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        pointer = _at(context, builder, signature.args[0], args[0], args[1])
        return builder.atomic_rmw("add", pointer, args[2], "seq_cst")

    return types.int64(board, types.int64, types.int64), codegen


@intrinsic
def look(typingctx, board, at):  # type: ignore[no-untyped-def]
    """Return `board[at]` as it is now."""
    if not _is_board(board):
        return None

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return builder.load_atomic(_at(context, builder, signature.args[0], args[0], args[1]), "acquire", 8)

    return types.int64(board, types.int64), codegen


@intrinsic
def put(typingctx, board, at, value):  # type: ignore[no-untyped-def]
    """Write `board[at]`, once all that was written before is there to be read."""
    if not _is_board(board):
        return None

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        pointer = _at(context, builder, signature.args[0], args[0], args[1])
        builder.store_atomic(args[2], pointer, "release", 8)
        return context.get_dummy_value()

    return types.void(board, types.int64, types.int64), codegen
