"""Files of KEY=VALUE lines: forgiving to read, private when written."""

from marcai.platform import envfile


def test_comments_quotes_and_exports_are_understood(tmp_path):
    file = tmp_path / ".env"
    file.write_text("# a comment\n\nexport A=1\nB = 'two words'\nC=\"x=y\"\nD=\nnot a line\n")
    assert envfile.read(file) == {"A": "1", "B": "two words", "C": "x=y", "D": ""}


def test_a_missing_file_has_no_variables(tmp_path):
    assert envfile.read(tmp_path / "none") == {}


def test_what_is_written_is_read_back_and_only_the_owner_may_read_it(tmp_path):
    file = tmp_path / "new" / "env"
    envfile.write(file, {"A": "1", "URL": "postgresql://u:p@h/db?x=y"})
    assert envfile.read(file) == {"A": "1", "URL": "postgresql://u:p@h/db?x=y"}
    assert file.stat().st_mode & 0o777 == 0o600
