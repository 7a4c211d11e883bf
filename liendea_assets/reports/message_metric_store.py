"""Campaign performance: what became of the messages of a day, by campaign, step, variant, segment, industry, priority and channel.

The day of a message is that on which it went out, or the one it is planned for. What comes back later counts for the day of its message,
so that shares are shares of the same messages. Segment, industry and priority are those of the time when the message was first counted.
"""

from liendea_assets.reports.metric import Kind, Metric

_SINCE = "What comes back later counts for the day of the message."

# Metric → what it says. The columns of MESSAGES have the same names.
METRICS = tuple(
    Metric(name, sentence, unit, "channel, campaign, step, variant, segment, industry, priority", Kind.MESSAGES)
    for name, unit, sentence in (
        ("queued", "messages", "Messages written for the day, whatever became of them, but for cancelled ones."),
        ("sent", "messages", "Messages that went out, with those that the receiving server refused for good at once."),
        ("delivered", "messages", "Sent messages that did not bounce, as far as anybody told."),
        ("bounced", "messages", f"Sent messages that came back or were refused, hard or soft. {_SINCE}"),
        (
            "opened_unverified",
            "messages",
            "Sent messages whose picture somebody or something loaded, known robots left out; many programs load pictures by themselves.",
        ),
        ("clicked", "messages", "Sent messages with a link that was followed, but not by a robot."),
        ("replied_human", "messages", "Sent messages that a human answered; automatic answers, bounces and opt-outs do not count."),
        ("positive", "messages", "Sent e-mails that a human answered in a friendly way; LinkedIn answers carry no such note."),
        ("unsubscribed", "messages", "Sent messages whose recipient wants no more."),
        ("complained", "messages", "Sent messages that were reported as spam."),
        ("lost", "messages", "Sent messages that bounced or whose recipient wants no more, each once."),
        ("people_reached", "people", "People by the first message of a campaign that was delivered to them."),
        ("people_answered", "people", "Of those, people who answered any message of the campaign; robots do not count."),
    )
)

# One row per message, each figure as 0 or 1.
MESSAGES = """
    CREATE TEMP TABLE counted_messages AS
    WITH messages AS (
        SELECT
            l.id, l.campaign_id, l.contact_id, l.step, l.variant, l.outreach_type, l.status, l.sent_at, l.response_at, l.bounce,
            l.unsubscribed_at, l.complained_at, coalesce(substr(l.sent_at, 1, 10), l.planned_on) AS day,
            (l.sent_at IS NOT NULL AND l.status IN ('sent', 'responded')) OR l.bounce IS NOT NULL AS sent
        FROM outreach_log l
"""
OF_DUE_DAYS = " WHERE coalesce(substr(l.sent_at, 1, 10), l.planned_on) IN (SELECT day FROM temp.counted_days)"
FIGURES = """
    ), figures AS (
        SELECT
            m.*,
            m.sent AND m.bounce IS NULL AS delivered,
            m.sent AND CASE m.outreach_type
                WHEN 'email' THEN EXISTS (SELECT 1 FROM inbox_messages i WHERE i.outreach_log_id = m.id AND i.kind = 'human_reply')
                ELSE m.response_at IS NOT NULL
            END AS replied_human,
            m.sent AND m.bounce IS NULL AND NOT EXISTS (
                SELECT 1
                FROM outreach_log p
                WHERE p.campaign_id = m.campaign_id AND p.contact_id = m.contact_id AND p.step <> m.step
                    AND p.sent_at IS NOT NULL AND p.status IN ('sent', 'responded') AND p.bounce IS NULL
                    AND (p.sent_at < m.sent_at OR (p.sent_at = m.sent_at AND p.id < m.id))
            ) AS people_reached
        FROM messages m
    )
    SELECT
        f.day, f.campaign_id, f.step, f.variant, f.outreach_type, g.segment, g.industry, g.priority,
        f.status <> 'cancelled' AS queued,
        f.sent, f.delivered,
        f.bounce IS NOT NULL AS bounced,
        f.sent AND EXISTS (
            SELECT 1 FROM outreach_visits v WHERE v.outreach_log_id = f.id AND v.kind = 'open' AND v.is_robot = 0
        ) AS opened_unverified,
        f.sent AND EXISTS (
            SELECT 1 FROM outreach_visits v WHERE v.outreach_log_id = f.id AND v.kind = 'click' AND v.is_robot = 0
        ) AS clicked,
        f.replied_human,
        f.replied_human AND EXISTS (
            SELECT 1 FROM inbox_messages i WHERE i.outreach_log_id = f.id AND i.kind = 'human_reply' AND i.sentiment = 'positive'
        ) AS positive,
        f.sent AND f.unsubscribed_at IS NOT NULL AS unsubscribed,
        f.sent AND f.complained_at IS NOT NULL AS complained,
        f.sent AND (f.bounce IS NOT NULL OR f.unsubscribed_at IS NOT NULL) AS lost,
        f.people_reached,
        f.people_reached AND EXISTS (
            SELECT 1
            FROM outreach_log p
            WHERE p.campaign_id = f.campaign_id AND p.contact_id = f.contact_id
                AND p.sent_at IS NOT NULL AND p.status IN ('sent', 'responded')
                AND CASE p.outreach_type
                    WHEN 'email' THEN EXISTS (SELECT 1 FROM inbox_messages i WHERE i.outreach_log_id = p.id AND i.kind = 'human_reply')
                    ELSE p.response_at IS NOT NULL
                END
        ) AS people_answered
    FROM figures f
    JOIN metric_messages g ON g.outreach_log_id = f.id
"""

_SUMS = ", ".join(f"sum({metric.name}) AS {metric.name}" for metric in METRICS)
_NAMES = ", ".join(metric.name for metric in METRICS)

# Dimension → what names it in `named`, and the columns that it is grouped by.
_DIMENSIONS = {
    "all": ("'all'", ""),
    "channel": ("'channel: ' || m.outreach_type", "outreach_type"),
    "campaign": ("'campaign: ' || c.name", "campaign_id"),
    "step": ("'step: ' || c.name || ' / ' || coalesce(s.name, m.step)", "campaign_id, step"),
    "variant": ("'variant: ' || c.name || ' / ' || coalesce(s.name, m.step) || ' / ' || coalesce(m.variant, 'none')",
                "campaign_id, step, variant"),
    "segment": ("'segment: ' || m.segment", "segment"),
    "industry": ("'industry: ' || m.industry", "industry"),
    "priority": ("'priority: ' || m.priority", "priority"),
}  # fmt: skip
_STEP = " LEFT JOIN outreach_steps s ON s.campaign_id = m.campaign_id AND s.step = m.step"
_CAMPAIGN = " JOIN outreach_campaigns c ON c.id = m.campaign_id"


def _totals(dimension: str) -> str:
    name, columns = _DIMENSIONS[dimension]
    keys = f"day, {columns}" if columns else "day"
    joins = (_CAMPAIGN if "c.name" in name else "") + (_STEP if "s.name" in name else "")
    return f"SELECT {name} AS dimension, day, {_NAMES} FROM (SELECT {keys}, {_SUMS} FROM counted_messages GROUP BY {keys}) m{joins}"


# The same sums once more for each dimension, so that they agree by the way they are made.
TOTALS = "CREATE TEMP TABLE message_totals AS " + " UNION ALL ".join(_totals(dimension) for dimension in _DIMENSIONS)
ROWS = " UNION ALL ".join(
    f"SELECT '{metric.name}' AS metric, dimension, day, {metric.name} AS value FROM message_totals WHERE {metric.name} > 0"
    for metric in METRICS
)
