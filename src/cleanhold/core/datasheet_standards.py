"""Which parts of a datasheet tell of which points of laws and standards.

The words of each point are short for those of the text it cites, which alone counts. A section that
is named tells what cleanhold knows of the point; whether that is enough is for people to judge.

Sources: Regulation (EU) 2024/1689, Article 10; Regulation (EU) 2016/679, Article 30(1); NIST AI
100-1 (AI RMF 1.0), Core; ISO/IEC 5259-2:2024, data quality characteristics and measures.
"""

from __future__ import annotations

from cleanhold.core.datasheet import Point, Standard

#: Regulation (EU) 2024/1689, Article 10.
AI_ACT = Standard(
    "ai_act",
    "EU AI Act, Regulation (EU) 2024/1689, Article 10: data and data governance",
    (
        Point("Article 10(2)(a)", "relevant design choices", ("purpose", "preparation", "columns")),
        Point(
            "Article 10(2)(b)",
            "data collection processes, origin of data, and the original purpose of collecting "
            "personal data",
            ("origin", "collection", "privacy"),
            "the purpose stated is that of the use; the original one is the source's to say",
        ),
        Point(
            "Article 10(2)(c)",
            "data-preparation processing operations: annotation, labelling, cleaning, updating, "
            "enrichment, aggregation",
            ("preparation", "waivers"),
        ),
        Point(
            "Article 10(2)(d)",
            "assumptions about what the data are to measure and represent",
            ("assumptions", "columns"),
        ),
        Point(
            "Article 10(2)(e)",
            "availability, quantity and suitability of the data sets needed",
            ("identity", "origin", "audits", "consumers"),
        ),
        Point(
            "Article 10(2)(f)",
            "examination in view of possible biases",
            ("bias", "drift"),
            "only the bias that holding rows back brings is examined here",
        ),
        Point(
            "Article 10(2)(g)",
            "measures to detect, prevent and mitigate biases found",
            ("bias", "gates"),
            "a snapshot over the limit of loss is not published",
        ),
        Point("Article 10(2)(h)", "data gaps or shortcomings, and how to address them", ("gaps",)),
        Point(
            "Article 10(3)",
            "relevant, sufficiently representative, and to the best extent possible free of errors "
            "and complete; appropriate statistical properties",
            ("checks", "bias", "audits", "gaps"),
            "relevance and representativeness for the intended purpose are for people to judge",
        ),
        Point(
            "Article 10(4)",
            "characteristics of the geographical, contextual, behavioural or functional setting",
            ("bias", "assumptions"),
            "as far as the contract names segments",
        ),
        Point(
            "Article 10(5) (as adopted in 2024)",
            "special categories of personal data, where strictly needed to find and correct bias",
            ("privacy",),
            "columns classified as sensitive are listed; the conditions are not checked",
        ),
    ),
)

#: Regulation (EU) 2016/679, Article 30(1).
GDPR = Standard(
    "gdpr",
    "GDPR, Regulation (EU) 2016/679, Article 30(1): records of processing activities",
    (
        Point(
            "Article 30(1)(a)",
            "controller, joint controller, representative, data protection officer",
            ("owners",),
            "owners are named; who the controller is, is not known to cleanhold",
        ),
        Point("Article 30(1)(b)", "purposes of the processing", ("purpose", "privacy")),
        Point(
            "Article 30(1)(c)",
            "categories of data subjects and of personal data",
            ("privacy",),
            "categories of personal data by column; of data subjects only as described",
        ),
        Point("Article 30(1)(d)", "categories of recipients", ("consumers",)),
        Point(
            "Article 30(1)(e)",
            "transfers to third countries or international organisations",
            (),
            "not known to cleanhold",
        ),
        Point("Article 30(1)(f)", "envisaged time limits for erasure", ("retention",)),
        Point(
            "Article 30(1)(g)",
            "technical and organisational security measures of Article 32(1)",
            ("privacy", "evidence"),
            "masking, reveals on record, audit log and signatures; the rest is the operator's",
        ),
    ),
)

#: NIST AI 100-1 (January 2023), Core.
NIST = Standard(
    "nist_ai_rmf",
    "NIST AI Risk Management Framework 1.0 (NIST AI 100-1)",
    (
        Point(
            "MAP 1.1",
            "intended purposes, assumptions and limitations are understood and documented",
            ("purpose", "assumptions", "gaps"),
        ),
        Point(
            "MAP 2.3",
            "data collection and selection: availability, representativeness, suitability",
            ("origin", "collection", "bias", "audits"),
        ),
        Point("MAP 4.1", "use of third-party data is mapped", ("origin",)),
        Point(
            "MAP 4.2",
            "internal risk controls for components are identified and documented",
            ("checks", "audits", "gates"),
        ),
        Point("MEASURE 2.1", "test sets, metrics and tools are documented", ("checks", "audits")),
        Point("MEASURE 2.4", "behaviour is monitored in production", ("drift", "audits")),
        Point(
            "MEASURE 2.8",
            "transparency and accountability are examined and documented",
            ("owners", "evidence"),
        ),
        Point("MEASURE 2.10", "privacy risk is examined and documented", ("privacy",)),
        Point("MEASURE 2.11", "fairness and bias are evaluated", ("bias",)),
        Point("MEASURE 3.1", "risks are tracked over time", ("drift", "gaps")),
        Point("MANAGE 1.1", "whether deployment should proceed is determined", ("gates",)),
        Point("MANAGE 1.4", "residual risks are documented", ("waivers", "gaps")),
        Point(
            "MANAGE 3.1", "third-party resources are monitored, and controls applied", ("audits",)
        ),
        Point(
            "MANAGE 4.1",
            "monitoring after deployment: override, recovery, change management",
            ("gates", "waivers", "evidence"),
        ),
        Point("MANAGE 4.3", "errors are tracked and communicated", ("gaps", "owners")),
    ),
)

#: Those characteristics of ISO/IEC 5259-2:2024 that cleanhold speaks to; its measures are named
#: where one is close to what is shown.
ISO_5259 = Standard(
    "iso_5259_2",
    "ISO/IEC 5259-2:2024, data quality characteristics and measures: those characteristics that "
    "cleanhold speaks to",
    (
        Point("Accuracy", "values within their range (Acc-ML-6)", ("checks",)),
        Point("Completeness", "values that are there (Com-ML-1)", ("checks", "gaps")),
        Point(
            "Consistency",
            "records not twice (Con-ML-1), of one format (Con-ML-3), with one meaning (Con-ML-4)",
            ("checks",),
        ),
        Point(
            "Credibility", "where values come from, and that they are true", ("origin", "audits")
        ),
        Point("Currentness", "age of the data (Cur-ML-1)", ("collection",)),
        Point("Accessibility", "who reads it", ("consumers",)),
        Point("Compliance", "rules that apply are kept", ("privacy", "retention")),
        Point("Efficiency", "what it costs", ("cost",)),
        Point("Traceability", "from a value to its origin, and who changed it", ("evidence",)),
        Point("Understandability", "what values mean", ("columns", "assumptions")),
        Point("Auditability", "records that can be audited (Aud-ML-2)", ("evidence", "audits")),
        Point("Balance", "segments of the population", ("bias",), "labels are not known"),
        Point("Diversity", "richness of values", ("drift",), "not measured as such"),
        Point("Effectiveness", "fit for the task", ("gates", "consumers"), "not measured as such"),
        Point(
            "Identifiability", "persons in it (Idn-ML-1)", ("privacy",), "by column, not by value"
        ),
        Point("Relevance", "columns that are needed (Rel-ML-1)", ("consumers",)),
        Point(
            "Representativeness",
            "the population is reflected (Rep-ML-1)",
            ("bias",),
            "against what was delivered, not against the world",
        ),
        Point("Similarity", "records that are alike", ("checks",), "where a check asks for it"),
        Point("Timeliness", "from the event to the data (Tml-ML-1)", ("collection", "audits")),
    ),
)

#: In the order that a datasheet shows them.
STANDARDS = (AI_ACT, ISO_5259, NIST, GDPR)
