"""Play, pause, seek, loop: one position in samples that drives everything.

The window's thread states what it wants by replacing one frozen `Wish`; the audio thread picks the
newest one up between two blocks. Neither ever waits for the other.
"""

from dataclasses import replace

from app.playback.mixer import Block, Loop, Mixer
from app.playback.renderer import Levels, Listener, Renderer, Wish
from app.playback.sound import SoundOutput

MAX_SPEED = 8


class Transport:
    """Plays a mixer through an output; all but `render` belongs to the window's thread.

    Args:
        output: Where the sound goes; closed by `close`.
        listener: Hears what is rendered, from the audio thread.

    Attributes:
        output: As above.
        offset_s: The sound is heard so much later than the device says; negative is earlier, or a
            screen that is late.
    """

    def __init__(self, output: SoundOutput, listener: Listener | None = None) -> None:
        self.output = output
        self.offset_s = 0.0
        self._wish = Wish(Mixer((), output.sample_rate_hz, {}))
        self._renderer = Renderer(output.sample_rate_hz, listener)

    @property
    def sample_rate_hz(self) -> int:
        """Samples a second of all positions."""
        return self.output.sample_rate_hz

    @property
    def mixer(self) -> Mixer:
        """What is loaded."""
        return self._wish.mixer

    @property
    def duration_s(self) -> float:
        """Length of what is loaded."""
        return self.mixer.num_samples / self.sample_rate_hz

    @property
    def is_playing(self) -> bool:
        """Whether sound is wanted and there is some left."""
        return self._wish.playing and self._renderer.ended is not self._wish

    @property
    def speed(self) -> int:
        """How fast it plays, negative is backwards; 0 while it does not."""
        return self._wish.speed if self.is_playing else 0

    @property
    def loop(self) -> Loop | None:
        """The stretch that repeats."""
        return self._wish.loop

    @property
    def levels(self) -> Levels:
        """What the meter shows now."""
        return self._renderer.levels

    def load(self, mixer: Mixer) -> None:
        """Play another mixer from here on, cross-faded."""
        if mixer.sample_rate_hz != self.sample_rate_hz:
            raise ValueError(f"expected {self.sample_rate_hz} Hz, got {mixer.sample_rate_hz}")
        self._wish = replace(self._settled(), mixer=mixer)

    def play(self) -> None:
        """Start, from the beginning if everything has been heard."""
        # What was fast stops up to so many samples before the end.
        at_end = self.position_s() * self.sample_rate_hz >= self.mixer.num_samples - MAX_SPEED
        # The end may have been played, but not heard yet.
        at_end |= self._wish.playing and not self.is_playing
        if at_end and self.loop is None:
            self.seek(0.0)
        self._wish = replace(self._wish, playing=True, speed=1)

    def shuttle(self, way: int) -> None:
        """Play on (1) or back (-1); asked again, twice as fast each time up to `MAX_SPEED`."""
        faster = 2 * self.speed if self.speed * way > 0 else way
        speed = max(-MAX_SPEED, min(faster, MAX_SPEED))
        self._wish = replace(self._settled(), playing=True, speed=speed)

    def pause(self) -> None:
        """Stop where the sound is."""
        self._wish = replace(self._wish, playing=False)

    def seek(self, position_s: float) -> None:
        """Go on from another place."""
        wish = self._settled()
        position = max(0, round(position_s * self.sample_rate_hz))
        self._wish = replace(wish, position=position, seek=wish.seek + 1)

    def set_loop(self, loop: Loop | None) -> None:
        """Repeat a stretch, or nothing."""
        self._wish = replace(self._settled(), loop=loop)

    def position_s(self) -> float:
        """What is heard now; after a seek at once the place sought."""
        heard = self._renderer.clock.heard(self.output.now_s() - max(self.offset_s, 0.0))
        if heard is None or heard.epoch.seek < self._wish.seek:
            return self._wish.position / self.sample_rate_hz
        # A pause fades out behind its place, which may be either end.
        position = min(max(heard.position, 0.0), float(self.mixer.num_samples))
        return position / self.sample_rate_hz

    def shown_s(self) -> float:
        """What the picture has to show now: what is heard, or a little ahead of it."""
        position_s, loop = self.position_s(), self.loop
        lead_s = max(-self.offset_s, 0.0) * self.speed
        shown_s = position_s + lead_s
        if loop is not None and self.speed == 1 and lead_s > 0:
            start_s, end_s = loop.start / self.sample_rate_hz, loop.end / self.sample_rate_hz
            if position_s <= end_s <= shown_s:
                shown_s = start_s + (shown_s - end_s) % (end_s - start_s)
        return min(max(shown_s, 0.0), self.duration_s)

    def start(self) -> None:
        """Let the output ask for blocks."""
        self.output.start(self.render)

    def close(self) -> None:
        """Give the device back."""
        self.output.close()

    def render(self, num_samples: int, heard_s: float) -> Block:
        """The next block (num_samples, 2); called by the output from the audio thread.

        Args:
            num_samples: Frames wanted.
            heard_s: Stream time at which the first of them leaves the device.
        """
        return self._renderer.render(self._wish, num_samples, heard_s)

    def _settled(self) -> Wish:
        """The wish, no longer playing if it has come to its end."""
        return replace(self._wish, playing=self.is_playing)
