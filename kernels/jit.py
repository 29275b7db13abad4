"""The one door to numba: kernels are lowered part by part and made into machine code once, at the entries.

numba would make optimised machine code of every kernel together with all it calls, again and again up the tree.  So
a *part* (`kernel`, `leaf`) stops at LLVM's intermediate code, and only an *entry* (`njit`, what Python calls) is
optimised, as one whole, and kept on disk.

numba's cache does not notice a change in an *imported* kernel, so the cache folder is named after a hash of
every kernel source.  Several processes may start at once: one compiles, the others wait (`shared_cache.py`).
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
from llvmlite import ir  # noqa: E402
from llvmlite.binding import Linkage  # noqa: E402
from numba.core.codegen import JITCodeLibrary  # noqa: E402
from numba.core.compiler import Compiler  # noqa: E402
from numba.extending import intrinsic  # noqa: E402

from kernels.shared_cache import SharedCache  # noqa: E402

numba.config.CACHE_DIR = str(cache_folder())


class PartLibrary(JITCodeLibrary):
    """The intermediate code of one part; the parts it calls are linked in when an entry asks for the whole."""

    def finalize(self) -> None:
        """Leave linking and optimising to the entry."""
        self._finalize_dynamic_globals()
        self._finalized = True

    def _get_module_for_linking(self) -> Any:
        """Return one module of this part and all it calls, however deep, each once."""
        whole = self._final_module.clone()
        seen: set[Any] = {self}
        ahead = list(self._linking_libraries)
        while ahead:
            library = ahead.pop()
            if library in seen:
                continue
            seen.add(library)
            if isinstance(library, PartLibrary):
                whole.link_in(library._final_module.clone())
                ahead += library._linking_libraries
            else:  # numba's own
                whole.link_in(library._get_module_for_linking(), preserve=True)
        for function in whole.functions:
            if not function.is_declaration and function.linkage == Linkage.external:
                function.linkage = "linkonce_odr"  # as numba marks what may be dropped once it is copied
        return whole


class EntryLibrary(JITCodeLibrary):
    """An entry with all its parts, optimised once.

    numba's own library is optimised twice, to count fewer references in between: these kernels count none.
    """

    def _optimize_final_module(self) -> None:
        manager, builder = self._codegen._module_pass_manager()
        manager.run(self._final_module, builder)


class EntryCompiler(Compiler):
    """Compiles an entry."""

    def compile_extra(self, func: Any) -> Any:
        """Compile a Python function into a library that is optimised once."""
        self.state.library = EntryLibrary(self.state.targetctx.codegen(), func.__qualname__)
        self.state.library.enable_object_caching()
        return super().compile_extra(func)


class PartCompiler(Compiler):
    """Compiles a part as far as intermediate code; called from Python it raises TypeError."""

    def __init__(self, typingctx, targetctx, library, args, return_type, flags, locals):  # type: ignore[no-untyped-def]
        flags.no_cpython_wrapper = flags.no_cfunc_wrapper = flags.no_compile = True
        super().__init__(typingctx, targetctx, library, args, return_type, flags, locals)

    def compile_extra(self, func: Any) -> Any:
        """Lower a Python function and register it for other kernels."""
        context = self.state.targetctx
        self.state.library = PartLibrary(context.codegen(), func.__qualname__)
        lowered = super().compile_extra(func)
        key = bytearray().append  # numba asks for a built-in, one for each; this one refuses what it would be given
        context.insert_user_function(key, lowered.fndesc, [lowered.library])
        return lowered._replace(entry_point=key)


def njit(function: Any) -> Any:
    """Compile an entry lazily, without the GIL, cached on disk, never with fastmath."""
    return _kept(numba.njit(cache=True, nogil=True, error_model="numpy")(function))


def entry(function: Any) -> Any:
    """Compile an entry that owns no memory: no allocation, and so no counting of references."""
    options: dict[str, Any] = dict(cache=True, nogil=True, error_model="numpy", _nrt=False)
    return _kept(numba.njit(**options, pipeline_class=EntryCompiler)(function))


def _kept(dispatcher: Any) -> Any:
    dispatcher._cache = SharedCache(dispatcher.py_func)
    return dispatcher


def kernel(function: Any) -> Any:
    """Compile a part that owns no memory.

    `forceinline=False` is said because numba hands a leaf's flag on to every part that is first met from within it.
    """
    return numba.njit(error_model="numpy", _nrt=False, forceinline=False, pipeline_class=PartCompiler)(function)


def leaf(function: Any) -> Any:
    """Compile a small part that is copied into its callers, so that what they know of the tables is not reloaded."""
    return numba.njit(error_model="numpy", _nrt=False, forceinline=True, pipeline_class=PartCompiler)(function)


@intrinsic
def leading_zeros(typingctx, word):  # type: ignore[no-untyped-def]
    """Return how many leading zeros a 64-bit word has (64 for zero): one instruction in place of a loop."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return builder.ctlz(args[0], ir.IntType(1)(0))

    return numba.int64(numba.int64), codegen
