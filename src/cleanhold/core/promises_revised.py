"""What it means that a contract promises another volume, or other times of events."""

from __future__ import annotations

from cleanhold.core.promise import Alarm, Events, Volume
from cleanhold.core.weight import Weight


def asks_more_records(old: Volume, new: Volume) -> Weight:
    """Tightening where an extract may be stopped that was not before."""
    stops = new.unusual is Alarm.STOP and old.unusual is not Alarm.STOP
    floor = new.least is not None and (old.least is None or new.least > old.least)
    ceiling = new.most is not None and (old.most is None or new.most < old.most)
    if stops or floor or ceiling:
        return Weight.TIGHTENING
    limits = (old.least, old.most) != (new.least, new.most)
    return Weight.LOOSENING if limits or old.unusual is Alarm.STOP else Weight.HARMLESS


def asks_more_of_events(old: Events | None, new: Events | None) -> Weight:
    """Tightening where an extract may be stopped that was not before."""
    if new is not None and new.stale is Alarm.STOP:
        return Weight.TIGHTENING
    return Weight.LOOSENING if old is not None and old.stale is Alarm.STOP else Weight.HARMLESS
