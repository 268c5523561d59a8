"""Buckets of tokens, by a clock of the test's own."""

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
