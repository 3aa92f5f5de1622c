"""Names: only plain ones leave, whatever an agreement or a server says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_sagex3_cleo.cleo.names import check_file_name, check_folder, check_stored_name
from airflow_provider_sagex3_cleo.errors import SettingFault

PLAIN = "ABCabc019-_."


@pytest.mark.parametrize("name", ["850_ACME_000000017.edi", "a", "850-4711.x12", "A_1.b.c"])
def test_a_plain_file_name_passes_unchanged(name: str) -> None:
    assert check_file_name(name) == name


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", ".hidden", "a.", "a..b", "a/b", "a\\b", "a b", "%date%.edi", "a*.edi", "a?", "[ab]", "a;b", "a,b",
     "é.edi", "a\n", "a" * 256, "c:a"],
)  # fmt: skip
def test_an_unsafe_file_name_never_leaves(name: str) -> None:
    with pytest.raises(SettingFault, match="file name"):
        check_file_name(name)


@pytest.mark.parametrize(
    ("folder", "path"),
    [("outbound", "outbound"), ("/outbound/0042/", "outbound/0042"), ("EDI out/850", "EDI out/850")],
)
def test_a_folder_path_comes_without_outer_slashes(folder: str, path: str) -> None:
    assert check_folder(folder) == path


@pytest.mark.parametrize(
    "folder",
    ["", "/", "..", "a/../b", "a//b", "inbox\\", "autorun", "AutoRun/x", "a/autorun", "autorun.", "autorun ", "%inbox%",
     "a*", "a;b", ".git", "a/ ", "C:/x"],
)  # fmt: skip
def test_an_unsafe_folder_is_refused(folder: str) -> None:
    with pytest.raises(SettingFault, match="folder"):
        check_folder(folder)


@given(st.text())
def test_a_checked_name_is_made_of_plain_characters_only(name: str) -> None:
    try:
        checked = check_file_name(name)
    except SettingFault:
        return
    assert checked == name
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


@given(st.text(alphabet=PLAIN + "/\\% *:", max_size=20))
def test_a_checked_folder_never_climbs_and_never_is_executed(folder: str) -> None:
    try:
        parts = check_folder(folder).split("/")
    except SettingFault:
        return
    assert all(part.strip(". ") == part and part and part.lower() != "autorun" for part in parts)


@pytest.mark.parametrize("name", ["a/b", "..", "a\\b", "%x%", "a\x00", ""])
def test_a_name_told_by_the_server_is_no_path_either(name: str) -> None:
    with pytest.raises(SettingFault):
        check_stored_name(name)


def test_a_name_told_by_the_server_may_be_one_that_we_would_not_choose() -> None:
    assert check_stored_name("850_ACME (1).edi") == "850_ACME (1).edi"
