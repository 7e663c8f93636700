"""The migrations form one line: two people who write one at the same time notice here, not on a server."""

from __future__ import annotations

from pathlib import Path

from alembic.script import ScriptDirectory

from marcai import migrations


def test_the_migrations_form_one_line():
    script = ScriptDirectory.from_config(migrations.configuration())
    files = sorted(path.name for path in Path(script.versions).glob("[0-9]*.py"))
    line = [revision.revision for revision in script.walk_revisions()]
    assert len(script.get_heads()) == 1
    assert sorted(line) == [name.split("_")[0] for name in files]
    assert len(set(line)) == len(line)
