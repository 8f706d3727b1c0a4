"""Fuzz the functions that read text of recruiters, guided by the coverage of `jobboard.text` (atheris, libFuzzer).

    make fuzz SECONDS=600                  one process, for ten minutes
    make fuzz ARGS=var/fuzz/crash-…        check one input again
    make fuzz ARGS="-max_len=20000"        any option of libFuzzer

Inputs with new coverage are stored in var/fuzz/corpus. An input that fails is written to var/fuzz and its path printed.
"""

import sys
from pathlib import Path

from tests.fuzz.pieces import PIECES

ROOT = Path(__file__).resolve().parents[2]
SEEDS = Path(__file__).with_name("corpus")
OUTPUT = ROOT / "var" / "fuzz"
# Seconds for one input of 4,096 bytes, which takes milliseconds; an input that takes longer is reported.
TIMEOUT = 20


def main(arguments: list[str], output: Path = OUTPUT) -> None:
    try:
        import atheris
    except ImportError:
        print(
            f"NOT FUZZED: atheris is not installed. It has wheels for CPython 3.11 to 3.13 on Linux x86-64 with glibc; "
            f"this is {sys.implementation.name} {sys.version_info[0]}.{sys.version_info[1]} on {sys.platform}.",
            file=sys.stderr,
        )
        return
    # Only these modules guide the fuzzer: not the checks, Django or the standard library.
    with atheris.instrument_imports(include=["jobboard.text"]):
        from tests.fuzz.invariants import check

    corpus, dictionary = output / "corpus", output / "pieces.dict"
    corpus.mkdir(parents=True, exist_ok=True)
    dictionary.write_text("".join(f'"{"".join(map(_escape, piece.encode()))}"\n' for piece in PIECES))
    options = [
        f"-artifact_prefix={output}/",
        f"-dict={dictionary}",
        f"-timeout={TIMEOUT}",
        "-print_final_stats=1",
        # Later options win.
        *(argument for argument in arguments if argument.startswith("-")),
    ]
    files = [argument for argument in arguments if not argument.startswith("-")]
    atheris.Setup(
        [sys.argv[0], *options, *(files or [str(corpus), str(SEEDS)])],
        # Invalid UTF-8 does not reach these functions: the middleware answers 400.
        lambda data: check(data.decode("utf-8", "ignore")),
    )
    atheris.Fuzz()


def _escape(byte: int) -> str:
    return f"\\x{byte:02x}"


if __name__ == "__main__":
    main(sys.argv[1:])
