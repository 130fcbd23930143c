"""Numbers of bytes, as people read them."""

_UNITS = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def size_text(size: int) -> str:
    """`2.16 GB`, `750 kB`, `12 bytes`: decimal units, three digits."""
    for unit, name in _UNITS:
        if size >= unit:
            return f"{size / unit:.3g} {name}"
    return f"{size} bytes"
