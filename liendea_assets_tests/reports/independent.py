"""The metrics once more, from the raw tables, with pandas: written apart from the queries, row by row where that is plainer."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from math import sqrt

import pandas as pd

from liendea_assets.db.connection import Database

Figures = dict[tuple[str, str, str], float]


def table(db: Database, name: str) -> pd.DataFrame:
    rows = [dict(row) for row in db.conn.execute(f"SELECT * FROM {name}")]
    columns = [column.name for column in db[name].columns]
    return pd.DataFrame(rows, columns=columns, dtype=object)


def known(value: object) -> bool:
    return value is not None and value == value


def message_figures(db: Database) -> Figures:
    """(metric, dimension, day) → value of what is counted of messages, with the groups as they are now."""
    log, letters, visits = table(db, "outreach_log"), table(db, "inbox_messages"), table(db, "outreach_visits")
    people = {row["contact_id"]: row for row in table(db, "enriched_contacts").to_dict("records")}
    scores = {row["contact_id"]: row["priority"] for row in table(db, "icp_score_rows").to_dict("records")}
    scores |= {row["contact_id"]: row["priority"] for row in table(db, "icp_targets").to_dict("records")}
    campaigns = {row["id"]: row["name"] for row in table(db, "outreach_campaigns").to_dict("records")}
    steps = {(row["campaign_id"], row["step"]): row["name"] for row in table(db, "outreach_steps").to_dict("records")}
    human = letters[letters["kind"] == "human_reply"]
    answered_ids, friendly_ids = set(human["outreach_log_id"]), set(human.loc[human["sentiment"] == "positive", "outreach_log_id"])
    seen = visits[visits["is_robot"] == 0]
    opened_ids, clicked_ids = (set(seen.loc[seen["kind"] == kind, "outreach_log_id"]) for kind in ("open", "click"))
    messages = log.sort_values(["sent_at", "id"], na_position="last").to_dict("records")
    was_sent = {m["id"]: (known(m["sent_at"]) and m["status"] in {"sent", "responded"}) for m in messages}
    counts_as_sent = {m["id"]: was_sent[m["id"]] or known(m["bounce"]) for m in messages}
    is_answered = {m["id"]: m["id"] in answered_ids if m["outreach_type"] == "email" else known(m["response_at"]) for m in messages}
    sequences_answered = {(m["campaign_id"], m["contact_id"]) for m in messages if was_sent[m["id"]] and is_answered[m["id"]]}
    reached: set[tuple[int, int]] = set()
    figures: defaultdict[tuple[str, str, str], float] = defaultdict(float)
    for m in messages:
        sequence, number, sent = (m["campaign_id"], m["contact_id"]), m["id"], counts_as_sent[m["id"]]
        delivered = was_sent[number] and not known(m["bounce"])
        is_first = delivered and sequence not in reached
        if is_first:
            reached.add(sequence)
        figure = {
            "queued": m["status"] != "cancelled",
            "sent": sent,
            "delivered": delivered,
            "bounced": known(m["bounce"]),
            "opened_unverified": sent and number in opened_ids,
            "clicked": sent and number in clicked_ids,
            "replied_human": sent and is_answered[number],
            "positive": sent and is_answered[number] and number in friendly_ids,
            "unsubscribed": sent and known(m["unsubscribed_at"]),
            "complained": sent and known(m["complained_at"]),
            "lost": sent and (known(m["bounce"]) or known(m["unsubscribed_at"])),
            "people_reached": is_first,
            "people_answered": is_first and sequence in sequences_answered,
        }
        person = people.get(m["contact_id"], {})
        campaign = campaigns[m["campaign_id"]]
        step = f"{campaign} / {steps.get((m['campaign_id'], m['step']), m['step'])}"
        dimensions = [
            "all",
            f"channel: {m['outreach_type']}",
            f"campaign: {campaign}",
            f"step: {step}",
            f"variant: {step} / {m['variant'] if known(m['variant']) else 'none'}",
            f"segment: {person.get('gtm_segment') if known(person.get('gtm_segment')) else 'unknown'}",
            f"industry: {person.get('industry') if known(person.get('industry')) else 'unknown'}",
            f"priority: {scores.get(m['contact_id'], 'unknown')}",
        ]
        day = m["sent_at"][:10] if known(m["sent_at"]) else m["planned_on"]
        for name, is_counted in figure.items():
            for dimension in dimensions if is_counted else ():
                figures[name, dimension, day] += 1
    return dict(figures)


def level_figures(db: Database, now: datetime, messages: Figures) -> Figures:
    """(metric, dimension, '') → value of how things stand."""
    moment = now.strftime("%Y-%m-%d %H:%M:%S.%f")
    everybody = table(db, "contacts")
    ids = set(everybody.loc[everybody["merged_into"].isna() & (everybody["is_owner"] == 0), "id"])
    values = {row["contact_id"]: row for row in table(db, "enriched_contacts").to_dict("records")}
    answers = table(db, "contact_enrichment").to_dict("records")
    found = {a["contact_id"] for a in answers if a["outcome"] == "hit" and known(a["expires_at"])}
    asked = {a["contact_id"] for a in answers if known(a["expires_at"]) and a["expires_at"] > moment}
    newest: dict[int, str] = {}
    for answer in answers:
        if answer["outcome"] == "hit":
            newest[answer["contact_id"]] = max(newest.get(answer["contact_id"], ""), answer["answered_at"])
    scores = {row["contact_id"]: row for row in table(db, "icp_score_rows").to_dict("records") if row["contact_id"] in ids}
    targets = {row["contact_id"]: row["status"] for row in table(db, "icp_targets").to_dict("records") if row["contact_id"] in ids}
    log = table(db, "outreach_log")
    figures: dict[tuple[str, str], float] = {}

    def value(contact: int, field: str) -> object:
        return values.get(contact, {}).get(field)

    def total(name: str, dimension: str = "all") -> float:
        return sum(figure for (metric, of, _), figure in messages.items() if (metric, of) == (name, dimension))

    def count(metric: str, dimensions: list[str]) -> None:
        figures.update({(metric, dimension): number for dimension, number in Counter(dimensions).items()})

    def segment(contact: int) -> str:
        return str(value(contact, "gtm_segment")) if known(value(contact, "gtm_segment")) else "unknown"

    def band(score: int) -> str:
        low = min(score // 10 * 10, 90)
        return f"{low:02d}–{100 if low == 90 else low + 9}"

    queued = log[log["status"] == "queued"]
    figures["funnel", "1 contacts"] = len(ids)
    figures["funnel", "2 enriched"] = len(ids & found)
    figures["funnel", "3 with e-mail"] = sum(known(value(one, "work_email")) for one in ids)
    figures["funnel", "4 targets"] = len(targets)
    figures["funnel", "5 e-mails queued"] = int((queued["outreach_type"] == "email").sum())
    figures["funnel", "6 LinkedIn listed"] = int((queued["outreach_type"] == "linkedin_message").sum())
    figures["funnel", "7 reached"], figures["funnel", "8 answered"] = total("people_reached"), total("people_answered")
    files = table(db, "import_files")
    for verdict in ("imported", "merged", "rejected", "blank", "pending"):
        figures["source_rows", verdict] = int(files[verdict].sum())
    count("enrichment", [f"{a['source']} {a['outcome']}" for a in answers])
    figures["enrichment", "not asked yet"] = len(ids - asked)
    groups = {"all": ids, "targets": set(targets)} | {
        f"segment: {name}": {one for one in ids if segment(one) == name} for name in map(segment, ids)
    }
    figures |= {("enriched_share", name): len(group & found) / len(group) for name, group in groups.items() if group}
    figures |= {("score_distribution", band(low)): 0.0 for low in range(0, 100, 10)}
    count("score_distribution", [band(row["icp_score"]) for row in scores.values()])
    count("scores_by_segment", [f"segment: {segment(one)} / {band(row['icp_score'])}" for one, row in scores.items()])
    count("priorities", [str(row["priority"]) for row in scores.values()])
    count("targets", list(targets.values()))
    calls = table(db, "rate_limit_tracking").to_dict("records")
    count("calls", [f"{call['service']}/{s}" for call in calls for s in (60, 3_600, 86_400)
                    if call["timestamp"] > (now - timedelta(seconds=s)).strftime("%Y-%m-%d %H:%M:%S.%f")])  # fmt: skip
    for limit in table(db, "rate_limit_usage").to_dict("records"):
        name = "/".join(str(limit[part]) for part in ("service", "action_type", "seconds") if limit[part])
        figures |= {
            ("limit_used", name): limit["used"],
            ("limit_allowed", name): limit["requests"],
            ("limit_violations", name): limit["violations"],
        }
    names = {row["id"]: row["name"] for row in table(db, "outreach_campaigns").to_dict("records")}
    count("not_queued", [f"{names[row['campaign_id']]}: {row['reason']}" for row in table(db, "outreach_exclusions").to_dict("records")])
    for field in ("work_email", "title", "company_name", "company_domain", "industry", "employee_count", "revenue_range", "country",
                  "linkedin_url", "gtm_segment"):  # fmt: skip
        if ids:
            figures["completeness", field] = sum(known(value(one, field)) for one in ids) / len(ids)
    if ids:
        figures["completeness", "phone"] = sum(known(value(one, "work_phone")) or known(value(one, "mobile_phone")) for one in ids) / len(
            ids
        )
    addressed = [one for one in ids if known(value(one, "work_email"))]
    count("email_validity", [str(value(one, "email_status")) if known(value(one, "email_status")) else "unknown" for one in addressed])
    reviews = table(db, "merge_reviews")
    for entity in ("contact", "company"):
        figures["duplicates_under_review", entity] = int((reviews["entity"] == entity).sum())
    count("age_of_values", [_age(newest.get(one), now) for one in ids])
    rates = {dimension for name, dimension, _ in messages if name == "people_reached"}
    for dimension in rates:
        answered, cases = total("people_answered", dimension), total("people_reached", dimension)
        figures["response_rate", dimension] = answered / cases
        figures["response_rate_low", dimension], figures["response_rate_high", dimension] = _wilson(answered, cases)
    return {(metric, dimension, ""): float(figure) for (metric, dimension), figure in figures.items()}


def _age(answered_at: str | None, now: datetime) -> str:
    if answered_at is None:
        return "never answered"
    months = (now.year - int(answered_at[:4])) * 12 + now.month - int(answered_at[5:7])
    return next(
        (name for most, name in ((0, "this month"), (3, "1–3 months"), (6, "4–6 months"), (12, "7–12 months")) if months <= most),
        "over 12 months",
    )


def _wilson(hits: float, cases: float) -> tuple[float, float]:
    """As the roots of the quadratic equation that the interval is defined by."""
    z2, share = 1.959963984540054**2, hits / cases
    a, b, c = 1 + z2 / cases, -(2 * share + z2 / cases), share * share
    root = sqrt(max(b * b - 4 * a * c, 0.0))
    return (-b - root) / (2 * a), (-b + root) / (2 * a)
