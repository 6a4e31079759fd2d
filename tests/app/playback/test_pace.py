"""Numbers at every look, or calmly."""

from app.playback.pace import CALM_S, Pace


def shown(pace: Pace, times_s: list[float], now_s: list[float], *, is_moving: bool) -> list[float]:
    found = []
    for time_s in times_s:
        now_s[0] = time_s
        if pace.is_due(is_moving=is_moving):
            found.append(time_s)
    return found


def test_usually_everything_is_shown_at_once() -> None:
    assert all(Pace(lambda: 0.0).is_due(is_moving=True) for _ in range(3))


def test_calm_numbers_change_twice_a_second_while_it_plays_and_at_once_while_not() -> None:
    now_s = [0.0]
    pace = Pace(lambda: now_s[0])
    pace.is_calm = True
    times_s = [number * CALM_S / 4 for number in range(9)]
    assert shown(pace, times_s, now_s, is_moving=True) == [0.0, CALM_S, 2 * CALM_S]
    assert shown(pace, times_s, now_s, is_moving=False) == times_s
