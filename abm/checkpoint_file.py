"""Arrays by name in one Arrow file: one row, whose cells are whole tables.

A plain array is a list of its numbers, a table of records a list of fixed-size binaries.  The file can be mapped into
memory: nothing is copied when it is opened.  Every table carries its dtype, its shape and its SHA-256, and the
document that stands beside them has a SHA-256 of its own: damage is noticed before anything is used.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from kernels import columns as c
from pathways.errors import InputError

RECORDS = {name: dtype for name, dtype in vars(c).items() if isinstance(dtype, np.dtype) and dtype.names}
"""Record types by the name they have in `kernels/columns.py`."""
BEFORE_SCHEMA = 8
"""Bytes of an Arrow file before its first copy of the schema; the second is at its end."""
WHOLE = "a whole checkpoint: this one is cut short or damaged"


class NoRoomError(InputError):
    """A disk that has no room for a checkpoint; nothing was written."""


def check_room(folder: Path, n_bytes: int) -> None:
    """Refuse to begin to write what the disk of a folder has no room for.

    Raises
    ------
    NoRoomError
        With what is needed and what there is.
    """
    free = shutil.disk_usage(folder).free
    if n_bytes > free:
        raise NoRoomError(
            file=folder, key="disk", value=f"{free / 1e6:,.0f} MB free",
            expected=f"{n_bytes / 1e6:,.0f} MB for a checkpoint",
        )  # fmt: skip


def write(file: Path | str, tables: Mapping[str, np.ndarray], document: Mapping[str, Any]) -> str:
    """Write tables and a document (what JSON can hold), whole or not at all; return the seal (see `seal_of`).

    Raises
    ------
    NoRoomError
        If the disk has no room for it.
    """
    target = Path(file)
    target.parent.mkdir(parents=True, exist_ok=True)
    check_room(target.parent, sum(table.nbytes for table in tables.values()))
    cells, fields = [], []
    for name, table in tables.items():
        flat = np.ascontiguousarray(table).reshape(-1)
        values = _values(flat)
        cells.append(pa.LargeListArray.from_arrays(pa.array([0, len(flat)], pa.int64()), values))
        about = {"dtype": _word(flat.dtype), "shape": json.dumps(table.shape), "sha256": _sha(_bytes(flat))}
        fields.append(pa.field(name, cells[-1].type, metadata=about))
    text = json.dumps(document, sort_keys=True, ensure_ascii=False)
    seal = _sha_of_all(text, fields)
    schema = pa.schema(fields, metadata={"parity": text, "sha256": seal})
    handle, beside = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as sink:
            with pa.ipc.new_file(sink, schema) as writer:
                writer.write_batch(pa.record_batch(cells, schema=schema))
            sink.flush()
            os.fsync(sink.fileno())
        os.chmod(beside, 0o644)
        os.replace(beside, target)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
    return seal


def seal_of(file: Path | str) -> str:
    """Return the SHA-256 over the document and every table's own SHA-256; only the document is read for it."""
    schema = _opened(file).schema
    _schema_text(file, schema)
    return str(schema.metadata[b"sha256"].decode())


def document_of(file: Path | str) -> dict[str, Any]:
    """Return the document of a file without reading its tables; only the document itself is checked."""
    return json.loads(_schema_text(file, _opened(file).schema))


def read(file: Path | str) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return the tables (mapped from the file, not to be written) and the document.

    Raises
    ------
    InputError
        If there is no such file, it is no checkpoint, or not a bit of it is other than it was written.
    """
    reader = _opened(file)
    text = _schema_text(file, reader.schema)
    found: dict[str, np.ndarray] = {}
    try:
        batch = reader.get_batch(0)
        for at, field in enumerate(reader.schema):
            found[field.name] = _table(batch.column(at), field.metadata)
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError, IndexError) as problem:
        raise InputError(file=file, expected=f"{WHOLE} ({problem})") from None
    for field in reader.schema:
        if _sha(_bytes(found[field.name])) != field.metadata[b"sha256"].decode():
            raise InputError(file=file, key=field.name, expected=f"{WHOLE} (its checksum does not agree)")
    return found, json.loads(text)


def _opened(file: Path | str) -> pa.ipc.RecordBatchFileReader:
    if not Path(file).is_file():
        raise InputError(file=file, expected="a checkpoint, a file that exists")
    try:
        mapped = pa.memory_map(str(file))
        reader = pa.ipc.open_file(mapped)
        mapped.seek(BEFORE_SCHEMA)
        first = pa.ipc.open_stream(mapped).schema
        if not first.equals(reader.schema, check_metadata=True):
            raise pa.ArrowInvalid("its first and its last page disagree")
    except (pa.ArrowException, OSError) as problem:
        raise InputError(file=file, expected=f"{WHOLE}, or no checkpoint at all ({problem})") from None
    return reader


def _schema_text(file: Path | str, schema: pa.Schema) -> str:
    """Return the document's text once it agrees with its checksum."""
    held = schema.metadata or {}
    if b"parity" not in held or b"sha256" not in held:
        raise InputError(file=file, expected="a checkpoint of this program: this is another Arrow file")
    try:
        text = held[b"parity"].decode()
        right = _sha_of_all(text, list(schema)) == held[b"sha256"].decode()
    except (UnicodeDecodeError, TypeError):
        right = False
    if not right:
        raise InputError(file=file, key="document", expected=f"{WHOLE} (its checksum does not agree)")
    return text


def _values(flat: np.ndarray) -> pa.Array:
    if flat.dtype.names is None:
        return pa.array(flat)
    return pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(flat.dtype.itemsize), len(flat), [None, pa.py_buffer(_bytes(flat))]
    )


def _table(cell: pa.Array, about: Mapping[bytes, bytes]) -> np.ndarray:
    word, shape = about[b"dtype"].decode(), json.loads(about[b"shape"])
    dtype = RECORDS[word] if word in RECORDS else np.dtype(word)
    values = cell.values
    if (
        values.offset
        or values.null_count
        or values.type.bit_width != 8 * dtype.itemsize
        or cell.offsets.to_pylist() != [0, len(values)]
    ):
        raise ValueError("a table of other numbers than it says")
    buffer = values.buffers()[1]
    flat = np.zeros(0, dtype) if not len(values) else np.frombuffer(buffer, dtype, len(values))
    return flat.reshape(shape)


def _word(dtype: np.dtype) -> str:
    """Return the name of a record type, or numpy's own word."""
    return next((name for name, known in RECORDS.items() if known == dtype), dtype.str)


def _bytes(array: np.ndarray) -> memoryview:
    return memoryview(np.ascontiguousarray(array).reshape(-1).view(np.uint8))


def _sha(content: memoryview) -> str:
    return hashlib.sha256(content).hexdigest()


def _sha_of_all(text: str, fields: list[pa.Field]) -> str:
    said = [text]
    for field in fields:
        about = field.metadata or {}
        of = {key.decode(): value.decode() for key, value in about.items()}
        said += [field.name, str(field.type), json.dumps(of, sort_keys=True)]
    return hashlib.sha256("\x1f".join(said).encode()).hexdigest()
