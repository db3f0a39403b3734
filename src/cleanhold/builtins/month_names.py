"""Names of months in other languages, in full and abbreviated, as dates have them.

Source: Unicode CLDR, `calendars/gregorian/months/format`; and common variants (`setiembre`, `mrz`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from cleanhold.errors import ContractError

_NAMES = {
    "da": "januar jan|februar feb|marts mar|april apr|maj|juni jun|juli jul|august aug|"
    "september sept sep|oktober okt|november nov|december dec",
    "de": "januar jänner jan jän|februar feb|märz maerz mär mrz|april apr|mai|juni jun|juli jul|"
    "august aug|september sept sep|oktober okt|november nov|dezember dez",
    "es": "enero ene|febrero feb|marzo mar|abril abr|mayo may|junio jun|julio jul|agosto ago|"
    "septiembre setiembre sept sep set|octubre oct|noviembre nov|diciembre dic",
    "fr": "janvier janv jan|février fevrier févr fév|mars mar|avril avr|mai|juin|juillet juil|"
    "août aout|septembre sept sep|octobre oct|novembre nov|décembre decembre déc dec",
    "it": "gennaio gen|febbraio feb|marzo mar|aprile apr|maggio mag|giugno giu|luglio lug|"
    "agosto ago|settembre sett set|ottobre ott|novembre nov|dicembre dic",
    "nb": "januar jan|februar feb|mars mar|april apr|mai|juni jun|juli jul|august aug|"
    "september sept sep|oktober okt|november nov|desember des",
    "nl": "januari jan|februari feb|maart mrt|april apr|mei|juni jun|juli jul|augustus aug|"
    "september sept sep|oktober okt|november nov|december dec",
    "pl": "stycznia styczeń sty|lutego luty lut|marca marzec mar|kwietnia kwiecień kwi|"
    "maja maj|czerwca czerwiec cze|lipca lipiec lip|sierpnia sierpień sie|"
    "września wrzesień wrz|października październik paź|listopada listopad lis|"
    "grudnia grudzień gru",
    "pt": "janeiro jan|fevereiro fev|março marco mar|abril abr|maio mai|junho jun|julho jul|"
    "agosto ago|setembro set|outubro out|novembro nov|dezembro dez",
    "sv": "januari jan|februari feb|mars mar|april apr|maj|juni jun|juli jul|augusti aug|"
    "september sept sep|oktober okt|november nov|december dec",
}

#: Twelve months, each with its names.
Months = tuple[tuple[str, ...], ...]


def month_names(given: str | Sequence[str | Sequence[str]]) -> Months:
    """Names of the twelve months in lower case, the first of each being the one to show.

    Args:
        given: a language (`es`), or the names from January on, one or several a month.

    Raises:
        ContractError: the language is not known, or there are not twelve months with names.
    """
    if isinstance(given, str):
        if given not in _NAMES:
            raise ContractError(
                f"the names of months in {given!r} are not known",
                next=f"use one of {', '.join(_NAMES)}, or list the twelve names",
            )
        return tuple(tuple(names.split()) for names in _NAMES[given].split("|"))
    listed = tuple((m,) if isinstance(m, str) else tuple(m) for m in given)
    names = [name for month in listed for name in month]
    texts = all(isinstance(n, str) and re.fullmatch(r"[^\W\d_]+\.?", n) for n in names)
    if len(listed) != 12 or not all(listed) or not texts or len({*names}) != len(names):
        raise ContractError(
            "months= does not list twelve months with a name of letters each",
            next="write them from January on, each once: months=['ene', 'feb', …]",
        )
    return tuple(tuple(name.rstrip(".").lower() for name in month) for month in listed)
