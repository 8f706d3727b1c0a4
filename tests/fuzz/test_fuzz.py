"""The seed corpus, and proof that the fuzzer finds faults."""

import os
import subprocess
import sys

import pytest

from tests.fuzz import __main__ as fuzz
from tests.fuzz.invariants import check, check_html

SEEDS = sorted(fuzz.SEEDS.iterdir())
LINK = '<a href="{}" rel="nofollow noopener">{}</a>'


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.stem)
def test_seed_has_no_fault(seed):
    check(seed.read_bytes().decode())


# Texts that the fuzzer has reported.
@pytest.mark.parametrize("text", ["- Python\n\to\t PostgreSQL", "o\u00a0Python", "o  Python", "o Python"])
def test_reported_text_has_no_fault(text):
    check(text)


@pytest.mark.parametrize(
    "html",
    [
        "<p>a",
        "<p>a</strong></p>",
        "<script>a</script>",
        '<img src="https://evil.example/p.png">',
        '<input type="hidden" name="csrfmiddlewaretoken" value="a">',
        '<p name="csrfmiddlewaretoken">a</p>',
        '<p onclick="a">a</p>',
        '<ol start="javascript">a</ol>',
        "<br/>",
        "<!-- a -->",
        "<!DOCTYPE a>",
        "<?a?>",
        '<a href="https://exemple.fr">a</a>',
        '<a href="https://exemple.fr" title="a" rel="nofollow noopener">a</a>',
        "<blockquote>" * 400 + "</blockquote>" * 400,
        LINK.format("https://exemple.fr", LINK.format("https://exemple.fr", "a")),
        LINK.format("javascript:a", "a"),
        LINK.format("java&#10;script:a", "a"),
        LINK.format("&#1; JavaScript&colon;a", "a"),
        LINK.format("data:text/html,a", "a"),
        LINK.format("//evil.example", "a"),
        LINK.format("/\\evil.example", "a"),
        LINK.format("https:evil.example", "a"),
        LINK.format("https://www.banque.fr@evil.example", "a"),
        LINK.format("https://evil.example\\@www.banque.fr", "a"),
        LINK.format("https://192.0.2.1/", "a"),
        LINK.format("https://evil.example", "www.banque.fr"),
        LINK.format("https://evil.example", "Sur <strong>banque</strong>.fr") + " (evil.example)",
        LINK.format("/offres/", "www.banque.fr"),
        LINK.format("mailto:rh@evil.example", "rh de www.banque.fr"),
    ],
    ids=lambda html: html[:60],
)
def test_bad_html_is_reported(html):
    with pytest.raises(AssertionError):
        check_html(html)


@pytest.mark.parametrize(
    "html",
    [
        '<ol start="3">\n<li>a</li>\n</ol>',
        LINK.format("https://www.banque.fr/a:b", "banque.fr"),
        LINK.format("https://evil.example", "www.banque.fr") + "\u00a0(evil.example)",
        LINK.format("mailto:rh@exemple.fr?subject=a", "RH@exemple.fr"),
        LINK.format("/offres/?contrat=cdi#a", "a"),
    ],
)
def test_good_html_is_not_reported(html):
    check_html(html)


# A seed has the first fault. The second one takes text that is in no seed.
FAULTS = {
    "the sanitizer lets everything pass": "import nh3; nh3.clean = lambda html, **options: html",
    "an exception for three bold words": (
        "import nh3; clean = nh3.clean\n"
        "nh3.clean = lambda html, **options: clean(html, **options) if html.count('<strong>') < 3 else 1 / 0"
    ),
}


def run_python(*arguments, **environment):
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=fuzz.ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        timeout=300,
    )


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_planted_fault_is_found_and_its_input_kept(tmp_path, fault):
    pytest.importorskip("atheris", reason="atheris has no wheel for this Python or platform")
    program = (
        f"import pathlib; from tests.fuzz.__main__ import main\n{fault}\n"
        f"main(['-seed=1', '-runs=20000', '-max_total_time=120'], pathlib.Path({str(tmp_path)!r}))"
    )
    result = run_python("-c", program)
    assert result.returncode != 0, result.stderr
    inputs = list(tmp_path.glob("crash-*"))
    assert len(inputs) == 1
    assert f"Test unit written to {inputs[0]}" in result.stderr


def test_without_atheris_the_fuzzer_says_so_and_passes(tmp_path):
    (tmp_path / "atheris.py").write_text("raise ImportError")
    result = run_python("-m", "tests.fuzz", "-runs=1", PYTHONPATH=str(tmp_path))
    assert (result.returncode, result.stdout) == (0, "")
    assert result.stderr.startswith("NOT FUZZED: atheris is not installed.")
