"""Cases: held rows with one likely cause, told apart while they are fed.

The rows of a case have in common
- the dataset, the source, and the set of checks that hold them;
- the column to blame: that of the first finding that has one;
- the pattern of its value. Letters are `A` or `a`, digits `9`, blanks at either end `␣`; three
  letters or more are `A+` or `a+`, nine digits or more `9+`; of an amount with up to two decimals
  the length does not count, and of a number that could be read neither length nor grouping. Where a
  check asks for one of a few values, or no value could be read, and the text is short, it is its
  own pattern (`is_value`), unless the column is personal.

Its id is made from these alone: the same cause has the same id in every run and every rebuild.
"""

from __future__ import annotations

#: Longest text that is its own pattern; longest pattern; what separates parts of a definition.
_SHORT, _LONG, _BETWEEN = 20, 60, "chr(31)"

#: Checks that ask for one of a few values.
_MEMBERSHIP = "('isin', 'notin', 'equal_to', 'not_equal_to')"

#: Each as (pattern, replacement): first letters and digits, then how many of them.
_SHAPE = (
    (r"^[\s\p{Z}]+|[\s\p{Z}]+$", "␣"),
    (r"[\s\p{Z}]+", " "),
    (r"\p{C}", "?"),
    (r"[\p{Ll}\p{Lm}\p{Lo}\p{Lt}\p{M}]", "a"),
    (r"\p{Lu}", "A"),
    (r"\p{N}", "9"),
    ("a{3,}", "a+"),
    ("A{3,}", "A+"),
    ("9{9,}", "9+"),
    (r"(^|[^9])9{1,3}(?:([., ''])999)+\b", r"\19\2999"),
    (r"^([^9aA]*)9{1,3}([.,])9{1,2}([^9aA]*)$", r"\19\299\3"),
)


def _shape(value: str) -> str:
    """The pattern of a value, as SQL."""
    for pattern, to in _SHAPE:
        value = f"regexp_replace({value}, '{pattern}', '{to}', 'g')"
    return f"left({value}, {_LONG})"


_IS_NUMBER = r"regexp_full_match(value, '[-+]?[0-9]+([.][0-9]+)?')"

#: The case of each row of a file of held rows.
_CAUSES = f"""
create or replace temp table causes as
with given as (
    select row_id, record, list_filter(findings, lambda f: f.severity = 'error') as errors
    from read_parquet($files)
), foremost as (
    select row_id, record,
           list_sort(list_distinct(list_transform(errors,
               lambda f: concat_ws('.', f."column", f."check")))) as checks,
           coalesce(list_filter(errors, lambda f: f."column" is not null)[1], errors[1]) as lead
    from given
), blamed as (
    select row_id, foremost.record, checks, lead."check" as name,
           lead."column" as "column",
           if(lead."column" is null, null, lead.value) as value, <source> as source
    from foremost <held>
), told as (
    select *, coalesce(
        length(value) <= {_SHORT} and trim(value) <> '' and not list_contains($personal, "column")
        and (name in {_MEMBERSHIP}
             or (name in ('parse', 'not_null') and not regexp_matches(value, '[0-9]'))),
        false) as is_value
    from blamed
), patterned as (
    select *, case
        when value is null then ''
        when is_value then value
        when name <> 'parse' and not starts_with(name, 'str_') and {_IS_NUMBER}
            then if(starts_with(value, '-'), '-9', '9')
        else {_shape("value")} end as pattern
    from told
)
select row_id, record, source, checks, "column", value, is_value, pattern,
       left(sha256(concat_ws({_BETWEEN}, $dataset, source, array_to_string(checks, {_BETWEEN}),
           coalesce("column", ''), is_value, pattern)), 12) as case_id
from patterned
"""

#: Of held rows as a delivery brought them; of rows that a replay held again, which keep the source
#: that they came from.
CAUSES = _CAUSES.replace("<source>", "$source").replace("<held>", "")
CAUSES_AGAIN = _CAUSES.replace("<source>", "judged.source").replace(
    "<held>", "join judged using (row_id)"
)

OPEN_CASES = """
insert into cases
select case_id, $dataset, source, checks, "column", pattern, is_value, arg_min(value, record)
from causes anti join cases using (case_id)
group by all
"""

_WAITS = "status in ('held', 'corrected', 'waived')"

#: Cases, those with most rows that wait first. By day and status first: of many rows there are few.
CASES = f"""
with days as (
    select dataset, case_id, status, first_seen::date as day, count(*) as rows,
           min(first_seen) as first_seen, max(last_seen) as last_seen
    from held
    where ($dataset is null or dataset = $dataset)
    group by all
), told as (
    select dataset, case_id, coalesce(sum(rows) filter ({_WAITS}), 0)::bigint as rows,
           min(first_seen) as first_seen, max(last_seen) as last_seen,
           list({{'day': day, 'status': status, 'rows': rows}} order by day, status) as days
    from days group by all
)
select told.*, sum(rows) over (partition by told.dataset)::bigint as waiting,
       cases.source, checks, "column", pattern, is_value, example
from told join cases using (case_id)
qualify $case is null and rows > 0 or cases.case_id = $case
order by rows desc, case_id limit $limit
"""

#: Ids of some rows of each of these cases that wait, those that came first.
EXAMPLES = f"""
with first as (
    select unnest(min(rowid, $limit)) as place
    from held where {_WAITS} and case_id in (select unnest($cases::varchar[])) group by case_id
)
select case_id, list(row_id order by place) as examples
from held join first on held.rowid = first.place group by case_id
"""

#: The values of a column as delivered, corrected where they are, in the rows of a case that wait.
VALUES = """
select json_extract_string(if(patch is null, raw, json_merge_patch(raw, patch)), $path) as value,
       count(*) as rows
from held where case_id = $case and status = 'held' group by all order by rows desc, value
"""
