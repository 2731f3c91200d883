"""The five tables of the desk as data: what each reads, within which scope, how it can be narrowed, and what its columns
are. Pages, files, bulk actions and saved filters all follow from here, so that none of them reads without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from agencies.queries.oversight import WATCHED_AGENCY
from market.kernel.db import from_json
from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.oversight.queries import watched, within
from market.site.queries.oversight import STEPS_SQL
from market.site.words import AGENCY_STAGES, STEPS
from projects.oversight import WATCHED_PROJECT
from projects.page.rules import STAGE_NAMES
from ratings.cases.queries.parties import WATCHED_PARTY
from ratings.cases.rules import GROUNDS
from ratings.cases.words import STATES as CASE_STATES
from ratings.flags.queries.desk import WATCHED_FLAG
from ratings.flags.screens import SCREENS
from ratings.flags.words import STATE_NAMES
from ratings.tips.queries import WATCHED_TIP

Kind = Literal["name", "text", "names", "words", "moment", "number", "place", "said"]
# Parameters of every query: $1 … $5 the scope (`Watch`), $6 the moment, $7 the authority, $8 the person, $9 words to find,
# $10 a region's prefix.
GIVEN: Final = (
    "given AS (SELECT $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz, $7::uuid, $8::uuid,"
    " $9::text, $10::text)"
)


def _assigned(alias: str) -> str:
    return f"""LEFT JOIN desk_assignment m ON m.subject_id = {alias}.id AND m.authority_id = $7 AND m.ended_at IS NULL
LEFT JOIN person w ON w.id = m.person_id"""


@dataclass(frozen=True)
class Column:
    """`name`: of the row; `words`: message ids for codes; of a "name" the row also has a key, shown below it;
    of "names" (a list) a page shows the first few; "said" is a message id with its facts, on pages below the name;
    `on_page`: whether it stands on pages too, and not in files alone."""

    name: str
    label: str
    kind: Kind = "text"
    words: Mapping[str, str] | None = None
    on_page: bool = True


@dataclass(frozen=True)
class Choice:
    """A filter with a few values: what each is called, and the condition it sets on a row."""

    name: str
    label: str
    options: Mapping[str, str]
    conditions: Mapping[str, str]


@dataclass(frozen=True)
class View:
    """`sql`: rows within the scope, with id, key, name, region_code, text (for finding), since, due_at, and what the
    columns show. `regions`: where a row lies, if in more places than its region_code. `bulk`: what can be done to several of them. `link`: the page of one, filled from the row;
    `beside`: further pages about the same, by what they are called."""

    name: str
    title: str
    lead: str
    prefix: str
    sql: str
    order: str
    columns: tuple[Column, ...]
    choices: tuple[Choice, ...]
    link: str
    bulk: tuple[str, ...] = ()
    regions: str = "ARRAY[row.region_code]"
    beside: Mapping[str, str] = field(default_factory=dict)
    lamps: bool = True
    assigned: bool = True

    @property
    def shown(self) -> tuple[Column, ...]:
        """The columns of a page."""
        return tuple(column for column in self.columns if column.on_page)

    @property
    def said(self) -> Column | None:
        """What stands below the name of each."""
        return next((column for column in self.columns if column.kind == "said"), None)

    def choice(self, name: str) -> Choice | None:
        return next((one for one in self.choices if one.name == name), None)

    def href(self, row: Mapping[str, Any]) -> str:
        return self.link.format(**row)


def said(value: str) -> Message:
    """A value of a "said" column."""
    return Message(**from_json(value))


def _by_column(name: str, label: str, options: Mapping[str, str]) -> Choice:
    """A filter whose values are the values of a column; the codes are ours, never a visitor's."""
    return Choice(name, label, options, {value: f"row.{name} = '{value}'" for value in options})


FIRM_STANDINGS: Final = {
    "restricted": N_("on the restricted list"), "removed": N_("removed from the market"), "paused": N_("paused from signing up"), "listed": N_("on a list of another authority"),
    "outside": N_("not admitted"), "fine": N_("may sign up"),
}  # fmt: skip
_MOVED: Final = "'standing.changed', 'list.entered', 'list.removed', 'list.proposed', 'agency.exited'"
FIRMS: Final = View(
    "firms", N_("Firms in my field"), N_("Agencies whose seat and services lie in your scope, with their standing and what is open about them."), "",
    f"""SELECT o.code AS id, o.code AS key, o.name, o.region_code, o.name || ' ' || o.code AS text, a.stage, s.score,
      CASE WHEN s.restricted_until > $6 THEN 'restricted' WHEN s.removed_until > $6 THEN 'removed' WHEN s.suspended_until > $6 THEN 'paused'
        WHEN a.stage <> 'admitted' THEN 'outside' WHEN EXISTS (SELECT 1 FROM imported_listing l
          WHERE l.code IN (o.code, a.branch_of) AND l.ended_at IS NULL
          AND (l.until_on IS NULL OR l.until_on >= ($6 AT TIME ZONE 'Asia/Shanghai')::date)) THEN 'listed' ELSE 'fine' END AS standing,
      CASE WHEN greatest(s.restricted_until, s.suspended_until) > $6 THEN greatest(s.restricted_until, s.suspended_until) END AS until,
      (SELECT max(e.at) FROM register_entry e WHERE e.subject = o.code AND e.kind IN ({_MOVED})) AS moved_at,
      (SELECT count(*) FROM conduct_case c WHERE c.organisation_id = o.id AND c.decided_at IS NULL) AS cases,
      (SELECT count(*) FROM contract c WHERE c.agency_id = o.id AND c.in_force_at IS NOT NULL AND c.ended IS NULL) AS contracts,
      NULL::timestamptz AS since, NULL::timestamptz AS due_at
    FROM agency a JOIN organisation o ON o.id = a.organisation_id LEFT JOIN agency_standing s ON s.agency_id = o.id
    WHERE {WATCHED_AGENCY}""",
    "row.moved_at DESC NULLS LAST, row.key",
    (
        Column("name", N_("Agency"), "name"), Column("region_code", N_("Region"), "place"),
        Column("standing", N_("Standing"), "words", FIRM_STANDINGS), Column("until", N_("Until"), "moment"),
        Column("score", N_("Credit score"), "number"), Column("moved_at", N_("Standing changed"), "moment"),
        Column("cases", N_("Open cases"), "number"), Column("contracts", N_("Running contracts"), "number"),
    ),
    (
        _by_column("standing", N_("Standing"), FIRM_STANDINGS),
        Choice("moved", N_("Standing changed"), {"7": N_("within 7 days"), "30": N_("within 30 days"), "90": N_("within 90 days")},
               {days: f"row.moved_at > $6 - interval '{days} days'" for days in ("7", "30", "90")}),
        _by_column("stage", N_("Stage"), AGENCY_STAGES),
    ),
    "/regulator/firms/{id}", lamps=False, assigned=False,
)  # fmt: skip
_STAGES: Final = {str(stage): name for stage, name in STAGE_NAMES.items()}
PROJECTS: Final = View(
    "projects", N_("Projects in my field"), N_("Every project of your regions and industry, with the step it waits at and its limit."), STEPS_SQL,
    f"""SELECT p.number AS id, p.number AS key, p.title AS name, p.region_code, p.title || ' ' || p.number || ' ' || o.name AS text,
      p.stage, o.name AS owner, coalesce(v.name, '') AS winner, p.id AS project_id, coalesce(n.kind, '') AS step, coalesce(n.who, ARRAY[]::text[]) AS who, n.since, n.due_at, p.published_at,
      (SELECT count(*) FROM flag f WHERE p.number = ANY (f.projects) AND f.closed_at IS NULL) AS flags,
      (SELECT max(r.sent_at) FROM step_reminder r WHERE r.project_id = p.id AND r.authority_id = $7) AS reminded_at
    FROM project p JOIN organisation o ON o.id = p.owner_id LEFT JOIN organisation v ON v.id = p.winner_id
    LEFT JOIN LATERAL (SELECT step.kind, step.who, step.since, step.due_at FROM step WHERE step.number = p.number AND step.kind <> 'entry'
      ORDER BY step.due_at NULLS LAST, step.kind LIMIT 1) n ON true
    WHERE {WATCHED_PROJECT}""",
    "row.due_at NULLS LAST, row.published_at DESC, row.key",
    (
        Column("name", N_("Project"), "name"), Column("stage", N_("Stage"), "words", _STAGES), Column("owner", N_("Owner")),
        Column("winner", N_("Agency")), Column("step", N_("Waits for"), "words", STEPS), Column("due_at", N_("Due"), "moment"),
        Column("flags", N_("Open flags"), "number"), Column("reminded_at", N_("Reminded"), "moment"),
    ),
    (
        Choice("due", N_("Limit of the step"), {"overdue": N_("overdue"), "soon": N_("due within a week")},
               {"overdue": "row.due_at <= $6", "soon": "row.due_at > $6 AND row.due_at <= $6 + interval '7 days'"}),
        _by_column("stage", N_("Stage"), _STAGES),
        Choice("flagged", N_("Red flags"), {"yes": N_("with open flags")}, {"yes": "row.flags > 0"}),
    ),
    "/regulator/projects/{id}", ("remind",), assigned=False,
)  # fmt: skip
_SCREEN_NAMES: Final = {code: screen.title for code, screen in SCREENS.items()}
_CONCERNED: Final = "SELECT {} FROM flag_party q JOIN organisation o ON o.id = q.organisation_id WHERE q.flag_id = f.id"
_THERE: Final = f"ARRAY(SELECT r.code FROM unnest(f.regions) AS r (code) WHERE {watched(within('r.code'))})"  # in scope
FLAGS: Final = View(
    "flags", N_("Red flags in my field"), N_("Leads of the market's screens. A flag is a reason to look, never a finding."), "",
    f"""SELECT f.id::text AS id, f.number AS key, f.screen AS name, f.regions[1] AS region_code, {_THERE} AS regions, f.screen, f.version,
      jsonb_build_object('text', f.text, 'facts', f.facts)::text AS lead, array_to_string(f.evidence, ' ') AS evidence,
      f.number || ' ' || array_to_string(f.projects, ' ') || coalesce(({_CONCERNED.format("' ' || string_agg(o.name || ' ' || o.code, ' ')")}), '') AS text,
      ({_CONCERNED.format("array_agg(o.name ORDER BY q.id)")}) AS parties,
      f.projects, f.score / 100 AS score,
      CASE WHEN f.outcome IS NOT NULL THEN f.outcome WHEN f.taken_at IS NOT NULL THEN 'taken' ELSE 'open' END AS state,
      f.id AS subject_id, f.authority_id, f.opened_at AS since, CASE WHEN f.closed_at IS NULL THEN f.due_at END AS due_at, coalesce(h.name, '') AS authority,
      m.person_id AS assigned_id, coalesce(w.name, '') AS assigned
    FROM flag f LEFT JOIN organisation h ON h.id = f.authority_id {_assigned("f")}
    WHERE {WATCHED_FLAG}""",
    "row.due_at NULLS LAST, row.score DESC, row.since DESC, row.key",
    (
        Column("name", N_("Screen"), "name", _SCREEN_NAMES), Column("lead", N_("Lead"), "said", on_page=False), Column("parties", N_("Concerns"), "names"), Column("projects", N_("Projects"), "names"), Column("score", N_("Strength"), "number"),
        Column("state", N_("State"), "words", STATE_NAMES), Column("since", N_("Found at"), "moment", on_page=False), Column("due_at", N_("Due"), "moment"),
        Column("authority", N_("Handled by")), Column("assigned", N_("Assigned to")),
        Column("version", N_("Version"), "number", on_page=False), Column("evidence", N_("Evidence: register entries"), on_page=False),
    ),
    (_by_column("state", N_("State"), STATE_NAMES), _by_column("screen", N_("Screen"), _SCREEN_NAMES)),
    "/regulator/flags/{id}", ("take", "assign"), regions="row.regions",
    beside={N_("Screens and how often they are right"): "/regulator/flags/screens"},
)  # fmt: skip
_CASE_STATES: Final = {str(state): text for state, text in CASE_STATES.items()}
_VIOLATIONS: Final = {str(violation): ground.title for violation, ground in GROUNDS.items()}
CASES: Final = View(
    "cases", N_("Cases in my field"), N_("What authorities pursue against firms, from recorded facts to a measure or its end."), "",
    f"""SELECT y.*, CASE y.state WHEN 'recorded' THEN y.notice_due_at WHEN 'notified' THEN y.defence_due_at WHEN 'to_decide'
      THEN y.decision_due_at WHEN 'appealed' THEN y.appeal_decision_due_at END AS due_at FROM (
    SELECT x.number AS id, x.number AS key, o.name, o.region_code, x.number || ' ' || o.name || ' ' || o.code AS text, o.code AS firm_code,
      x.violation, CASE WHEN x.decided_at IS NULL AND x.notified_at IS NULL THEN 'recorded' WHEN x.decided_at IS NULL AND x.defence_due_at > $6
        THEN 'notified' WHEN x.decided_at IS NULL THEN 'to_decide' WHEN x.outcome = 'unfounded' THEN 'dismissed'
        WHEN x.appealed_at IS NOT NULL AND x.appeal_decided_at IS NULL THEN 'appealed' WHEN x.appeal_outcome = 'annulled' THEN 'annulled'
        WHEN EXISTS (SELECT 1 FROM case_repair z WHERE z.case_id = x.id AND z.outcome = 'granted') THEN 'repaired'
        WHEN x.appeal_due_at > $6 AND x.appealed_at IS NULL THEN 'decided' ELSE 'final' END AS state,
      x.id AS subject_id, x.authority_id, x.recorded_at AS since, h.name AS authority, m.person_id AS assigned_id, coalesce(w.name, '') AS assigned,
      x.notice_due_at, x.defence_due_at, x.decision_due_at, x.appeal_decision_due_at
    FROM conduct_case x JOIN organisation o ON o.id = x.organisation_id JOIN organisation h ON h.id = x.authority_id
    LEFT JOIN agency a ON a.organisation_id = o.id {_assigned("x")} WHERE x.authority_id = $7 OR {WATCHED_PARTY}) y""",
    "row.due_at NULLS LAST, row.since DESC, row.key",
    (
        Column("name", N_("Party"), "name"), Column("violation", N_("For"), "words", _VIOLATIONS),
        Column("state", N_("State"), "words", _CASE_STATES), Column("since", N_("Recorded"), "moment"), Column("due_at", N_("Due"), "moment"),
        Column("authority", N_("Handled by")), Column("assigned", N_("Assigned to")),
    ),
    (
        Choice("open", N_("Finished or not"), {"yes": N_("wait for an act")}, {"yes": "row.state IN ('recorded', 'notified', 'to_decide', 'appealed')"}),
        _by_column("state", N_("State"), _CASE_STATES), _by_column("violation", N_("For"), _VIOLATIONS),
    ),
    "/cases/{id}", ("assign",),
)  # fmt: skip
_ABOUT: Final = {
    "project": N_("a project"), "firm": N_("a firm"), "expert": N_("an expert"), "act": N_("an official act"), "market": N_("the market"),
    "result": N_("a result (formal complaint)"),
}  # fmt: skip
_COMPLAINT_STATES: Final = {"new": N_("waits to be taken up"), "in_hand": N_("is dealt with"), "ended": N_("ended")}
COMPLAINTS: Final = View(
    "complaints", N_("Complaints and tips in my field"), N_("Formal complaints about results, and what people tell of projects, firms, experts and official acts."), "",
    f"""SELECT x.*, m.person_id AS assigned_id, coalesce(w.name, '') AS assigned FROM (
    SELECT t.id, t.number AS key, coalesce(p.title, o.name, q.code, e.kind, '') AS name, coalesce(p.region_code, o.region_code, '') AS region_code,
      t.number || ' ' || coalesce(p.number || ' ' || p.title, o.name || ' ' || o.code, q.code, '') AS text, t.about, 'tips' AS path,
      CASE WHEN t.answered_at IS NOT NULL OR t.withdrawn_at IS NOT NULL THEN 'ended' WHEN t.taken_at IS NOT NULL THEN 'in_hand' ELSE 'new' END AS state,
      t.told_at AS since, CASE WHEN t.answered_at IS NULL AND t.withdrawn_at IS NULL THEN coalesce(t.answer_due_at, t.take_up_due_at) END AS due_at,
      coalesce(h.name, '') AS authority, t.authority_id, t.id AS subject_id
    FROM tip t LEFT JOIN project p ON p.id = t.project_id LEFT JOIN organisation o ON o.id = t.accused_id
    LEFT JOIN agency a ON a.organisation_id = o.id LEFT JOIN expert q ON q.id = t.expert_id LEFT JOIN register_entry e ON e.id = t.act_id
    LEFT JOIN organisation h ON h.id = t.authority_id
    WHERE coalesce(t.authority_id, $7) = $7 AND t.accused_id IS DISTINCT FROM $7 AND t.told_by IS DISTINCT FROM $8
      AND {WATCHED_TIP}
    UNION ALL
    SELECT c.id, c.number, p.title, p.region_code, c.number || ' ' || p.title || ' ' || g.name, 'result', 'complaints',
      CASE WHEN c.decided_at IS NOT NULL OR c.refused_at IS NOT NULL OR c.withdrawn_at IS NOT NULL THEN 'ended'
        WHEN c.accepted_at IS NOT NULL THEN 'in_hand' ELSE 'new' END,
      c.filed_at, CASE WHEN coalesce(c.decided_at, c.refused_at, c.withdrawn_at) IS NULL THEN coalesce(c.decision_due_at, c.acceptance_due_at) END,
      coalesce(h.name, ''), c.authority_id, c.id
    FROM complaint c JOIN project p ON p.id = c.project_id JOIN organisation g ON g.id = c.complainant_id
    LEFT JOIN organisation h ON h.id = c.authority_id WHERE coalesce(c.authority_id, $7) = $7 AND {WATCHED_PROJECT}) x {_assigned("x")}""",
    "row.due_at NULLS LAST, row.since DESC, row.key",
    (
        Column("name", N_("Matter"), "name"), Column("about", N_("Kind"), "words", _ABOUT),
        Column("state", N_("State"), "words", _COMPLAINT_STATES), Column("since", N_("Came in"), "moment"), Column("due_at", N_("Due"), "moment"),
        Column("authority", N_("Handled by")), Column("assigned", N_("Assigned to")),
    ),
    (_by_column("state", N_("State"), _COMPLAINT_STATES), _by_column("about", N_("Kind"), _ABOUT)),
    "/{path}/{id}", ("take", "assign"),
)  # fmt: skip
VIEWS: Final[Mapping[str, View]] = {one.name: one for one in (FIRMS, PROJECTS, FLAGS, CASES, COMPLAINTS)}
