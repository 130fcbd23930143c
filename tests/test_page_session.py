"""What is wrong in a page is noticed: the runner of `test_shell_lines.py` is no friend of it."""

import os
from pathlib import Path

import pytest

from page_blocks import blocks, given, units
from page_session import a_session

GOOD = """
<!-- given: catalog, a day -->

```sh
export WHO=me
cd .. && cd -
there=1
```

1. In a list:

    ```python
    import os

    who = os.environ["WHO"]
    if who:
        print(who)
    ```

```bash
test "$there" = 1 | cat
```

```python
assert who == "me"
```

```console
$ echo one \\
    two; false
one … wo
$ echo three
```

```cron
0 3 2 * *  test $WHO = me
```

```text
$WHO
```
"""


def run(page: str, folder: Path) -> None:
    env = {"PATH": os.environ["PATH"]}
    with a_session("page", folder / "typed", folder, env) as session:
        for unit in units(page):
            session.run(unit, unit.code)


def test_a_page_is_one_session(tmp_path: Path) -> None:
    run(GOOD, tmp_path)


def test_what_is_typed_is_found_in_the_order_of_the_page() -> None:
    typed = units(GOOD)

    assert [unit.language for unit in typed] == ["sh", "python", "sh", "python", "sh", "sh", "sh"]
    assert typed[1].code.startswith("import os\n\nwho = ")
    assert "\n    print" in typed[1].code
    assert typed[4].shows == "one … wo"
    assert [block.language for block in blocks(GOOD)][-1] == "text"
    assert given(GOOD) == ["catalog", "a day"]


@pytest.mark.parametrize(
    "page",
    [
        "```sh\nfalse\ntrue\n```",
        "```sh\nfalse | cat\n```",
        "```sh\necho $nobody_set_this\n```",
        "```sh\nno-such-command\n```",
        "```sh\nexit 0\n```\n```sh\ntrue\n```",
        "```sh\nif true; then\n```",
        "```console\n$ false\n```",
        "```console\n$ echo one\ntwo\n```",
        "```python\nx = 1 +\n```",
        "```python\nraise SystemExit(0)\n```\n```python\npass\n```",
        "```python\nx = 1\n```\n```sh\ncd /\n```\n```python\nassert y\n```",
        "```cron\n0 3 2 * *  false\n```",
    ],
)
def test_what_does_not_work_is_noticed(page: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="page, line"):
        run(page, tmp_path)


@pytest.mark.parametrize(
    "page", ["```sh\ntrue\n", "```console\ntrue\n```", "```cron\n0 3 2 *  true\n```"]
)
def test_a_block_that_cannot_be_read_is_told(page: str) -> None:
    with pytest.raises(ValueError, match=r"line [12]: "):
        units(page)
