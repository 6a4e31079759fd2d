"""The Review page: versions of the sound, heard alone and equally loud, at the same place."""

from PySide6.QtCore import QObject

from app.controllers.lanes import lane_spec
from app.controllers.sound import SoundController
from app.controllers.version_loudness import VersionLoudness
from app.document import Change, Document
from app.gain_curves import linear_gain
from app.project import Lane, Project
from app.review.versions import Version, matching_gains_db, versions
from app.sounds import rival_of
from app.stem_names import VERSION_NAMES
from engine.translation import tr
from engine.types import Region, StemName
from widgets.main_window import MainWindow
from widgets.pages import Page
from widgets.review_view import CompareView, VersionView
from widgets.wording import tick_label


class CompareController(QObject):
    """While the Review page is open one version is heard instead of the lanes."""

    def __init__(
        self,
        window: MainWindow,
        document: Document,
        sound: SoundController,
        loudness: VersionLoudness,
    ) -> None:
        super().__init__()
        self._window, self._document, self._sound = window, document, sound
        self._heard: str = StemName.RESTORED
        self._is_matched = True
        self._is_lent = False
        self._loudness = loudness
        loudness.changed.connect(self._show)
        card = window.review_panel.compare_card
        card.version_chosen.connect(self.hear)
        card.matching_toggled.connect(self._set_matched)
        window.page_chosen.connect(self._show)
        sound.transport_changed.connect(self._show)
        document.listen(self._on_change)

    @property
    def is_open(self) -> bool:
        """Whether the Review page is shown."""
        return self._window.page is Page.REVIEW

    @property
    def region(self) -> Region:
        """What is compared: the selection, else what has been restored."""
        return compared_region(self._document.project)

    def hear(self, version_id: str) -> None:
        """Hear one version alone."""
        self._heard = version_id
        self._show()

    def hear_number(self, number: int) -> None:
        """Hear the version whose key it is."""
        version_id = self._window.review_panel.compare_card.version_at(number)
        if version_id:
            self.hear(version_id)

    def gains_db(self) -> dict[str, float]:
        """What makes the versions equally loud, by version_id; as far as all are measured."""
        known = {version.version_id: loud for version, loud in self._loudness.known.items()}
        return matching_gains_db(known)

    def lend(self, version_id: str, gain_db: float) -> None:
        """Have one version sound, whatever is chosen here, until `take_back`."""
        self._is_lent = True
        self._sound.compare({version_id: linear_gain(gain_db)})

    def take_back(self) -> None:
        """Play again what is chosen here."""
        self._is_lent = False
        self._show()

    def view(self) -> CompareView:
        """What the page shows."""
        gains_db = self.gains_db()
        found = versions(self._document.project)
        heard = next((v.version_id for v in found if v.version_id == self._heard), StemName.MIX)
        return CompareView(
            tuple(self._shown(v, gains_db.get(v.version_id, 0.0)) for v in found),
            heard if found else "",
            self._is_matched,
            _stretch_words(self._document.project, self.region) if found else "",
            bool(found) and self._sound.is_silent,
            bool(self._document.project.clips),
        )

    def _shown(self, version: Version, gain_db: float) -> VersionView:
        letter, name, color_token = _look(self._document.project, version.version_id)
        loudness = self._loudness.known.get(version)
        return VersionView(
            version.version_id,
            letter,
            name,
            color_token,
            loudness.integrated_lufs if loudness is not None else None,
            gain_db,
            can_be_removed=rival_of(self._document.project, version.version_id) is not None,
        )

    def _set_matched(self, is_matched: object) -> None:
        self._is_matched = bool(is_matched)
        self._show()

    def _on_change(self, change: Change) -> None:
        if change.sounds or change.marks:
            self._show()

    def _show(self) -> None:
        """Show and play what is chosen; off the page the lanes are heard."""
        found = set(versions(self._document.project))
        self._loudness.keep(found, self.region)
        if self.is_open:
            self._loudness.measure(found)
        view = self.view()
        self._window.review_panel.show_compare(view)
        # Versions are heard instead of the lanes.
        self._window.timeline.headers.setEnabled(not self.is_open)
        if not self._is_lent:
            self._sound.compare(self._gains(view))

    def _gains(self, view: CompareView) -> dict[str, float] | None:
        """What the mixer is to play by; None where the lanes are heard."""
        if not self.is_open or not view.heard:
            return None
        gain_db = self.gains_db().get(view.heard, 0.0) if view.is_matched else 0.0
        return {view.heard: linear_gain(gain_db)}


def _look(project: Project, version_id: str) -> tuple[str, str, str]:
    """Letter, name and colour of a version."""
    rival = rival_of(project, version_id)
    if rival is not None:
        return "F", rival.path.name, "music"
    look = lane_spec(Lane(version_id))
    return look.letter, VERSION_NAMES[version_id], look.color_token


def compared_region(project: Project) -> Region:
    """The selection, else the stretch of a preview, else all."""
    restore, media = project.restore, project.media
    if project.selection is not None:
        return project.selection
    if restore is not None and restore.result.region is not None:
        return restore.result.region
    return Region(0.0, media.mix.duration_s if media is not None else 0.0)


def _stretch_words(project: Project, region: Region) -> str:
    media = project.media
    if media is not None and region.duration_s >= media.mix.duration_s:
        return tr("Loudness of the whole; set in and out (I, O) to compare a part.")
    start, end = (tick_label(s, 0.1) for s in (region.start_s, region.end_s))
    return tr("Loudness from {start} to {end}.", start=start, end=end)
