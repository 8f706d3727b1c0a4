"""The pinned requirements install on every supported Python and platform."""

import re
import tomllib

import pytest
from django.conf import settings
from packaging.requirements import Requirement

DEV = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]["optional-dependencies"]["dev"]


def pinned(name: str) -> dict[str, Requirement]:
    lines = re.findall(r"^([a-z0-9].*?) \\$", (settings.BASE_DIR / name).read_text(), re.MULTILINE)
    return {requirement.name: requirement for requirement in map(Requirement, lines)}


@pytest.mark.parametrize("requirement", [*map(Requirement, DEV)], ids=lambda requirement: requirement.name)
def test_environment_markers_are_kept(requirement):
    """pip-compile leaves them out: see bin/keep-markers."""
    assert pinned("requirements-dev.txt")[requirement.name].marker == requirement.marker


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13", "3.14"])
@pytest.mark.parametrize(
    ("system", "machine"), [("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "arm64"), ("darwin", "x86_64")]
)
def test_fuzzer_is_installed_where_it_has_wheels(version, system, machine):
    environment = {"python_version": version, "sys_platform": system, "platform_machine": machine}
    has_wheel = version < "3.14" and (system, machine) == ("linux", "x86_64")
    assert pinned("requirements-dev.txt")["atheris"].marker.evaluate(environment) == has_wheel


def test_requirements_of_the_site_are_pinned_alike_for_development():
    site, dev = pinned("requirements.txt"), pinned("requirements-dev.txt")
    assert len(site) > 20
    assert {name: str(dev.get(name)) for name in site} == {name: str(site[name]) for name in site}
