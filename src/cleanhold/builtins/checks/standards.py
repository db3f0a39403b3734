"""Codes that ISO keeps: countries, subdivisions, currencies, languages. Whole lists, codes only."""

from __future__ import annotations

from cleanhold.builtins.checks.listing import listed
from cleanhold.builtins.checks.shapes import text_rule, whole
from cleanhold.builtins.checks.subdivisions import SUBDIVISIONS
from cleanhold.core.rule import ColumnRule
from cleanhold.errors import ContractError

#: ISO 3166-1:2020, each country as alpha-2, alpha-3 and numeric code.
_COUNTRY_CODES = """
ADAND020 AEARE784 AFAFG004 AGATG028 AIAIA660 ALALB008 AMARM051 AOAGO024 AQATA010 ARARG032
ASASM016 ATAUT040 AUAUS036 AWABW533 AXALA248 AZAZE031 BABIH070 BBBRB052 BDBGD050 BEBEL056
BFBFA854 BGBGR100 BHBHR048 BIBDI108 BJBEN204 BLBLM652 BMBMU060 BNBRN096 BOBOL068 BQBES535
BRBRA076 BSBHS044 BTBTN064 BVBVT074 BWBWA072 BYBLR112 BZBLZ084 CACAN124 CCCCK166 CDCOD180
CFCAF140 CGCOG178 CHCHE756 CICIV384 CKCOK184 CLCHL152 CMCMR120 CNCHN156 COCOL170 CRCRI188
CUCUB192 CVCPV132 CWCUW531 CXCXR162 CYCYP196 CZCZE203 DEDEU276 DJDJI262 DKDNK208 DMDMA212
DODOM214 DZDZA012 ECECU218 EEEST233 EGEGY818 EHESH732 ERERI232 ESESP724 ETETH231 FIFIN246
FJFJI242 FKFLK238 FMFSM583 FOFRO234 FRFRA250 GAGAB266 GBGBR826 GDGRD308 GEGEO268 GFGUF254
GGGGY831 GHGHA288 GIGIB292 GLGRL304 GMGMB270 GNGIN324 GPGLP312 GQGNQ226 GRGRC300 GSSGS239
GTGTM320 GUGUM316 GWGNB624 GYGUY328 HKHKG344 HMHMD334 HNHND340 HRHRV191 HTHTI332 HUHUN348
IDIDN360 IEIRL372 ILISR376 IMIMN833 ININD356 IOIOT086 IQIRQ368 IRIRN364 ISISL352 ITITA380
JEJEY832 JMJAM388 JOJOR400 JPJPN392 KEKEN404 KGKGZ417 KHKHM116 KIKIR296 KMCOM174 KNKNA659
KPPRK408 KRKOR410 KWKWT414 KYCYM136 KZKAZ398 LALAO418 LBLBN422 LCLCA662 LILIE438 LKLKA144
LRLBR430 LSLSO426 LTLTU440 LULUX442 LVLVA428 LYLBY434 MAMAR504 MCMCO492 MDMDA498 MEMNE499
MFMAF663 MGMDG450 MHMHL584 MKMKD807 MLMLI466 MMMMR104 MNMNG496 MOMAC446 MPMNP580 MQMTQ474
MRMRT478 MSMSR500 MTMLT470 MUMUS480 MVMDV462 MWMWI454 MXMEX484 MYMYS458 MZMOZ508 NANAM516
NCNCL540 NENER562 NFNFK574 NGNGA566 NINIC558 NLNLD528 NONOR578 NPNPL524 NRNRU520 NUNIU570
NZNZL554 OMOMN512 PAPAN591 PEPER604 PFPYF258 PGPNG598 PHPHL608 PKPAK586 PLPOL616 PMSPM666
PNPCN612 PRPRI630 PSPSE275 PTPRT620 PWPLW585 PYPRY600 QAQAT634 REREU638 ROROU642 RSSRB688
RURUS643 RWRWA646 SASAU682 SBSLB090 SCSYC690 SDSDN729 SESWE752 SGSGP702 SHSHN654 SISVN705
SJSJM744 SKSVK703 SLSLE694 SMSMR674 SNSEN686 SOSOM706 SRSUR740 SSSSD728 STSTP678 SVSLV222
SXSXM534 SYSYR760 SZSWZ748 TCTCA796 TDTCD148 TFATF260 TGTGO768 THTHA764 TJTJK762 TKTKL772
TLTLS626 TMTKM795 TNTUN788 TOTON776 TRTUR792 TTTTO780 TVTUV798 TWTWN158 TZTZA834 UAUKR804
UGUGA800 UMUMI581 USUSA840 UYURY858 UZUZB860 VAVAT336 VCVCT670 VEVEN862 VGVGB092 VIVIR850
VNVNM704 VUVUT548 WFWLF876 WSWSM882 YEYEM887 YTMYT175 ZAZAF710 ZMZMB894 ZWZWE716
"""
_COUNTRIES = _COUNTRY_CODES.split()

COUNTRIES_2 = tuple(code[:2] for code in _COUNTRIES)
COUNTRIES_3 = tuple(code[2:5] for code in _COUNTRIES)
COUNTRIES_NUMERIC = tuple(code[5:] for code in _COUNTRIES)

#: ISO 4217:2015, list one as amended up to 2025, with the funds and metals in it. Codes that ended
#: lately (ANG, BGN, CUC, SLL, ZWL) are kept: money was counted in them. The codes for tests and for
#: no currency are left out.
_CURRENCIES = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP
BYN BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB
EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY
KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR
MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB
RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD
TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAD XAF XAG XAU XBA XBB XBC XBD XCD
XCG XDR XOF XPD XPF XPT XSU XUA YER ZAR ZMW ZWG ZWL
"""
CURRENCIES = _CURRENCIES.split()
#: ISO 639-1:2002; bh, which ended in 2021, is kept.
_LANGUAGES = """
aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da
de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz
ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln
lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi
pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti
tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
"""
LANGUAGES = _LANGUAGES.split()
_FORMS = {"alpha-2": COUNTRIES_2, "alpha-3": COUNTRIES_3, "numeric": COUNTRIES_NUMERIC}


@listed(passes=["DE", "US", "AX"], fails=["UK", "de", "DEU", "XX"])
def country(form: str = "alpha-2") -> ColumnRule:
    """A country code. Source: ISO 3166-1:2020.

    Args:
        form: `alpha-2` (DE), `alpha-3` (DEU) or `numeric` (276).

    Raises:
        ContractError: there is no such form.
    """
    if form not in _FORMS:
        raise ContractError(
            f"form={form!r} is not a form of country codes",
            next="use one of " + ", ".join(map(repr, _FORMS)),
        )
    codes = list(_FORMS[form])
    meant = f"is not a country code of ISO 3166 ({form}, like {codes[codes.index(_LIKE[form])]})"
    return text_rule("country", meant, lambda text: text.is_in(codes))


_LIKE = {"alpha-2": "DE", "alpha-3": "DEU", "numeric": "276"}


@listed(passes=["EUR", "JPY", "CHF"], fails=["EURO", "eur", "€", "ABC"])
def currency() -> ColumnRule:
    """A currency code, upper case. Source: ISO 4217:2015."""
    meant = "is not a currency code of ISO 4217, like EUR"
    return text_rule("currency", meant, lambda text: text.is_in(CURRENCIES))


@listed(passes=["en", "de", "zh"], fails=["EN", "eng", "xx", "english"])
def language() -> ColumnRule:
    """A two-letter language code, lower case. Source: ISO 639-1:2002."""
    meant = "is not a language code of ISO 639-1, like en"
    return text_rule("language", meant, lambda text: text.is_in(LANGUAGES))


@listed(passes=["en-GB", "de", "pt-BR"], fails=["en_GB", "en-UK", "EN-gb", "en-"])
def locale() -> ColumnRule:
    """A language, or a language and a country: `en-GB`.

    Source: RFC 5646, without scripts, variants and extensions.
    """
    meant = "is not a language and a country, like en-GB"

    return text_rule(
        "locale",
        meant,
        lambda text: (
            whole(text, "[a-z]{2}(?:-[A-Z]{2})?")
            & text.str.slice(0, 2).is_in(LANGUAGES)
            & ((text.str.len_bytes() == 2) | text.str.slice(3).is_in(COUNTRIES_2))
        ),
    )


@listed(
    passes=["DE-BY", "US-CA", "FR-75C", "AT-9"],
    fails=["DE-", "DE-XX", "XX-BY", "de-by", "DE-BYXX", "Bavaria", "FR-75", "GI-1"],
)
def subdivision(*countries: str) -> ColumnRule:
    """A state, province or district: `DE-BY`. Source: ISO 3166-2:2020, amended up to 2025.

    Args:
        countries: whose subdivisions are taken; all if none is named.

    Raises:
        ContractError: a country has no subdivisions.
    """
    known = {code[:2] for code in SUBDIVISIONS}
    for country in countries:
        if country not in known:
            raise ContractError(
                f"ISO 3166-2 has no subdivisions of {country!r}",
                next="give codes of countries in capitals, like subdivision('DE', 'AT')",
            )
    codes = [code for code in SUBDIVISIONS if not countries or code[:2] in countries]
    meant = f"is not a subdivision code of ISO 3166-2, like {codes[0] if countries else 'DE-BY'}"
    return text_rule("subdivision", meant, lambda text: text.is_in(codes))
