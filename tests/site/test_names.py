"""Names of classes: one class for each name, so that a search of the code has one result."""

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("jobboard", "careers", "offers")
# Names that Django prescribes.
PRESCRIBED = {"Command", "Media", "Meta", "Migration"}


def classes(source: str) -> list[tuple[str, bool]]:
    """Return the name of each class of a module, and whether it is at the top level."""
    tree = ast.parse(source)
    return [(node.name, node in tree.body) for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]


def test_no_two_classes_share_a_name():
    """Enums nested in models, such as Role.Status, may share a name with each other only."""
    files, nested = defaultdict(list), set()
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            if "migrations" in file.parts:
                continue
            for name, is_top_level in classes(file.read_text("utf-8")):
                if is_top_level and name not in PRESCRIBED:
                    files[name].append(str(file.relative_to(ROOT)))
                elif not is_top_level:
                    nested.add(name)
    assert len(files) > 300
    assert {name: paths for name, paths in files.items() if len(paths) > 1} == {}
    assert files.keys() & nested == set()
