from __future__ import annotations

import pytest

from training.corpora import folk
from training.corpora.folk import Tune
from training.data.cuts import MELODIES


@pytest.fixture(scope="module")
def tunes() -> list[Tune]:
    return folk.tunes()


def of(tunes: list[Tune], name: str) -> list[Tune]:
    return [tune for tune in tunes if tune.collection == name]


@pytest.mark.parametrize(
    ("name", "every", "in_four"),
    [("oneills1850", 2009, 803), ("ryansMammoth", 1059, 354), ("airdsAirs", 1180, 506)],
)
def test_the_collections_are_whole(tunes: list[Tune], name: str, every: int, in_four: int) -> None:
    assert len(of(tunes, name)) == every
    assert sum(tune.in_four for tune in of(tunes, name)) == in_four


def test_nothing_else_of_the_corpus_is_read(tunes: list[Tune]) -> None:
    assert {tune.collection for tune in tunes} == set(folk.COLLECTIONS)


def test_a_tune_that_two_people_transcribed_is_one_work(tunes: list[Tune]) -> None:
    twice = [tune for tune in tunes if tune.work == "oneills1850/1556"]
    assert len(twice) == 2
    assert all("Chief O'Neill" in tune.abc for tune in twice)


def test_tunes_with_a_file_of_their_own_are_called_after_it(tunes: list[Tune]) -> None:
    assert "ryansMammoth/AcaciaReel" in {tune.work for tune in tunes}


@pytest.mark.parametrize(
    ("field", "yes"),
    [
        ("M:C", True),
        ("M: C|", True),
        ("M:4/4 % common", True),
        ("M:2/2", True),
        ("K:D\nabc|[M:4/4]abcd|", True),
        ("M:2/4", False),
        ("M:6/8", False),
        ("M:C2", False),
        ("T:M:C", False),
    ],
)
def test_which_meters_last_four_quarters(field: str, yes: bool) -> None:
    assert Tune("x/1", f"X:1\n{field}\nK:C\nabcd|").in_four is yes


@pytest.mark.parametrize(
    ("field", "credit"),
    [
        ("Transcribed by Trish O'Neil", "Trish O'Neil"),
        ('"Transcribed by Bob Safranek, rjs@gsp.org"', "Bob Safranek"),
        ("Contributed by Ray Davies,  ray:davies99.freeserve.co.uk", "Ray Davies"),
        (" 1997 by John Chambers <jc@trillian.mit.edu>", "John Chambers"),
        ("Contributed 20010926181357 by John Chambers jmchambers:rcn.net", "John Chambers"),
        ("Jack Campin * www.campin.me.uk * 2009", "Jack Campin"),
        ("Transcribed by henrik.norbeck@mailbox.swipnet.se", "henrik.norbeck@mailbox.swipnet.se"),
    ],
)
def test_transcribers_are_credited_by_name(field: str, credit: str) -> None:
    assert Tune("x/1", f"X:1\nZ:{field}\nK:C\nabcd|").credits == [credit]


def test_tunes_become_works_of_full_bars(tunes: list[Tune]) -> None:
    chosen = [tune for tune in tunes if tune.work in ("oneills1850/1850", "airdsAirs/1")]
    fox, cockade = folk.read(chosen)
    assert (fox.name, cockade.name) == ("oneills1850/1850", "airdsAirs/1")
    assert len(cockade.tokens) == 14  # two strains of seven bars and two halves
    assert fox.left_out["bars not in 4/4 or 2/2"] == 53  # it changes its meter five times


@pytest.mark.usefixtures("here")
def test_tunes_as_they_are_played_are_bars_of_sixteenths_twice_round(tunes: list[Tune]) -> None:
    chosen = [tune for tune in tunes if tune.work == "airdsAirs/1"]
    (cockade,) = folk.read(chosen, MELODIES)
    assert cockade.tokens.shape == (2 * 2 * 16 - 1, 16)  # no bar is complete before the first line
    windows = MELODIES.windows(cockade.tokens, cockade.lines)
    assert len(windows) == len({row.tobytes() for row in windows}) == 32  # of 48 that there are


@pytest.mark.usefixtures("here")
def test_what_music21_cannot_read_is_counted() -> None:
    (work,) = folk.read([Tune("x/1", "X:1\nM:C\nL:nonsense\nK:C\nabcd|abcd|")])
    assert not len(work.tokens)
    assert work.left_out == {folk.NO_TUNE: 1}
