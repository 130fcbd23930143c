"""Where a setting comes from: option, then environment, then the configuration file."""

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from peps_stac.cli.options import global_options
from peps_stac.cli.output import tell
from peps_stac.errors import RequestError

KNOWN = frozenset(
    {
        "auth",
        "ca_bundle",
        "cache_dir",
        "catalog",
        "geodes_url",
        "max_rate",
        "peps_url",
        "process_full_maja",
        "process_maja",
        "processes_url",
        "provider",
        "schemas",
        "stall_timeout",
        "username",
    }
)
"""Settings of the configuration file; in the environment as `PEPS_STAC_<NAME>`."""

SECRET = frozenset({"password", "api_key"})
"""Those that only the environment may hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What holds for this call."""

    catalog: Path
    provider: str
    peps_url: str
    geodes_url: str
    cache_dir: Path
    processes_url: str | None = None
    """Of a service of OGC API - Processes that takes the orders; None: PEPS does."""
    processes: Mapping[str, str] = field(default_factory=dict)
    """What that service calls MAJA and FULL_MAJA, where it has other names."""
    username: str | None = None
    auth: Path | None = None
    """File with the login."""
    schemas: Path | None = None
    """Folder with extension schemas."""
    line: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of every `Session`: rate, time-outs, certificates."""
    use_cache: bool = True
    """Whether answers of the service may be kept for an hour."""

    @property
    def host(self) -> str:
        """Name of PEPS's host."""
        return urlsplit(self.peps_url).hostname or self.peps_url

    @property
    def geodes_host(self) -> str:
        """Name of GEODES's host."""
        return urlsplit(self.geodes_url).hostname or self.geodes_url


def load_settings(
    *,
    auth: Path | None = None,
    schemas: Path | None = None,
    no_cache: bool = False,
    environ: Mapping[str, str] = os.environ,
    config: Mapping[str, str] | None = None,
) -> Settings:
    """The settings of the command that is running.

    Args:
        auth: What `--auth` says.
        schemas: What `--schemas` says.
        no_cache: What `--no-cache` says.
        environ: Variables.
        config: What the configuration file says; None: it is read.

    Raises:
        RequestError: A configuration file that cannot be read, or a value that makes no sense.
    """
    from peps_stac.geodes.hrefs import DEFAULT_URL as GEODES_URL
    from peps_stac.http.line import read_line
    from peps_stac.peps.hrefs import DEFAULT_URL as PEPS_URL

    options = global_options()
    kept = read_config(config_path()) if config is None else config

    def setting(name: str) -> str | None:
        return environ.get(f"PEPS_STAC_{name.upper()}") or kept.get(name)

    def path(name: str) -> Path | None:
        return Path(text).expanduser() if (text := setting(name)) else None

    return Settings(
        catalog=options.catalog or path("catalog") or Path("catalog"),
        provider=options.provider or setting("provider") or "peps",
        peps_url=setting("peps_url") or PEPS_URL,
        geodes_url=setting("geodes_url") or GEODES_URL,
        processes_url=setting("processes_url"),
        processes=_process_names(setting),
        cache_dir=path("cache_dir") or _default_cache_dir(),
        line=read_line(setting).options(),
        username=setting("username"),
        auth=auth or path("auth"),
        schemas=schemas or path("schemas"),
        use_cache=not no_cache,
    )


def _process_names(setting: Callable[[str], str | None]) -> dict[str, str]:
    names = {name: setting(f"process_{name.lower()}") for name in ("MAJA", "FULL_MAJA")}
    return {name: theirs for name, theirs in names.items() if theirs}


def config_path() -> Path:
    """`~/.config/peps-stac/config.toml` on every system, or below `XDG_CONFIG_HOME`."""
    from platformdirs.unix import Unix

    return Unix("peps-stac").user_config_path / "config.toml"


def read_config(path: Path) -> dict[str, str]:
    """The settings of a configuration file, as text; none when there is no file.

    Raises:
        RequestError: No TOML, or a value that is not text.
    """
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RequestError(f"{path}: cannot be read: {error}; correct or remove it") from error
    for name, value in document.items():
        _check(path, name, value)
    return {name: value for name, value in document.items() if name in KNOWN}


def _check(path: Path, name: str, value: object) -> None:
    if name in SECRET:
        message = f"{path}: {name} does not belong in this file; run peps-stac login, or set "
        raise RequestError(f'{message}auth = "FILE"')
    if name not in KNOWN:
        tell(f"{path}: unknown setting {name!r} is ignored; known are {', '.join(sorted(KNOWN))}")
    elif not isinstance(value, str):
        raise RequestError(f'{path}: {name} = {value!r} is not text; write {name} = "..."')


def _default_cache_dir() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("peps-stac", appauthor=False)
