from __future__ import annotations

from training.evaluation import report


def test_columns_stand_under_each_other() -> None:
    rows = [["", "rhythm", "mean"], ["interpretability", "1.000", "10.00"], ["mig", "–", "0"]]
    assert list(report.table(rows)) == [
        "                  rhythm   mean",
        "interpretability   1.000  10.00",
        "mig                    –      0",
    ]


def test_every_part_of_a_card_is_told() -> None:
    sweep = {
        "moves": {"density": 1.25, "range": 0.5},
        "shifts": {"density": 0.5, "range": 0.1},
        "reached": 0.9,
        "kept": 0.75,
    }
    sweep |= {"in key": 0.98, "in key by chance": 0.77}
    card = {
        "windows": 10,
        "works": 2,
        "learnt": 0.125,
        "protocol": "paper",
        "figures": {"tokens": {"value": 0.5, "low": 0.25, "high": 0.75}},
        "disentanglement": {
            "mig": {"attributes": {"density": 0.2, "range": 0.4}, "mean": 0.3},
            "xmig": {"attributes": {"density": 0.6, "range": 0.8}, "mean": 0.7},
        },
        "perfect": {"mig": {"mean": 0.875}, "xmig": {"mean": 1.0}},
        "published": {
            "protocol": "The last 5 % measured.",
            "measures": {
                "mig": {"AR-VAE Bach": {"mean": 0.1633, "sd": 0.0038}},
                "tokens": {"AR-VAE Bach": {"mean": 0.9614, "sd": 0.0037}},
            },
        },
        "knobs": {name: {"decoded": sweep, "heard": sweep} for name in ("density", "range")},
        "encodings": {"dimensions": 8, "pinned": 3, "kl": 12.34, "sigma": [0.1]},
        "prior": {
            **{"windows": 200, "unusable": 0.01, "distinct": 0.5},
            **{"known": 0.25, "known by chance": 0.85},
        },
    }
    told = "\n".join(report.lines(card))
    assert "no merit" not in told  # a card that does not say how many bars moved
    still = {"value": 0.25, "low": 0.2, "high": 0.3}
    moving = {"knob/range/heard moves at all": still | {"value": 0.5}}
    card["figures"] |= {"knob/density/heard moves at all": still, **moving}
    (dead,) = (line for line in report.lines(card) if "no merit" in line)
    assert dead.startswith("heard, the knob density moves nothing in 75.0% of the bars")
    for part in (
        "encodings say 12.3 nats; of 8 dimensions they pin down 3 ",
        "10 windows of 2 works, 12.5% of them learnt (paper protocol)",
        "0.5000 [0.2500, 0.7500]",
        "0.200  0.400  0.300    0.875",
        "0.163 ± 0.004            –",
        "0.500           0.961 ± 0.004",
        "The last 5 % measured.",
        "1.25   0.50",
        "density     1.00   0.20",
        "90.0%",
        "98.0%      77.0%",
        "200 windows drawn from the prior",
        "25.0% of those that sound",
        "85.0% of the bars of unseen works",
    ):
        assert part in told
