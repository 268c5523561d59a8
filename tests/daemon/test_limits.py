"""Buckets of tokens, by a clock of the test's own."""

import pytest

from masterd.control import protocol as ask
from masterd.daemon.costs import MOST_PER_S, PAGES_PER_S, seconds_of_the_rate
from masterd.daemon.limits import BURST_S, MOST_ACCOUNTS, PATIENCE_S, Limits, Verdict


class Clock:
    now_s = 100.0

    def __call__(self):
        return self.now_s


def verdicts(limits, account, count, per_s=100.0):
    made = [limits.judge(account, per_s) for _ in range(count)]
    return [made.count(it) for it in Verdict]


def test_a_burst_is_served_then_the_rate_holds():
    clock = Clock()
    limits = Limits(clock)
    assert verdicts(limits, "a", 250) == [int(100 * BURST_S), 50, 0]
    for _ in range(20):
        clock.now_s += 0.125
        assert verdicts(limits, "a", 15) in ([12, 3, 0], [13, 2, 0])
    clock.now_s += 3600
    assert verdicts(limits, "a", 250)[0] == int(100 * BURST_S), "an hour of silence is no licence for more than the burst"


def test_within_the_rate_nobody_is_ever_refused():
    clock = Clock()
    limits = Limits(clock)
    for _ in range(5000):
        clock.now_s += 0.0101
        assert limits.judge("a", 100.0) is Verdict.SERVE


def test_others_do_not_pay():
    limits = Limits(Clock())
    assert verdicts(limits, "a", 1000)[0] == 200
    assert verdicts(limits, "b", 10) == [10, 0, 0]


def test_who_goes_on_regardless_is_cut_each_time_anew():
    clock = Clock()
    limits = Limits(clock)
    served, refused, cut = verdicts(limits, "a", 200 + 3 * int(100 * PATIENCE_S + 1))
    assert (served, refused, cut) == (200, 1500, 3)


def test_twice_the_rate_is_refused_in_part_but_not_cut():
    clock = Clock()
    limits = Limits(clock)
    seen = []
    for _ in range(6000):
        clock.now_s += 0.005
        seen.append(limits.judge("a", 100.0))
    assert Verdict.CUT not in seen
    assert 2900 < seen.count(Verdict.SERVE) < 3300


def test_memory_is_bounded_whoever_comes():
    limits = Limits(Clock())
    for n in range(5 * MOST_ACCOUNTS):
        limits.judge(f"key:{n}", 100.0)
    assert len(limits._buckets) == MOST_ACCOUNTS


def served(limits, clock, per_s, request, seconds, every_s=0.001):
    """How many of one kind are served to who asks for nothing else, and as often as he can."""
    count = 0
    for _ in range(round(seconds / every_s)):
        clock.now_s += every_s
        if limits.judge("a", per_s) is Verdict.SERVE:
            limits.charge("a", per_s, seconds_of_the_rate(request))
            count += 1
    return count


@pytest.mark.parametrize("per_s", [10.0, 200.0, 4000.0])
@pytest.mark.parametrize(
    ("request_", "most_per_s"),
    [
        (ask.AskSpectrum(), MOST_PER_S[ask.AskSpectrum]),
        (ask.Describe(), MOST_PER_S[ask.Describe]),
        (ask.AnalyseResult(form="html"), PAGES_PER_S),
        (ask.WhoAmI(), 10000),
    ],
)
def test_what_takes_long_is_held_to_its_number_at_any_rate(per_s, request_, most_per_s):
    clock = Clock()
    limits = Limits(clock)
    served(limits, clock, per_s, request_, 20)
    count, most = served(limits, clock, per_s, request_, 40), 40 * min(most_per_s, per_s, 1000)
    assert 0.95 * most - 1 <= count <= 1.05 * most + 1


def test_a_page_out_of_silence_does_not_lock_the_rest_out():
    clock = Clock()
    limits = Limits(clock)
    assert limits.judge("a", 200.0) is Verdict.SERVE
    limits.charge("a", 200.0, seconds_of_the_rate(ask.AnalyseResult(form="html")))
    clock.now_s += 0.01
    assert limits.judge("a", 200.0) is Verdict.SERVE


def test_no_debt_lasts_longer_than_a_burst():
    clock = Clock()
    limits = Limits(clock)
    for _ in range(10):
        limits.charge("a", 200.0, 2.0)
    clock.now_s += BURST_S + 0.01
    assert limits.judge("a", 200.0) is Verdict.SERVE


def test_every_operation_that_takes_long_is_an_operation():
    assert set(MOST_PER_S) <= {kind for kind in vars(ask).values() if isinstance(kind, type) and issubclass(kind, ask.Request)}
