"""What the audit of pinned packages makes of the answers that it gets."""

import importlib.util
from typing import Any

import pytest

from tests.support.site import ROOT

spec = importlib.util.spec_from_file_location("audit", ROOT / "scripts" / "audit.py")
assert spec is not None
assert spec.loader is not None
audit: Any = importlib.util.module_from_spec(spec)
spec.loader.exec_module(audit)

SKIPPED = {"name": "a", "skip_reason": "Dependency not found on PyPI and could not be audited: a (1.0)"}
SOUND = {"name": "b", "version": "2.0", "vulns": []}
FLAWED = {
    "name": "jinja2",
    "version": "2.4.1",
    "vulns": [{"id": "PYSEC-2014-8", "fix_versions": ["2.7.2"], "aliases": [], "description": "A flaw."}],
}


def test_a_known_vulnerability_fails_the_audit(capsys: pytest.CaptureFixture[str]) -> None:
    looked_up, found = audit.judge_python({"dependencies": [SKIPPED, SOUND, FLAWED]})
    assert (looked_up, found) == (2, ["jinja2 2.4.1: PYSEC-2014-8, fixed in 2.7.2"])
    assert audit.report("requirements.txt", looked_up, found)
    assert "PYSEC-2014-8" in capsys.readouterr().out


@pytest.mark.parametrize("said", [None, {}, "no JSON we know", {"dependencies": [SKIPPED]}])
def test_where_nothing_was_looked_up_it_says_so_and_passes(
    said: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit.report("requirements.txt", *audit.judge_python(said)) == []
    assert "NOT AUDITED" in capsys.readouterr().out


def test_packages_without_known_vulnerabilities_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    assert audit.report("requirements.txt", *audit.judge_python({"dependencies": [SOUND]})) == []
    assert "1 packages looked up" in capsys.readouterr().out


def test_npms_answers_are_told_apart_too() -> None:
    refused = {"message": "405 Method Not Allowed", "statusCode": 405}
    clean = {"vulnerabilities": {}, "metadata": {"dependencies": {"total": 12}}}
    flawed = clean | {"vulnerabilities": {"left-pad": {"severity": "high"}}}
    assert audit.judge_node(refused) == (0, [])
    assert audit.judge_node(clean) == (12, [])
    assert audit.judge_node(flawed) == (12, ["left-pad: high"])


def test_an_audit_that_does_not_start_or_prints_something_else_told_nothing() -> None:
    assert audit.run(["/nowhere/audit"]) is None
    assert audit.run(["echo", "no json"]) is None
