"""The EBCDIC pages that Python has no codec for; see `code_pages`."""

from __future__ import annotations

#: Page → where it differs from cp037: the byte in hex, then its character.
DIFFERENCES: dict[str, str] = {
    "277": (
        "47} 4A# 4F! 5A¤ 5BÅ 5F^ 67$ 6Aø 70¦ 7BÆ 7CØ 80@ 9C{ 9E[ 9F] A1ü B0¢ BA¬ BB| C0æ D0å DC~"
    ),
    "278": (
        "43{ 47} 4A§ 4F! 51` 5A¤ 5BÅ 5F^ 63# 67$ 6Aö 79é 7BÄ 7CÖ 9F] A1ü B0¢ B5[ BA¬ BB| "
        "C0ä CC¦ D0å DC~ EC@"
    ),
    "280": (
        "44{ 48\\ 4A° 4F! 51] 54} 58~ 5Aé 5F^ 6Aò 79ù 7B£ 7C§ 90[ A1ì B0¢ B1# B5@ BA¬ BB| "
        "C0à CD¦ D0è DD` E0ç"
    ),
    "284": "49¦ 4A[ 5A] 69# 6Añ 7BÑ A1¨ B0¢ BA^ BB! BD~",
    "285": "4A$ 5B£ A1¯ B0¢ B1[ BA^ BC~",
    "297": (
        "44@ 48\\ 4A° 4F! 51{ 54} 5A§ 5F^ 6Aù 79µ 7B£ 7Cà 90[ A0` A1¨ B0¢ B1# B5] BA¬ BB| "
        "BD~ C0é D0è DD¦ E0ç"
    ),
    "871": (
        "4Aþ 4F! 5AÆ 5FÖ 79ð 7CÐ 8C` 8E{ 9C} 9E] A1ö AC@ AE[ B0¢ BA¬ BB| BE\\ C0Þ CC~ D0æ E0´ EC^"
    ),
    "1047": "5F^ AD[ B0¬ BAÝ BB¨ BD]",
}

#: Page → the page it is but for these characters, most often the euro sign.
ALIKE: dict[str, tuple[str, str]] = {
    "1141": ("273", "9F€"),
    "1142": ("277", "5A€"),
    "1143": ("278", "5A€ 71\\ E0É"),
    "1144": ("280", "9F€"),
    "1145": ("284", "9F€"),
    "1146": ("285", "9F€"),
    "1147": ("297", "9F€"),
    "1148": ("500", "9F€"),
    "1149": ("871", "4AÞ 9F€ C0þ"),
}

#: Page → its characters from 0x40 on; below they are those of cp037.
WHOLE: dict[str, str] = {
    "838": (
        " \xa0กขฃคฅฆง[¢.<(+|&\u0e48จฉชซฌญฎ]!$*);¬"
        "-/ฏฐฑฒณดต^¦,%_>?\u0e3f\u0e4eถทธนบปผ`:#@'=\""
        "๏abcdefghiฝพฟภมย๚jklmnopqrรฤลฦวศ"
        "๛~stuvwxyzษสหฬอฮ๐๑๒๓๔๕๖๗๘๙ฯะ\u0e31าำ\u0e34"
        "{ABCDEFGHI\u0e49\u0e35\u0e36\u0e37\u0e38\u0e39}JKLMNOPQR\u0e3aเแโใไ"
        "\\\u0e4aSTUVWXYZๅๆ\u0e47\u0e48\u0e49\u0e4a0123456789\u0e4b\u0e4c\u0e4d\u0e4b�\x9f"
    ),
    "870": (
        " \xa0âäţáăčçć[.<(+!&éęëůíîľĺß]$*);^"
        "-/ÂÄ˝ÁĂČÇĆ|,%_>?ˇÉĘËŮÍÎĽĹ`:#@'=\""
        "˘abcdefghiśňđýřş°jklmnopqrłńš¸˛¤"
        "ą~stuvwxyzŚŇĐÝŘŞ·ĄżŢŻ§žźŽŹŁŃŠ¨´×"
        "{ABCDEFGHI\xadôöŕóő}JKLMNOPQRĚűüťúě"
        "\\÷STUVWXYZďÔÖŔÓŐ0123456789ĎŰÜŤÚ\x9f"
    ),
    "1025": (
        " \xa0ђѓёєѕіїј[.<(+!&љњћќўџЪ№Ђ]$*);^"
        "-/ЃЁЄЅІЇЈЉ|,%_>?ЊЋЌ\xadЎЏюаб`:#@'=\""
        "цabcdefghiдефгхийjklmnopqrклмноп"
        "я~stuvwxyzрстужвьызшэщчъЮАБЦДЕФГ"
        "{ABCDEFGHIХИЙКЛМ}JKLMNOPQRНОПЯРС"
        "\\§STUVWXYZТУЖВЬЫ0123456789ЗШЭЩЧ\x9f"
    ),
    "1160": (
        " \xa0กขฃคฅฆง[¢.<(+|&\u0e48จฉชซฌญฎ]!$*);¬"
        "-/ฏฐฑฒณดต^¦,%_>?\u0e3f\u0e4eถทธนบปผ`:#@'=\""
        "๏abcdefghiฝพฟภมย๚jklmnopqrรฤลฦวศ"
        "๛~stuvwxyzษสหฬอฮ๐๑๒๓๔๕๖๗๘๙ฯะ\u0e31าำ\u0e34"
        "{ABCDEFGHI\u0e49\u0e35\u0e36\u0e37\u0e38\u0e39}JKLMNOPQR\u0e3aเแโใไ"
        "\\\u0e4aSTUVWXYZๅๆ\u0e47\u0e48\u0e49\u0e4a0123456789\u0e4b\u0e4c\u0e4d\u0e4b€\x9f"
    ),
}
