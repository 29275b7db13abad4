"""The one door to numba: compile lazily, cache on disk, never reuse code of other sources.

numba's cache does not notice a change in an *imported* kernel, so the cache folder is named after a hash of
every kernel source.  Several processes may start at once: numba writes its files atomically.
"""

import hashlib
import os
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


def sources_digest() -> str:
    """Return the SHA-256 of all kernel sources (it enters every run's identity)."""
    digest = hashlib.sha256()
    for path in sorted(HERE.glob("*.py")):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def cache_folder() -> Path:
    """Return the folder of compiled kernels for exactly these sources."""
    base = os.environ.get("PARITY_CACHE") or os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "parity" / f"kernels-{sources_digest()[:16]}"


os.environ["NUMBA_CACHE_DIR"] = str(cache_folder())

import numba  # noqa: E402  (the cache folder must be known before numba reads its settings)
import numba.extending  # noqa: E402
from llvmlite import ir  # noqa: E402

numba.config.CACHE_DIR = str(cache_folder())


def njit(function: Any) -> Any:
    """Compile `function` lazily without the GIL, cached on disk, never with fastmath."""
    return numba.njit(cache=True, nogil=True, error_model="numpy")(function)


def kernel(function: Any) -> Any:
    """Compile a kernel that owns no memory: no allocation, and so no counting of references."""
    return numba.njit(cache=True, nogil=True, error_model="numpy", _nrt=False)(function)


def leaf(function: Any) -> Any:
    """Compile a small kernel that is copied into its callers, so that what they know of the tables is not reloaded."""
    return numba.njit(cache=True, nogil=True, error_model="numpy", _nrt=False, forceinline=True)(function)


@numba.extending.intrinsic
def leading_zeros(typingctx, word):  # type: ignore[no-untyped-def]
    """Return how many leading zeros a 64-bit word has (64 for zero): one instruction in place of a loop."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return builder.ctlz(args[0], ir.IntType(1)(0))

    return numba.int64(numba.int64), codegen
