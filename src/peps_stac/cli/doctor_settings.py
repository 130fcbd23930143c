"""Which settings hold and where each comes from, and where the account was found.

Neither passwords, keys nor the name of the account are told: people paste what this command
prints into mails.
"""

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from peps_stac.cli.connect import PROVIDERS, open_catalog
from peps_stac.cli.doctor_findings import Finding, Patient, blamed, good, note, problem, warning
from peps_stac.cli.options import GlobalOptions, global_options
from peps_stac.cli.settings import KNOWN, SECRET, Settings, config_path, load_settings, read_config
from peps_stac.errors import PepsStacError, RequestError

AREA = "settings"
ACCOUNT = "account"

_PREFIX = "PEPS_STAC_"
_OF_OURS = ("REQUIRE_", "COMPLETE")
"""Variables that are no settings."""
_HIDDEN = frozenset({"username"})
_ALWAYS = ("catalog", "provider", "peps_url", "geodes_url", "cache_dir")
_NOBODY: dict[str, str] = {"NETRC": os.devnull}


def settings_of(environ: Mapping[str, str]) -> tuple[Settings, list[Finding]]:
    """The settings that hold, and what is wrong with them; what cannot be read is left out."""
    wrong: list[Finding] = []
    kept: dict[str, str] = {}
    try:
        kept = read_config(config_path())
    except RequestError as error:
        wrong.append(blamed(AREA, "configuration", error, f"correct or remove {config_path()}"))
    try:
        return load_settings(environ=environ, config=kept), wrong
    except PepsStacError as error:
        wrong.append(blamed(AREA, "values", error, "correct it"))
        return load_settings(environ={}, config={}), wrong


def settings(patient: Patient) -> Iterator[Finding]:
    """The file, each setting with its source, and variables that nobody reads."""
    path, kept = config_path(), {}
    with suppress(RequestError):
        kept = read_config(path)
        if path.exists():
            yield good(AREA, "configuration", str(path))
        else:
            advice = "nothing; settings may be written there"
            yield note(AREA, "configuration", f"there is no {path}", advice)
    options = global_options()
    for name in (*_ALWAYS, *sorted(KNOWN - set(_ALWAYS))):
        source = _source(name, options, patient.environ, kept)
        if source or name in _ALWAYS:
            yield good(AREA, name, f"{_value(name, patient, kept)} ({source or 'default'})")
    yield from _unread(patient.environ)
    if patient.settings.provider not in PROVIDERS:
        known = " or ".join(PROVIDERS)
        yield problem(AREA, "provider", f"{patient.settings.provider} is unknown", f"use {known}")


def _source(
    name: str, options: GlobalOptions, environ: Mapping[str, str], kept: Mapping[str, str]
) -> str | None:
    """Where a setting was made; None: nowhere."""
    variable = f"{_PREFIX}{name.upper()}"
    typed = {"catalog": options.catalog_is_given, "provider": options.provider is not None}
    if typed.get(name) and not (name == "provider" and environ.get(variable) == options.provider):
        return f"--{name}"
    if environ.get(variable):
        return variable
    return "configuration" if kept.get(name) else None


def _value(name: str, patient: Patient, kept: Mapping[str, str]) -> str:
    from peps_stac.http.addresses import shown

    if name in _HIDDEN:
        return "is set"
    if name == "catalog":  # as a path, an address would lose a slash
        return shown(open_catalog(patient.settings, anywhere=True).href)
    text = getattr(patient.settings, name, None)
    if text is None:
        text = patient.environ.get(f"{_PREFIX}{name.upper()}") or kept.get(name)
    return shown(str(text)) if "://" in str(text) else str(text)


def _unread(environ: Mapping[str, str]) -> Iterator[Finding]:
    for variable in sorted(environ):
        name = variable.removeprefix(_PREFIX)
        is_known = name.lower() in KNOWN | SECRET or name.startswith(_OF_OURS)
        if variable.startswith(_PREFIX) and not is_known:
            known = ", ".join(sorted(KNOWN))
            yield warning(AREA, variable, "no setting of that name", f"correct it; known: {known}")


def account(patient: Patient) -> Iterator[Finding]:
    """Where the account of the provider was found, and who else can read it."""
    yield from _readable(patient)
    is_geodes = patient.settings.provider == "geodes"
    try:
        place = _key_place(patient) if is_geodes else _account_place(patient)
    except PepsStacError as error:
        yield blamed(ACCOUNT, "found", error, "correct it")
        return
    host = patient.settings.geodes_host if is_geodes else patient.settings.host
    if place:
        yield good(ACCOUNT, "found", f"for {host}: {place}")
    elif is_geodes:
        advice = "to download: PEPS_STAC_API_KEY, or peps-stac --provider geodes login"
        yield note(ACCOUNT, "found", f"no API key for {host}; a search needs none", advice)
    else:
        advice = "to order and download: peps-stac login, or -a FILE"
        yield note(ACCOUNT, "found", f"none for {host}; a search needs none", advice)
    if not is_geodes and patient.environ.get(f"{_PREFIX}API_KEY"):
        yield good(ACCOUNT, "API key", f"for {patient.settings.geodes_host}: PEPS_STAC_API_KEY")


def _account_place(patient: Patient) -> str | None:
    from peps_stac.http.login import find_credentials

    host, auth, environ = patient.settings.host, patient.settings.auth, patient.environ
    if auth is not None:
        find_credentials(auth_file=auth, environ={}, host=host)
        return str(auth)
    names = ("USERNAME", "PASSWORD")
    given = {f"{_PREFIX}{name}": environ.get(f"{_PREFIX}{name}") or "" for name in names}
    if all(given.values()):
        return " and ".join(given)
    if given[f"{_PREFIX}PASSWORD"]:
        find_credentials(auth_file=None, environ=given, host=host)  # which says what is missing
    name = patient.settings.username
    with suppress(RequestError):  # a name alone is looked up in the keyring, and nowhere else
        named = {f"{_PREFIX}USERNAME": name} if name else {}
        if find_credentials(auth_file=None, environ=_NOBODY | named, host=host):
            return "the keyring"
    if find_credentials(auth_file=None, environ=_without(environ, names), host=host):
        return str(_netrc(environ))
    return None


def _key_place(patient: Patient) -> str | None:
    from peps_stac.http.login import find_api_key

    host, auth = patient.settings.geodes_host, patient.settings.auth
    if auth is not None:
        find_api_key(auth_file=auth, environ={}, host=host)
        return str(auth)
    if patient.environ.get(f"{_PREFIX}API_KEY"):
        return f"{_PREFIX}API_KEY"
    return "the keyring" if find_api_key(auth_file=None, environ={}, host=host) else None


def _without(environ: Mapping[str, str], names: tuple[str, ...]) -> dict[str, str]:
    hidden = {f"{_PREFIX}{name}" for name in names}
    return {name: value for name, value in environ.items() if name not in hidden}


def _netrc(environ: Mapping[str, str]) -> Path:
    return Path(environ["NETRC"]) if environ.get("NETRC") else Path.home() / ".netrc"


def _readable(patient: Patient) -> Iterator[Finding]:
    """Files with a password that others of this machine can read."""
    for path in filter(None, (patient.settings.auth, _netrc(patient.environ))):
        with suppress(OSError):
            mode = path.stat().st_mode
            if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
                others = f"others can read it ({stat.filemode(mode)})"
                yield warning(ACCOUNT, str(path), others, f"chmod 600 {path}")
